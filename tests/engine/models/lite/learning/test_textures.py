"""Textures as a loss: what it is nothing for, what it sees and what it leaves to the error of pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from sparkvsr_engine.evaluation.measures.texture import texture_difference
from sparkvsr_engine.models.lite.learning.textures import texture_error


@pytest.fixture
def grain():
    """Grey grain of two sizes, uint8 [96, 128, 3]."""
    rng = np.random.default_rng(4)
    fine, coarse = rng.normal(0, 25, (96, 128)), cv2.resize(rng.normal(0, 30, (12, 16)), (128, 96))
    return np.clip(128 + fine + coarse, 0, 255).astype(np.uint8)[..., None].repeat(3, 2)


def luma(*pictures):
    return torch.stack([torch.from_numpy(picture[..., 0] / np.float32(255))[None] for picture in pictures])


def test_it_ranks_as_the_measure_does(grain):
    blurred = [cv2.GaussianBlur(grain, (0, 0), sigma) for sigma in (0.5, 0.8, 1.5, 3.0)]
    errors = [float(texture_error(luma(picture), luma(grain))) for picture in blurred]
    assert errors == sorted(errors)
    # The measure is of studio luma, whose codes are 219 of 255.
    assert errors == pytest.approx([texture_difference(grain)(picture) for picture in blurred], abs=0.02)


def test_detail_that_lies_a_pixel_off_is_nearly_right_and_detail_that_is_gone_is_not(grain):
    moved, gone = np.roll(grain, 1, axis=1), cv2.GaussianBlur(grain, (0, 0), 1.5)
    assert texture_error(luma(grain), luma(grain)) == pytest.approx(0, abs=1e-6)
    assert texture_error(luma(moved), luma(grain)) < 0.2 * texture_error(luma(gone), luma(grain))
    assert np.square(moved / 255 - grain / 255).mean() > np.square(gone / 255 - grain / 255).mean()


def test_a_batch_counts_as_the_mean_of_its_pictures(grain):
    soft = cv2.GaussianBlur(grain, (0, 0), 1.5)
    both = texture_error(luma(soft, grain), luma(grain, grain))
    assert both == pytest.approx(0.5 * float(texture_error(luma(soft), luma(grain))))


@pytest.mark.parametrize("side", [8, 20])
@pytest.mark.parametrize("level", [0.0, 0.5])
def test_flat_and_small_pictures_have_finite_slopes(level, side):
    flat = torch.full((1, 1, side, side), level, requires_grad=True)
    detailed = torch.rand(1, 1, side, side, generator=torch.Generator().manual_seed(1))
    texture_error(flat, detailed).backward()
    assert flat.grad is not None
    assert torch.isfinite(flat.grad).all()


def test_half_precision_around_it_does_not_reach_detail(grain):
    soft = cv2.GaussianBlur(grain, (0, 0), 0.8)
    alone = texture_error(luma(soft), luma(grain))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert texture_error(luma(soft), luma(grain)) == alone
