"""Sizes are changed alike with and without gradients; a blur keeps what is constant."""

import pytest
import torch

from sparkvsr_engine.models.lite.pixels.filters import (
    averaged,
    blurred,
    enlarged,
    enlarged_to,
    halved,
    reduced,
    slopes,
)


def noise(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("size", [(48, 64), (30, 37), (12, 16)])
def test_enlarging_for_training_and_for_use_is_one(size):
    planes, like = noise(2, 3, 12, 16), torch.empty(2, 3, *size)
    with torch.enable_grad():
        trained = enlarged(planes, like)
    with torch.inference_mode():
        used = enlarged(planes, like)
    assert used.shape == (2, 3, *size)
    assert torch.allclose(trained, used, atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        halved,
        lambda planes: enlarged_to(planes, 48, 80),
        lambda planes: averaged(planes, torch.empty(1, 1, 6, 10)),
        lambda planes: averaged(planes, torch.empty(1, 1, 7, 9)),
    ],
    ids=["halved", "enlarged_to", "averaged", "averaged by no whole pixels"],
)
@pytest.mark.parametrize("turned", [False, True], ids=["plane by plane", "channels last"])
def test_other_sizes_for_training_and_for_use_are_one(change, turned):
    planes = noise(2, 3, 24, 40)
    if turned:
        planes = planes.contiguous(memory_format=torch.channels_last)
    with torch.enable_grad():
        trained = change(planes)
    with torch.inference_mode():
        used = change(planes)
    assert used.shape == trained.shape
    assert torch.allclose(trained, used, atol=1e-5)


def test_what_is_constant_stays():
    planes, like = torch.full((1, 2, 20, 24), 0.3), torch.empty(1, 1, 5, 6)
    for result in (reduced(planes, like), averaged(planes, like), blurred(planes, 2.0)):
        assert torch.allclose(result, torch.full_like(result, 0.3), atol=1e-6)


def test_an_average_is_of_what_a_pixel_covers():
    planes = noise(1, 1, 8, 12)
    result = averaged(planes, torch.empty(1, 1, 2, 3))
    assert float(result[0, 0, 1, 2]) == pytest.approx(float(planes[0, 0, 4:, 8:].mean()))


@pytest.mark.parametrize("size", [(2, 2), (2, 9), (17, 3), (54, 96)])
def test_slopes_are_torchs_gradient_bit_for_bit(size):
    planes = noise(1, 1, *size)
    expected = torch.gradient(planes, dim=(-2, -1))
    assert all(torch.equal(own, other) for own, other in zip(slopes(planes), expected, strict=True))
