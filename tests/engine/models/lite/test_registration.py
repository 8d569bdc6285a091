"""Registration: fractions of a pixel are found, what differs otherwise is not taken for motion."""

import pytest
import torch
from torch.nn import functional as F

from sparkvsr_engine.models.lite.motion.registration import applies, consistent_detail, register
from sparkvsr_engine.models.lite.pixels.filters import missing_of

SCALE, HEIGHT, WIDTH = 4, 96, 128


def texture(seed=0):
    """Detail finer than the source's grid, none finer than four pixels [1, 1, H, W]."""
    noise = torch.rand(1, 1, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(seed))
    smooth = F.avg_pool2d(F.pad(noise, (2,) * 4, mode="circular"), 5, 1)
    return (smooth - smooth.mean()) * 2 + 0.5


def shifted(picture, x, y):
    """The picture as it is seen by a camera moved by (x, y) output pixels, exactly and around the edge."""
    rows = torch.fft.fftfreq(HEIGHT)[:, None]
    columns = torch.fft.rfftfreq(WIDTH)[None, :]
    turn = torch.exp(2j * torch.pi * (rows * y + columns * x))
    return torch.fft.irfft2(torch.fft.rfft2(picture) * turn, s=(HEIGHT, WIDTH))


def reduced(picture):
    size = (HEIGHT // SCALE, WIDTH // SCALE)
    return F.interpolate(picture, size=size, mode="bicubic", antialias=True)


def detail_of(keyframe, source):
    return consistent_detail(keyframe, missing_of(keyframe, source))


def flow_of(keyframe, keyframe_source, target, steps=1):
    """The mean flow away from the edge, from standing still."""
    detail = detail_of(keyframe, keyframe_source)
    flow = torch.zeros(1, 2, HEIGHT, WIDTH)
    for _ in range(steps):
        flow = register(detail, target, flow)
    return flow[..., 16:-16, 16:-16].mean((0, 2, 3))


@pytest.mark.parametrize("move", [(0.6, 0.0), (0.0, -0.5), (-0.4, 0.4)])
def test_a_move_of_a_fraction_of_an_output_pixel_is_found(move):
    keyframe = texture()
    target = reduced(shifted(keyframe, *move))
    assert flow_of(keyframe, reduced(keyframe), target, steps=3) == pytest.approx(move, abs=0.1)


def test_one_step_comes_nearer():
    keyframe = texture()
    target = reduced(shifted(keyframe, 0.6, 0.0))
    assert 0.2 < float(flow_of(keyframe, reduced(keyframe), target)[0]) < 0.7


def test_nothing_moves_where_nothing_moved():
    keyframe = texture()
    assert flow_of(keyframe, reduced(keyframe), reduced(keyframe)).abs().max() < 0.02


def test_a_cast_and_a_contrast_are_not_taken_for_motion():
    keyframe = texture()
    graded = keyframe * 0.8 + 0.15
    assert flow_of(graded, reduced(keyframe), reduced(keyframe)).abs().max() < 0.02


def test_noise_hardly_moves_anything():
    keyframe = texture()
    noise = 0.08 * torch.randn(reduced(keyframe).shape, generator=torch.Generator().manual_seed(3))
    detail = detail_of(keyframe, reduced(keyframe))
    still = torch.zeros(1, 2, HEIGHT, WIDTH)
    moved = register(detail, reduced(keyframe) + noise, still)
    assert moved.abs().mean() < 0.1


def test_no_step_is_longer_than_a_pixel():
    flow = register(texture(), reduced(texture(5)), torch.zeros(1, 2, HEIGHT, WIDTH))
    assert flow.isfinite().all()
    assert flow.square().sum(1).sqrt().max() <= 1 + 1e-5


def test_detail_reduces_to_its_own_source_more_nearly_than_the_picture():
    picture, source = texture(), reduced(texture(1))
    before = (reduced(picture) - source).abs().mean()
    assert (reduced(detail_of(picture, source)) - source).abs().mean() < 0.4 * before


def test_a_source_as_fine_as_the_output_is_left_as_it_is():
    assert applies(200, 100)
    assert not applies(100, 100)
    assert not applies(120, 100)
