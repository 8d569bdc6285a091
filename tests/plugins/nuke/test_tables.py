"""The plugin's source against two tables taken from real Nukes: calls, argument counts, nodes, knobs, values.

What a run through the stand-in proves line by line, this proves for lines no scenario reaches.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "plugins" / "nuke" / "sparkvsr_nuke"
TABLES = ROOT / "tests" / "data" / "nuke"
API = json.loads((TABLES / "nuke_api_15.0v1.json").read_text("utf-8"))["api"]
NODES = json.loads((TABLES / "nuke_nodes_17.0v3.json").read_text("utf-8"))["nodes"]
FILES = sorted([*PACKAGE.rglob("*.py"), PACKAGE.parent / "init.py", PACKAGE.parent / "menu.py"])
# Constants and classes without an entry in the table, from the NDK's headers and Foundry's reference.
CONSTANTS = {"GUI", "DISABLED", "INVISIBLE", "STARTLINE", "NUKE_VERSION_STRING", "EXE_PATH", "env", "nodes"}
# Foundry's page of Project Settings; the root is in no table.
ROOT_KNOBS = {
    "name", "project_directory", "colorManagement", "OCIO_config", "OCIOConfig", "customOCIOConfigPath",
    "OCIOConfigPath", "workingSpaceLUT",
}  # fmt: skip
THREADS = {"executeInMainThread", "executeInMainThreadWithResult"}


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in FILES:
        yield path, ast.parse(path.read_text("utf-8"))


def nuke_attributes(tree: ast.AST) -> Iterator[ast.Attribute]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "nuke":
            yield node


def is_allowed(count: int, entry: Any) -> bool:
    return entry is None or entry[0] <= count <= entry[1]


def test_every_name_of_nuke_is_in_the_table():
    strange = [
        f"{path.name}:{node.lineno} nuke.{node.attr}"
        for path, tree in trees()
        for node in nuke_attributes(tree)
        if node.attr not in API["nuke"] and node.attr not in API and node.attr not in CONSTANTS
    ]
    assert strange == []


def test_every_call_of_nuke_has_a_number_of_arguments_it_takes():
    wrong = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            target = node.func
            if not (isinstance(target.value, ast.Name) and target.value.id == "nuke"):
                continue
            if any(isinstance(item, ast.Starred) for item in node.args):
                continue
            count = len(node.args) + len(node.keywords)
            entry = API["nuke"].get(target.attr) or API.get(target.attr, {}).get("__init__")
            if not is_allowed(count, entry):
                wrong.append(f"{path.name}:{node.lineno} nuke.{target.attr} with {count}, takes {entry}")
    assert wrong == []


def test_no_thread_ever_calls_nuke_through_its_main_thread_functions():
    used = [node.attr for _, tree in trees() for node in nuke_attributes(tree) if node.attr in THREADS]
    assert used == []


def test_every_node_that_is_made_is_a_class_of_nuke():
    classes = {
        node.attr
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "nodes"
    }
    assert classes
    assert classes - set(NODES) == set()


def own_knobs() -> set[str]:
    from sparkvsr_nuke.node.knob_specs import KNOBS

    return {spec.name for spec in KNOBS}


def test_every_knob_that_is_named_belongs_to_a_node():
    every = {name for node in NODES.values() for name in node["knobs"]} | ROOT_KNOBS | own_knobs()
    # `copy[f"{side}{place}"]` is from0..to3; the state's own dictionaries are named by their variable.
    dictionaries = {"values", "texts", "_labels", "_sent"}
    strange = [
        f"{path.name}:{node.lineno} {node.slice.value}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
        and not (isinstance(node.value, ast.Name) and node.value.id in dictionaries)
        and not (isinstance(node.value, ast.Attribute) and node.value.attr == "env")
        and node.slice.value not in every
        and node.slice.value not in {"x", "y", "r", "t"}
    ]
    assert strange == []


def enumeration_values(entry: list[Any]) -> set[str]:
    return {value.split("\t")[0] for value in entry[1]} if len(entry) > 1 else set()


@pytest.mark.parametrize(
    ("node", "knob", "value"),
    [
        ("Read", "localizationPolicy", "off"),
        ("Read", "frame_mode", "expression"),
        ("Read", "frame_mode", "start at"),
        ("Read", "frame_mode", "offset"),
        ("Copy", "metainput", "B"),
        ("Copy", "bbox", "A"),
        ("Merge2", "operation", "difference"),
        ("Reformat", "type", "to format"),
        ("Reformat", "type", "scale"),
        ("Reformat", "resize", "distort"),
        ("Reformat", "filter", "cubic"),
        ("Write", "file_type", "exr"),
        ("Write", "on_error", "error"),
    ],
)
def test_every_value_of_an_enumeration_is_one_nuke_has(node: str, knob: str, value: str):
    assert value in enumeration_values(NODES[node]["knobs"][knob])


def test_the_order_of_on_error_is_the_one_the_expression_counts_on():
    assert NODES["Read"]["knobs"]["on_error"][1][:2] == ["error", "black"]


def test_the_modes_of_a_read_are_those_the_mapping_follows():
    from sparkvsr_nuke.footage.frame_mapping import MODES, OUTSIDE

    assert tuple(NODES["Read"]["knobs"]["frame_mode"][1]) == MODES
    for side in ("before", "after"):
        assert tuple(NODES["Read"]["knobs"][side][1]) == OUTSIDE


@pytest.mark.parametrize("name", ["nuke_call", "argument_count", "thread"])
def test_a_planted_mistake_is_seen(name: str):
    source = {
        "nuke_call": "nuke.selectNodes()",
        "argument_count": "nuke.execute()",
        "thread": "nuke.executeInMainThread(print)",
    }[name]
    attribute = next(nuke_attributes(ast.parse(source)))
    if name == "nuke_call":
        assert attribute.attr not in API["nuke"]
    elif name == "argument_count":
        assert not is_allowed(0, API["nuke"]["execute"])
    else:
        assert attribute.attr in THREADS
