"""Keyframes moved onto frames beside them, as wanted results there."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.base import KeyframePicture, ShotSettings
from sparkvsr_engine.models.lite.learning.examples import Example
from sparkvsr_engine.models.lite.learning.lesson_planes import bands_of_example, likeness
from sparkvsr_engine.models.lite.learning.teaching import Lessons
from sparkvsr_engine.models.lite.pixels.planes import luma_of
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.restorer import LiteRestorer
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from sparkvsr_engine.models.precision import choose_precision
from tests.fakes.lite_shots import MemoryReader, small_network

WIDTH, HEIGHT, SCALE = 48, 40, 4
GEOMETRY = Geometry.scaled(WIDTH, HEIGHT, SCALE)


def picture(shift, scale):
    """Waves that move to the left, float32 [H, W, 3]; shift in source pixels."""
    x = ((np.arange(WIDTH * scale) + 0.5) / scale + shift)[None, :, None]
    y = ((np.arange(HEIGHT * scale) + 0.5) / scale)[:, None, None]
    return np.broadcast_to(0.5 + 0.3 * np.sin(x / 2) * np.cos(y / 3), (HEIGHT * scale, WIDTH * scale, 3))


def target_of(frames, example, **keyframe):
    """Luma wanted of the example's frame, and its weight, [H, W] each."""
    model = LiteRestorer(LiteWeights(small_network()), LitePlanner(), choose_precision("cpu"))
    shot = model.open_shot(MemoryReader(frames), GEOMETRY, ShotSettings(damage=1.0), lambda: False)
    pixels = np.ascontiguousarray(picture(0.5 * example.target, SCALE), np.float32)
    lessons = Lessons(shot, lambda frame: KeyframePicture(frame, pixels, str(frame), **keyframe))
    with torch.no_grad():
        ((_, planes),) = bands_of_example(shot.work, GEOMETRY, example, lessons.lesson)
    luma = (planes["wanted_luma"] + planes["luma"])[0]
    return luma[: HEIGHT * SCALE, : WIDTH * SCALE].numpy(), planes["weight"][0][: HEIGHT * SCALE].numpy()


def moving():
    return [picture(0.5 * index, 1) for index in range(5)]


def test_beside_its_frame_a_keyframe_is_wanted_where_motion_brings_it():
    luma, weight = target_of(moving(), Example(2, (), 1))
    expected = luma_of(torch.from_numpy(np.ascontiguousarray(picture(1.5, SCALE).transpose(2, 0, 1)))[None])
    still = luma_of(torch.from_numpy(np.ascontiguousarray(picture(1.0, SCALE).transpose(2, 0, 1)))[None])
    inner = np.s_[24:-24, 24:-24]
    error = np.abs(luma - expected[0, 0].numpy())[inner].mean()
    assert error < 0.2 * np.abs(luma - still[0, 0].numpy())[inner].mean()
    assert weight[inner].mean() > 0.9


def test_what_is_not_there_any_more_is_not_wanted():
    frames = moving()
    frames[3] = frames[3].copy()
    frames[3][:, WIDTH // 2 :] = 0.9
    _, weight = target_of(frames, Example(2, (), 1))
    assert weight[24:-24, 24 : 2 * WIDTH - 24].mean() > 0.6
    assert weight[24:-24, 2 * WIDTH + 24 : 4 * WIDTH - 24].mean() < 0.2


def test_a_matte_moves_with_its_keyframe():
    matte = np.ones((HEIGHT * SCALE, WIDTH * SCALE), np.float32)
    matte[:, 80:] = 0
    _, weight = target_of(moving(), Example(2, (), 1), matte=matte)
    assert weight[24:-24, 24:72].mean() > 0.9
    # Two pixels to the left of where it ended.
    assert weight[24:-24, 84 : 4 * WIDTH - 24].max() == 0


@pytest.mark.parametrize("matte", [None, np.ones((HEIGHT * SCALE, WIDTH * SCALE), np.float32)])
def test_what_is_painted_is_not_learnt_from(matte):
    painted = np.zeros((HEIGHT * SCALE, WIDTH * SCALE), np.float32)
    painted[60:100, 80:120] = 1
    _, weight = target_of(moving(), Example(2, ()), matte=matte, painted=painted)
    assert weight[60:100, 80:120].max() == 0
    assert weight[40:120, 64:72].min() == 1
    _, moved = target_of(moving(), Example(2, (), 1), painted=painted)
    assert moved[60:100, 80:116].max() == 0
    assert moved[24:50, 24:64].mean() > 0.9


def test_noise_is_no_difference_and_an_object_is_one():
    torch.manual_seed(0)
    plane = torch.zeros(1, 1, 48, 48)
    assert likeness(plane + 0.02 * torch.randn_like(plane), plane).mean() > 0.8
    changed = plane.clone()
    changed[..., 20:] = 0.2
    assert likeness(changed, plane)[..., 48:].max() < 1e-3
