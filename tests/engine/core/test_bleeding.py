"""What is stored under alpha 0 is nobody's colour."""

import numpy as np
import pytest

from sparkvsr_engine.core.bleeding import bled

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
    found = bled(picture, DISC)
    assert np.array_equal(found[DISC > 0], picture[DISC > 0])
    assert found[DISC == 0].min() >= picture[DISC > 0].min() - 1e-6


@pytest.mark.parametrize("alpha", [np.ones((48, 64), np.float32), np.zeros((48, 64), np.float32)])
def test_all_or_nothing_is_left_alone(alpha):
    picture = np.random.default_rng(2).random((48, 64, 3)).astype(np.float32)
    assert bled(picture, alpha) is picture
