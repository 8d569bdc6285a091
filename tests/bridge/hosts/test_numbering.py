"""File names of an image strip as one numbered run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.hosts.numbering import number_in_name, numbered_run


@given(st.integers(0, 99000), st.integers(1, 30), st.integers(1, 6))
def test_a_run_names_its_own_files(first: int, count: int, digits: int):
    names = [f"sh010_v2_{number:0{digits}d}.exr" for number in range(first, first + count)]
    run = numbered_run(names)
    assert run is not None
    assert run.first == first
    assert [run.name_of(first + index) for index in range(count)] == names


@pytest.mark.parametrize(
    "names",
    [
        ["a.0001.png", "a.0003.png"],
        ["a.0002.png", "a.0001.png"],
        ["a.0001.png", "b.0002.png"],
        ["a.0001.png", "a.0002.jpg"],
        ["one.png", "two.png"],
        ["100%_0001.png", "100%_0002.png"],
        ["a#0001.png", "a#0002.png"],
        [],
    ],
)
def test_what_is_no_run_is_none(names: list[str]):
    assert numbered_run(names) is None


def test_a_single_picture_without_a_number_is_itself():
    run = numbered_run(["still.png"])
    assert run is not None
    assert run.name_of(0) == "still.png"


def test_the_last_number_in_a_name_counts():
    assert number_in_name("sh010_face.0132.png") == 132
    assert number_in_name("face.png") is None
