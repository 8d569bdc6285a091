"""A dictionary that forgets what was used longest ago."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.storage.bounded_dict import BoundedDict


def test_the_value_used_longest_ago_goes_and_is_handed_over():
    removed: list[str] = []
    values = BoundedDict[int, str](2, removed.append)
    values.put(1, "one")
    values.put(2, "two")
    assert values.get(1) == "one"
    assert values.put(3, "three") == "three"
    assert removed == ["two"]
    assert values.get(2) is None
    assert 1 in values
    assert 2 not in values


def test_clearing_hands_over_every_value():
    removed: list[str] = []
    values = BoundedDict[int, str](2, removed.append)
    values.put(1, "one")
    values.put(2, "two")
    values.clear()
    assert removed == ["one", "two"]
    assert len(values) == 0


def test_a_value_is_made_once_while_it_is_kept():
    values = BoundedDict[int, str](1)
    assert values.get_or_make(1, lambda: "one") == "one"
    assert values.get_or_make(1, lambda: "another") == "one"
    assert values.get_or_make(2, lambda: "two") == "two"
    assert 1 not in values


def test_a_dictionary_of_nothing_keeps_nothing():
    values = BoundedDict[int, str](0)
    assert values.put(1, "one") == "one"
    assert values.get(1) is None


@given(st.integers(1, 4), st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=40))
def test_it_holds_those_used_latest(most: int, uses: list[tuple[bool, int]]):
    values = BoundedDict[int, int](most)
    latest: list[int] = []
    for is_put, key in uses:
        if is_put:
            values.put(key, key)
        elif values.get(key) is None:
            continue
        latest = [item for item in latest if item != key] + [key]
        latest = latest[-most:]
    assert [key for key in range(6) if key in values] == sorted(latest)
