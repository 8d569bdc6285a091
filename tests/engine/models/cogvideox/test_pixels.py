"""Pictures to the network's frames and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures import colour_lock
from sparkvsr_engine.models.cogvideox import pixels


def pictures(count, height, width, seed=0):
    return list(np.random.default_rng(seed).random((count, height, width, 3), dtype=np.float32))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40))
def test_padding_is_undone_exactly(height, width):
    frames = pixels.upload(pictures(2, height, width), torch.device("cpu"))
    padded = pixels.to_network(frames, torch.float32)
    assert padded.shape[3] % 16 == padded.shape[4] % 16 == 0
    assert padded.min() >= -1
    assert padded.max() <= 1
    back = pixels.from_network(padded, Geometry(width, height, width, height))
    torch.testing.assert_close(back, frames, atol=1e-6, rtol=0)


def test_padding_reflects():
    row = torch.arange(14.0).reshape(1, 1, 1, 14).expand(1, 3, 16, 14) / 20
    padded = pixels.to_network(row, torch.float32)[0, 0, 0, 0] * 0.5 + 0.5
    torch.testing.assert_close(padded[14:], row[0, 0, 0, [12, 11]])


def test_upscaling_is_torchs_bilinear_and_nothing_at_scale_1():
    frames = pixels.upload(pictures(1, 6, 8), torch.device("cpu"))
    assert pixels.upscale(frames, Geometry(8, 6, 8, 6)) is frames
    expected = torch.nn.functional.interpolate(frames, scale_factor=4, mode="bilinear")
    torch.testing.assert_close(pixels.upscale(frames, Geometry(8, 6, 32, 24)), expected)


@pytest.mark.parametrize("scale", [1.0, 2.0, 4.0])
def test_the_lock_agrees_with_the_one_on_the_processor(scale):
    picture, source = pictures(2, 96, 128, 3)
    picture = picture * 0.5 + 0.4
    expected = colour_lock.lock_colour(picture, source, scale)
    frames = pixels.upload([picture], torch.device("cpu"))
    found = pixels.lock_colour(frames, pixels.upload([source], torch.device("cpu")), scale)
    inner = np.abs(found[0].permute(1, 2, 0).numpy() - expected)[16:-16, 16:-16]
    assert inner.max() < 0.004


def test_downloads_give_every_picture_in_order():
    downloads = pixels.Downloads()
    frames = torch.arange(5.0).reshape(5, 1, 1, 1).expand(5, 3, 2, 2)
    found = [
        *downloads.send(frames[:3]),
        *downloads.send(frames[3:]),
        *downloads.remaining(),
        *downloads.remaining(),
    ]
    assert [picture[0, 0, 0] for picture in found] == [0, 1, 2, 3, 4]
    assert found[0].shape == (2, 2, 3)
