"""Textures: nothing between equal pictures, blur worse than detail elsewhere, any size, bytes and floats."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparkvsr_engine.evaluation.measures.fidelity import ssim_y
from sparkvsr_engine.evaluation.measures.texture import texture_difference


def grass(seed: int = 0, side: int = 128):
    """Fine random detail, float32 0..1."""
    noise = np.random.default_rng(seed).random((side, side, 1), np.float32)
    return np.repeat(0.25 + 0.5 * cv2.GaussianBlur(noise, (0, 0), 0.8)[..., None], 3, 2)


@pytest.mark.parametrize("side", [1, 7, 33, 128])
def test_equal_pictures_differ_by_nothing(side):
    picture = grass(side=side)
    assert texture_difference(picture)(picture) == pytest.approx(0, abs=1e-6)


def test_texture_that_is_gone_is_worse_than_texture_that_lies_elsewhere():
    truth, elsewhere = grass(0), grass(1)
    gone = cv2.GaussianBlur(truth, (0, 0), 3)
    difference = texture_difference(truth)
    assert difference(gone) > 3 * difference(elsewhere)
    assert ssim_y(gone, truth) > ssim_y(elsewhere, truth)


def test_the_more_is_lost_the_more_they_differ():
    truth = grass()
    difference = texture_difference(truth)
    steps = [difference(cv2.GaussianBlur(truth, (0, 0), sigma)) for sigma in (0.5, 1, 2, 4)]
    assert steps == sorted(steps)
    assert steps[0] > 0.001


def test_texture_in_the_wrong_place_of_the_picture_is_seen():
    truth = grass(side=256)
    truth[:128] = 0.5
    assert texture_difference(truth)(truth[::-1]) > 0.3


def test_another_brightness_is_seen():
    truth = grass()
    difference = texture_difference(truth)
    assert difference(truth * 0.5) > difference(truth * 0.9) > 0


def test_bytes_and_floats_of_a_picture_are_one():
    truth = grass()
    coded = np.round(truth * 255).astype(np.uint8)
    assert texture_difference(truth)(coded) < 1e-4


def test_a_result_of_another_size_is_refused():
    with pytest.raises(ValueError, match="must agree"):
        texture_difference(grass())(grass(side=64))
