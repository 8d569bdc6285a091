"""Statistics measure what damage does to a frame, not where or how bright it is."""

import numpy as np
import pytest
import torch

from sparkvsr_engine.models.lite.damage import STATISTICS, DamageJudge, statistics_of


def detailed(height=96, width=128, seed=0):
    """Noise at every scale: a picture's spectrum without a picture."""
    rng = np.random.default_rng(seed)
    result = np.zeros((height, width))
    for side in (1, 2, 4, 8, 16, 32):
        coarse = rng.normal(0, 0.012 * side**0.7, (-(-height // side), -(-width // side)))
        result += np.kron(coarse, np.ones((side, side)))[:height, :width]
    return torch.from_numpy(result + 0.4).float()


@pytest.mark.parametrize("size", [(1, 1), (5, 7), (24, 24), (40, 9), (270, 480), (701, 1203)])
def test_pictures_of_any_size_have_statistics(size):
    message = statistics_of(torch.rand(*size, generator=torch.Generator().manual_seed(0)))
    assert message.shape == (STATISTICS,)
    assert torch.isfinite(message).all()


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_flat_picture_has_statistics(value):
    assert torch.isfinite(statistics_of(torch.full((90, 160), value))).all()


def test_statistics_do_not_depend_on_brightness():
    luma = detailed()
    assert torch.allclose(statistics_of(luma), statistics_of(luma + 0.2), atol=0.02)


def test_statistics_of_a_large_picture_are_those_of_a_small_one():
    small, large = (statistics_of(detailed(*size)) for size in ((96, 160), (384, 640)))
    assert (small - large).abs().median() < 0.3


def test_statistics_depend_on_noise_blur_and_blocks():
    luma = detailed()
    height, width = luma.shape
    noisy = luma + 0.02 * torch.randn(luma.shape, generator=torch.Generator().manual_seed(1))
    blurred = torch.nn.functional.avg_pool2d(luma[None, None], 3, 1, 1)[0, 0]
    means = luma.reshape(height // 8, 8, width // 8, 8).mean((1, 3))
    blocky = 0.5 * luma + 0.5 * means.repeat_interleave(8, 0).repeat_interleave(8, 1)
    plain = statistics_of(luma)
    apart = [(statistics_of(second) - plain).abs().mean() for second in (noisy, blurred, blocky)]
    assert min(apart) > 5 * (statistics_of(luma.flip(0, 1)) - plain).abs().mean()


def test_the_judge_sees_statistics_by_what_they_are_on_the_whole():
    torch.manual_seed(0)
    judge, message = DamageJudge(), torch.rand(3, STATISTICS)
    before = judge(message)
    judge.mean.fill_(2.0)
    judge.spread.fill_(4.0)
    assert before.shape == (3,)
    assert torch.allclose(judge(message * 4 + 2), before, atol=1e-5)
