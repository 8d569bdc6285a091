"""Trust per frame as text and as colours along a strip."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.hosts.trust import packed, stretches, unpacked, weakest

TRUST = st.dictionaries(st.integers(1, 60), st.floats(0, 1))


@given(TRUST)
def test_trust_outlives_being_kept_as_text(trust: dict[int, float]):
    found = unpacked(packed(trust, 1, 60))
    assert len(found) == 60
    for frame, one in enumerate(found, 1):
        assert one == (pytest.approx(trust[frame], abs=0.006) if frame in trust else None)


@given(TRUST, st.integers(1, 80))
def test_stretches_stay_inside_the_strip_and_do_not_overlap(trust: dict[int, float], most: int):
    found = stretches(unpacked(packed(trust, 1, 60)), 100, 110, 150, most)
    assert len(found) <= most
    assert all(110 <= one.start < one.stop <= 150 for one in found)
    assert all(before.stop <= after.start for before, after in itertools.pairwise(found))


def test_the_weakest_frame_is_named():
    found = weakest([None, 0.75, 0.25, 0.5])
    assert found is not None
    assert (found.mean, found.index, found.least) == (0.5, 2, 0.25)
    assert weakest([None, None]) is None
