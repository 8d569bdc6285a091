"""Trust per frame as text and as colours along a strip."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.hosts.trust import packed, trust_bars, unpacked, weakest

TRUST = st.dictionaries(st.integers(1, 60), st.floats(0, 1))


@given(TRUST)
def test_trust_outlives_being_kept_as_text(trust: dict[int, float]):
    result = unpacked(packed(trust, 1, 60))
    assert len(result) == 60
    for frame, item in enumerate(result, 1):
        assert item == (pytest.approx(trust[frame], abs=0.006) if frame in trust else None)


@given(TRUST, st.integers(1, 80))
def test_stretches_stay_inside_the_strip_and_do_not_overlap(trust: dict[int, float], most: int):
    result = trust_bars(unpacked(packed(trust, 1, 60)), 100, 110, 150, most)
    assert len(result) <= most
    assert all(110 <= item.start < item.stop <= 150 for item in result)
    assert all(before.stop <= after.start for before, after in itertools.pairwise(result))


def test_the_weakest_frame_is_named():
    result = weakest([None, 0.75, 0.25, 0.5])
    assert result is not None
    assert (result.mean, result.index, result.least) == (0.5, 2, 0.25)
    assert weakest([None, None]) is None
