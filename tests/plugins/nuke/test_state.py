"""What a node remembers survives the script, and a copy is distinguished from its original."""

from __future__ import annotations

import dataclasses

import pytest
from sparkvsr_nuke.node.state import NodeState, Version, ViewJob, from_knob, is_copy, new_state
from sparkvsr_nuke.node.tcl_text import to_hex

VERSION = Version(
    3, "/p/ü [a]/s_v003.%V.%04d.exr", (ViewJob("left", "job1", 1, "running", "{}"),), (3840, 2160, 2.0),
    "abc", "path def", "path", "Read by path.",
)  # fmt: skip


def test_a_state_comes_back_as_it_was():
    state = NodeState("token", "SparkVSR1", (VERSION,))
    text = state.to_knob()
    assert text.isascii()
    assert from_knob(text, "other") == state
    assert from_knob("", "SparkVSR9").name == "SparkVSR9"


def test_versions_stay_in_order_and_replace_their_own():
    state = new_state("a").with_version(VERSION).with_version(dataclasses.replace(VERSION, number=1))
    assert [item.number for item in state.versions] == [1, 3]
    ended = dataclasses.replace(VERSION, jobs=(dataclasses.replace(VERSION.jobs[0], state="finished"),))
    assert state.with_version(ended).version(3) == ended
    assert state.latest == VERSION


@pytest.mark.parametrize("text", ["no hex", to_hex("[]"), to_hex('{"token": "a"}'), to_hex("not json")])
def test_a_state_of_another_kind_is_an_error(text: str):
    with pytest.raises(ValueError, match=r".+"):
        from_knob(text, "a")


def test_copies_are_distinguished_from_originals():
    state = NodeState("token", "SparkVSR1")
    assert not is_copy(state, "SparkVSR1", ["SparkVSR2"])
    assert is_copy(state, "SparkVSR2", ["SparkVSR1"])
    assert not is_copy(state, "Renamed", [])
