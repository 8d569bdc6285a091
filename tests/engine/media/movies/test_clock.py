"""Times of a file made to rise, without moving one that is good."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.media.movies.frame_index.clock import settled_times
from tests.compatibility.claims import covers


@pytest.mark.parametrize(
    ("times", "settled", "shifts"),
    [
        ([0, 40, 80, 120], [0, 40, 80, 120], ()),
        ([100, 140, None, 220], [100, 140, 180, 220], ()),
        ([None, None, 80, 120], [0, 40, 80, 120], ()),
        ([0, 40, 40, 120, 160], [0, 40, 80, 120, 160], ()),
        # A pause stays a pause, the doubled stamp after it goes where it belongs.
        ([0, 40, 840, 840, 920], [0, 40, 840, 880, 920], ()),
        ([0, 40, 80, 120, 160, 0, 40, 80], [0, 40, 80, 120, 160, 200, 240, 280], (200,)),
        ([900, 940, 980, 1020, 100, 140, 0, 40], [900, 940, 980, 1020, 1060, 1100, 1140, 1180], (960, 1140)),
        ([None, None, None], [0, 40, 80], ()),
        ([-80, -40, 0], [-80, -40, 0], ()),
    ],
)
def test_times_are_settled(times, settled, shifts):
    result = settled_times(times, 40)
    assert result.times.tolist() == settled
    assert result.shifts == shifts


@covers(
    "kinds of movies",
    "Starts and clocks",
    variants="any sequence of times, missing, doubled, falling",
    result="times rise",
)
@given(
    st.lists(st.one_of(st.none(), st.integers(-1000, 100_000)), min_size=1, max_size=60), st.integers(1, 500)
)
def test_whatever_comes_times_rise(times, step):
    result = settled_times(times, step)
    assert len(result.times) == len(times)
    assert (np.diff(result.times) > 0).all()


@given(st.lists(st.integers(1, 900), min_size=1, max_size=60), st.integers(-5000, 5000), st.integers(1, 500))
def test_good_times_are_never_moved(steps, start, step):
    times = [start, *(start + np.cumsum(steps)).tolist()]
    result = settled_times(times, step)
    assert result.times.tolist() == times
    assert result.shifts == ()
