"""Where a frame shows what is painted on a keyframe: as one thing, and not where it is hidden or gone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparkvsr_engine.models.lite.painted.region import Region
from sparkvsr_engine.models.lite.painted.region_motion import follow
from tests.fakes.scenes import scene

ROWS, COLUMNS = 72, 96


def luma(number):
    return scene(number, COLUMNS, ROWS, speed=(-3.0, 0.0)).astype(np.float32).mean(axis=2) / 255 * 0.4


def mask(shift=(0.0, 0.0), enlargement=1.0):
    fine = np.zeros((4 * ROWS, 4 * COLUMNS), np.uint8)
    place = (round(4 * (24 + shift[0])), round(4 * (44 + shift[1])))
    cv2.putText(fine, "HO", place, cv2.FONT_HERSHEY_SIMPLEX, 4.0 * enlargement, 255, 30)
    return cv2.resize(fine, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def titled(number, shift=(0.0, 0.0)):
    cover = mask(shift)
    return np.asarray(luma(number) * (1 - cover) + cover, np.float32)


STILL = np.zeros((ROWS, COLUMNS, 2), np.float32)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (5.0, -2.0), (-7.25, 3.5)])
def test_a_title_is_followed_over_footage_that_moves_otherwise(shift):
    motion = follow(Region.of(mask(), titled(0)), titled(4, shift), STILL, 4)
    assert motion is not None
    inside = mask(shift) > 0.9
    rows, columns = np.indices((ROWS, COLUMNS))
    assert np.abs(motion.across - columns + shift[0])[inside].max() < 0.4
    assert np.abs(motion.down - rows + shift[1])[inside].max() < 0.4
    assert motion.match[inside].mean() > 0.9


def test_a_title_that_is_gone_is_not_followed():
    assert follow(Region.of(mask(), titled(0)), luma(4), STILL, 4) is None


def test_where_something_stands_before_it_nothing_is_carried():
    frame = titled(4)
    frame[:, 44:] = 0.1
    motion = follow(Region.of(mask(), titled(0)), frame, STILL, 4)
    assert motion is not None
    cover = mask() > 0.5
    assert motion.match[:, 52:][cover[:, 52:]].mean() < 0.3
    assert motion.match[:, :36][cover[:, :36]].mean() > 0.9


def test_a_place_without_shape_goes_where_dense_motion_goes():
    flat = np.full((ROWS, COLUMNS), 0.5, np.float32)
    flow = np.full((ROWS, COLUMNS, 2), 2.5, np.float32)
    motion = follow(Region.of(mask(), flat), flat, flow, 2)
    assert motion is not None
    columns = np.arange(COLUMNS)
    assert np.abs(motion.across - columns - 2.5).max() < 0.3
