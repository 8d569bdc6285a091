"""Where a keyframe's picture lies against its source frame, found and taken back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparkvsr_engine.references.alignment import align_picture
from tests.fakes.scenes import scene

SCALE = 4


def film(number=0):
    """A frame at output size and its source, model space."""
    fine = cv2.resize(scene(number, 96, 72), None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    picture = fine.astype(np.float32) / 255
    return picture, cv2.resize(picture, (96, 72), interpolation=cv2.INTER_AREA)


def moved(picture, x, y):
    """The picture moved by so many source pixels."""
    matrix = np.array([[1, 0, x * SCALE], [0, 1, y * SCALE]], np.float64)
    return cv2.warpAffine(
        picture,
        matrix,
        picture.shape[1::-1],
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )


def error(first, second):
    inner = slice(6 * SCALE, -6 * SCALE)
    return float(np.abs(first - second)[inner, inner].mean())


def test_a_picture_in_place_is_left_alone():
    picture, source = film()
    result, alignment = align_picture(picture, source)
    assert np.array_equal(result, picture)
    assert not alignment.corrected
    assert alignment.distance < 0.2


@pytest.mark.parametrize("shift", [(1.5, -1.0), (-0.75, 2.0)])
def test_a_moved_picture_is_moved_back_and_the_shift_is_reported(shift):
    picture, source = film()
    result, alignment = align_picture(moved(picture, *shift), source)
    assert alignment.corrected
    assert np.allclose(alignment.shift, shift, atol=0.3)
    assert error(result, picture) < 0.4 * error(moved(picture, *shift), picture)


def test_another_picture_is_not_bent_into_place_far():
    _, source = film()
    second = cv2.resize(scene(0, 96, 72, seed=7), None, fx=SCALE, fy=SCALE).astype(np.float32) / 255
    _, alignment = align_picture(second, source)
    assert alignment.distance <= 0.1 * 96


def test_a_cast_does_not_count_as_a_shift():
    picture, source = film()
    _, alignment = align_picture(np.clip(picture * 0.7 + 0.1, 0, 1), source)
    assert alignment.distance < 0.3


def test_a_tiny_frame_is_taken_as_it_is():
    picture = np.zeros((64, 64, 3), np.float32)
    result, alignment = align_picture(picture, np.zeros((16, 16, 3), np.float32))
    assert result is picture
    assert not alignment.corrected
