"""The stand-in's surface is Resolve's: no call of its own, no other arguments, each in its versions."""

from __future__ import annotations

import inspect
import re

import pytest

from scripts import resolve_types
from tests.fakes.resolve import calls, project
from tests.fakes.resolve.items import TimelineItem
from tests.fakes.resolve.pool import Folder, MediaPool, MediaPoolItem
from tests.fakes.resolve.timeline import Timeline
from tests.plugins.davinci.conftest import PLUGIN

NEWEST = (21, 0, 4)
CLASSES = (
    project.Resolve,
    project.ProjectManager,
    project.Project,
    MediaPool,
    Folder,
    MediaPoolItem,
    Timeline,
    TimelineItem,
)


def calls_in(cls: type) -> dict[str, inspect.Signature]:
    members = inspect.getmembers(cls, inspect.isfunction)
    return {name: inspect.signature(member) for name, member in members if name[0].isupper()}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_call_is_one_of_resolves_and_takes_its_arguments(cls: type):
    table = calls.entries_of(NEWEST, cls.__name__)
    for name, signature in calls_in(cls).items():
        if name == "GetUniqueId" and name not in table:
            continue  # of the class all others are made from
        assert name in table, f"{cls.__name__}.{name} is none of Resolve's"
        parameters = list(signature.parameters.values())[1:]
        needed = [parameter for parameter in parameters if parameter.default is inspect.Parameter.empty]
        least, most = table[name]
        assert len(needed) <= least or len(needed) <= most, name
        assert len(parameters) <= most, f"{cls.__name__}.{name} takes more than Resolve's"


def test_older_versions_have_fewer_calls():
    assert "GetSourceStartFrame" not in calls.names_of((18, 6), "TimelineItem")
    assert "GetMarkInOut" not in calls.names_of((18, 6), "Timeline")
    assert "GetSelectedClips" not in calls.names_of((21, 0, 0), "Timeline")
    assert "GetSelectedClips" in calls.names_of(NEWEST, "Timeline")


def test_every_call_of_the_plugin_is_in_the_stand_in_or_is_not_needed():
    """A call the scenarios never make would be one nobody tried."""
    source = "\n".join(path.read_text("utf-8") for path in (PLUGIN / "sparkvsr_resolve").rglob("*.py"))
    used = set(
        re.findall(
            r"\.((?:Get|Set|Add|Delete|Is|Load|Start|Stop|Save|Select|Import|Export|Copy|Append)[A-Z]\w+)\(",
            source,
        )
    )
    called = {name for cls in CLASSES for name in calls_in(cls)} | {"GetUniqueId"}
    assert sorted(used - called) == []


def test_calls_newer_than_all_stubs_are_listed_with_their_readme():
    from sparkvsr_resolve.host_process import newer

    listed = {f"{kind}.{name}" for kind, names in calls.NEWER.items() for name in names}
    assert listed == set(newer.NEWER_THAN_STUBS)
    assert all("README of 24 Jul 2026" in text for text in newer.NEWER_THAN_STUBS.values())


def test_calls_that_18_6_lacks_are_listed():
    from sparkvsr_resolve.host_process import newer

    for text in newer.SINCE_19:
        kind, _, name = text.partition(".")
        assert name not in calls.names_of((18, 6), kind)
        assert name in calls.names_of((20, 2), kind)


def set_up() -> None:
    if not resolve_types.is_set_up():
        pytest.skip("NOT CHECKED: no stubs here; python scripts/resolve_types.py sets them up")


def test_the_table_is_that_of_the_stubs():
    set_up()
    assert calls.table() == {version: resolve_types.calls_of(version) for version in resolve_types.VERSIONS}


@pytest.mark.slow
@pytest.mark.parametrize("version", resolve_types.VERSIONS)
def test_the_plugin_is_typed_strictly_against_the_stubs(version: str):
    set_up()
    done = resolve_types.check(version)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "item.GetStart(False)",  # 18.6 takes no argument
        "timeline.GetSelectedClips()",  # in no stubs
        "item.AddTake(clip)",  # where it starts and ends
        "clip.SetClipProperty('FPS')",
        "timeline.AddMarkers(1)",
    ],
)
def test_a_wrong_call_is_refused_by_the_stand_in(line: str):
    name, _, arguments = line.partition("(")
    owner, _, call = name.partition(".")
    kind = {"item": "TimelineItem", "timeline": "Timeline", "clip": "MediaPoolItem"}[owner]
    count = len([argument for argument in arguments.rstrip(")").split(",") if argument])
    names = calls.names_of((18, 6), kind)
    if call in names and line != "item.AddTake(clip)":
        assert calls.wrong_count((18, 6), kind, call, count)
    elif call in names:
        # Resolve takes it and adds the whole medium.
        assert not calls.wrong_count((18, 6), kind, call, count)
    else:
        assert call not in names
