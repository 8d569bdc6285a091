"""What training judges by: errors, and errors that change from frame to frame."""

import math

import pytest
import torch

from sparkvsr_engine.models.lite.networks.losses import (
    CHROMA_WEIGHT,
    charbonnier,
    planes_loss,
    squares_against,
)
from sparkvsr_engine.models.lite.pixels.planes import Planes
from sparkvsr_engine.training.trainees.losses import change_loss, flicker_loss

SIDE = 16


def noise(seed=0, count=2):
    return torch.rand(count, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(seed)) - 0.5


def flow_of(x, y):
    """Every point moves by this much, in pixels of the halved grid."""
    return torch.tensor([x, y]).view(1, 2, 1, 1).expand(2, 2, SIDE // 2, SIDE // 2) / 2


def test_charbonnier_is_the_mean_distance_but_at_zero():
    assert charbonnier(torch.full((3,), 0.5)) == pytest.approx(0.5, abs=1e-5)
    assert charbonnier(torch.zeros(3)) == pytest.approx(1e-3, abs=1e-6)


def test_chroma_counts_less():
    luma, chroma = noise(), torch.zeros(2, 2, SIDE // 2, SIDE // 2)
    first = planes_loss(Planes(luma + 0.3, chroma), Planes(luma, chroma))
    second = planes_loss(Planes(luma, chroma + 0.3), Planes(luma, chroma))
    assert float(second - 1e-3) == pytest.approx(CHROMA_WEIGHT * float(first - 5e-4), rel=0.02)


def test_the_same_error_in_both_frames_is_no_flicker():
    still = flow_of(0.0, 0.0)
    assert flicker_loss(noise(), noise(), still) == pytest.approx(0, abs=1e-6)
    assert flicker_loss(noise(), -noise(), still) == pytest.approx(2 * float(noise().abs().mean()), rel=1e-4)


def test_an_error_that_moves_with_the_picture_is_no_flicker():
    error = noise()
    # What was at p is at p + (3, 2).
    following = error.roll((2, 3), (2, 3))
    # The wrapped margin is outside of the flow's reach.
    assert flicker_loss(error, following, flow_of(3.0, 2.0)) == pytest.approx(0, abs=1e-5)
    assert flicker_loss(error, following, flow_of(0.0, 0.0)) > 0.1


def test_where_the_flow_leaves_the_picture_nothing_is_asked():
    assert flicker_loss(noise(), noise(1), flow_of(float(2 * SIDE), 0.0)) == 0


def test_flicker_can_be_followed_downhill():
    error, following = noise().requires_grad_(), noise(1).requires_grad_()
    flicker_loss(error, following, flow_of(1.0, 0.0)).backward()
    assert error.grad.abs().sum() > 0
    assert following.grad.abs().sum() > 0


def test_a_clip_changes_as_the_truth_does_or_not():
    clip = noise(count=4)
    assert change_loss(clip + 0.2, clip) == pytest.approx(0, abs=1e-6)
    assert change_loss(clip, clip.flip(0)) > 0.1


def uncertain_edge(count=64):
    """Steps of one of two places, equally likely: what an aliased source does not distinguish."""
    luma = torch.zeros(count, 1, SIDE, SIDE)
    luma[: count // 2, ..., 4:] = 1.0
    luma[count // 2 :, ..., 12:] = 1.0
    return Planes(luma - 0.25, torch.zeros(count, 2, SIDE // 2, SIDE // 2))


def test_the_least_square_of_what_is_uncertain_is_its_mean():
    truth = uncertain_edge()
    mean = Planes(truth.luma.mean(0, keepdim=True).expand_as(truth.luma), truth.chroma)
    guess = Planes(truth.luma[:1].expand_as(truth.luma), truth.chroma)
    assert squares_against(mean, truth) < squares_against(guess, truth)
    # The other loss does not distinguish them.
    assert planes_loss(guess, truth) == pytest.approx(float(planes_loss(mean, truth)), rel=1e-2)


def test_squares_count_against_those_of_the_upsampled_source():
    truth = Planes(noise(), torch.zeros(2, 2, SIDE // 2, SIDE // 2))
    nothing = Planes(torch.zeros_like(truth.luma), truth.chroma)
    assert squares_against(nothing, truth) == pytest.approx(math.log(4), rel=1e-3)
    assert squares_against(truth, truth) < 0.02
    fainter = Planes(truth.luma / 2, truth.chroma)
    half = Planes(truth.luma / 4, truth.chroma)
    assert squares_against(half, fainter) == pytest.approx(float(squares_against(fainter, truth)), rel=0.05)
