"""What is stored under alpha 0 is nobody's colour."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.pictures.bleeding import bled
from tests.compatibility.claims import covers

ROWS, COLUMNS = np.mgrid[0:48, 0:64].astype(np.float32)
DISC = np.clip(14 - np.hypot(COLUMNS - 31.5, ROWS - 23.5) + 0.5, 0, 1)
SPECKS = (np.random.default_rng(1).random((48, 64)) > 0.98).astype(np.float32)


@pytest.mark.parametrize("under", [(0, 0, 0), (1, 1, 1), (0, 1, 0), (5, -1, 0.5)])
@pytest.mark.parametrize("alpha", [DISC, SPECKS, 1 - DISC], ids=["disc", "specks", "hole"])
def test_one_colour_over_anything_is_that_colour_everywhere(under, alpha):
    orange = np.array((1, 0.6, 0.1), np.float32)
    stored = np.where(alpha[..., None] > 0, orange, np.float32(under)).astype(np.float32)
    assert np.allclose(bled(stored, alpha), orange, atol=1e-5)


def test_what_is_seen_stays_as_it_is():
    picture = np.random.default_rng(2).random((48, 64, 3)).astype(np.float32)
    result = bled(picture, DISC)
    assert np.array_equal(result[DISC > 0], picture[DISC > 0])
    assert result[DISC == 0].min() >= picture[DISC > 0].min() - 1e-6


@pytest.mark.parametrize("alpha", [np.ones((48, 64), np.float32), np.zeros((48, 64), np.float32)])
def test_all_or_nothing_is_left_alone(alpha):
    picture = np.random.default_rng(2).random((48, 64, 3)).astype(np.float32)
    assert bled(picture, alpha) is picture


@covers(
    "kinds of pictures",
    "H. Straight alpha",
    variants="any alpha over any colours, of any size",
    result="what is seen stays to the bit; under alpha 0 lie colours within the range of what is seen",
)
@given(
    height=st.integers(1, 24),
    width=st.integers(1, 24),
    seed=st.integers(0, 10**6),
    share=st.floats(0.02, 0.98),
)
def test_nothing_but_what_is_seen_is_spread(height, width, seed, share):
    rng = np.random.default_rng(seed)
    picture = (rng.random((height, width, 3)) * 5 - 1).astype(np.float32)
    alpha = np.where(rng.random((height, width)) < share, rng.random((height, width)), 0).astype(np.float32)
    result, is_seen = bled(picture, alpha), alpha > 0
    assert np.array_equal(result[is_seen], picture[is_seen])
    if is_seen.any():
        low, high = picture[is_seen].min(axis=0) - 1e-3, picture[is_seen].max(axis=0) + 1e-3
        assert ((result >= low) & (result <= high)).all()
