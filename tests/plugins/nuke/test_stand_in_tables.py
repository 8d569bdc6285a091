"""The stand-in against the two tables of real Nukes: nothing invented, nothing counted otherwise."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from tests.fakes.nuke import tables
from tests.fakes.nuke.additions import ADDED_NODES, FILE_TYPE_KNOBS
from tests.fakes.nuke.contract import SPECIAL
from tests.fakes.nuke.creation import new_node
from tests.fakes.nuke.module import functions
from tests.fakes.nuke.refusals import take_refusals

NODE_CLASSES = sorted(set(tables.node_table()) - {"Root", "Preferences"})


def classes(nuke: Any) -> dict[str, type]:
    return {
        name: member
        for name, member in vars(nuke).items()
        if isinstance(member, type) and name in tables.api_classes()
    }


def test_the_tables_are_those_of_real_nukes():
    assert len(tables.node_table()) - len(ADDED_NODES) == 55
    assert len(tables.api_classes()) == 109
    assert (
        sum(len(tables._api()["api"][name]) for name in tables.api_classes()) == 1171 + 2
    )  # two were missing


@pytest.mark.parametrize("node_class", NODE_CLASSES)
def test_a_node_has_exactly_the_knobs_of_the_table(nuke: Any, node_class: str):
    node = new_node(node_class, nuke.root())
    table = tables.node_table()[node_class]["knobs"]
    added = {name for knobs in FILE_TYPE_KNOBS.get(node_class, {}).values() for name in knobs}
    assert set(node.knobs()) - added == set(table)
    for name, spec in table.items():
        knob = node._knobs[name]
        assert knob.Class() == spec[0], name
        if spec[0] == "Enumeration_Knob" and len(spec) > 1 and node_class != "OneView":
            assert knob.values() == spec[1], name
    if node_class not in ("Group", "LiveGroup", "VariableGroup"):
        assert (node.minInputs(), node.maxInputs()) == tables.inputs_of(node_class)


@pytest.mark.parametrize("node_class", NODE_CLASSES)
def test_a_choice_takes_each_value_of_the_table_and_no_other(strict_nuke: Any, node_class: str):
    node = new_node(node_class, strict_nuke.root())
    for name, spec in tables.node_table()[node_class]["knobs"].items():
        if spec[0] != "Enumeration_Knob" or len(spec) < 2 or node_class == "OneView":
            continue
        for item in spec[1]:
            node._knobs[name].setValue(item.split("\t")[0])
            assert node._knobs[name].value() == item.split("\t")[0]
        with pytest.raises(TypeError, match="no value"):
            node._knobs[name].setValue("no such value")
    take_refusals()


def test_every_function_is_one_of_nukes_and_is_counted_as_nuke_counts(strict_nuke: Any):
    assert len(functions()) > 120
    for name, entry in tables.functions().items():
        if name not in functions() or entry is None:
            continue
        least, most, _ = entry
        if least:
            with pytest.raises(TypeError, match="takes"):
                getattr(strict_nuke, name)(*[None] * (least - 1))
        with pytest.raises(TypeError, match="takes"):
            getattr(strict_nuke, name)(*[None] * (most + 1))


def test_every_counted_call_of_the_table_fits_the_function_behind_it():
    """A count the table allows must reach the stand-in's own code, else it would refuse what Nuke takes."""
    refused = [
        f"nuke.{name} with {count} arguments"
        for name, function in functions().items()
        for count in (tables.functions()[name] or [])[:2]
        if not accepts(function, count)
    ]
    assert refused == []


def test_every_method_is_one_of_nukes(nuke: Any):
    invented = [
        f"{name}.{method}"
        for name, cls in classes(nuke).items()
        for method, member in vars(cls).items()
        if callable(member) and not method.startswith("_") and not tables.entry_of(name, method)[0]
    ]
    assert invented == []


def test_every_method_takes_the_counts_of_the_table(nuke: Any):
    refused = [
        f"{name}.{method} with {count} arguments"
        for name, cls in classes(nuke).items()
        for method in dir(cls)
        if not method.startswith("_") or method in SPECIAL
        for count in (tables.entry_of(name, method)[1] or [])[:2]
        if (original := getattr(getattr(cls, method), "__wrapped__", None)) is not None
        and not accepts(original, count + 1)
    ]
    assert refused == []


def test_bases_are_those_of_the_table(nuke: Any):
    missing = [
        f"{name} is no {base}"
        for name, cls in classes(nuke).items()
        for base in tables.lineage(name)[1:]
        if base in classes(nuke) and base not in [item.__name__ for item in cls.__mro__]
    ]
    assert missing == []


def test_what_nuke_lacks_is_no_attribute(nuke: Any):
    with pytest.raises(AttributeError):
        _ = nuke.getSparkNodes
    with pytest.raises(AttributeError):
        _ = nuke.root().frames  # type: ignore[attr-defined]


def accepts(function: Any, count: int) -> bool:
    """Whether a function can be called with so many arguments by position."""
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        return False
    return True
