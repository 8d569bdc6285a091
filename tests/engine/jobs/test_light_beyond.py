"""Scene-linear frames with glints and negative colours: what lies around them is as it would be without."""

from __future__ import annotations

import numpy as np
import pytest

from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.settings import KeyframePolicy
from sparkvsr_engine.media.images import read_image, write_image
from sparkvsr_engine.models.lite.planner import shipped_weights
from tests.fakes.scenes import scene

GLINT, SHADOW = 20000.0, -2.0
PLACE = (20, 30)
FAR = 12


@pytest.fixture(autouse=True)
def _shipped_lite(_random_lite, monkeypatch):
    monkeypatch.setattr("sparkvsr_engine.models.lite.planner.shipped_weights", shipped_weights)


def write_linear(path, frame, light=None, scale=1):
    """A frame as scene-linear EXR, at one place `light`."""
    pixels = (scene(frame, 64, 48).astype(np.float32) / 255) ** 2.2
    pixels = np.ascontiguousarray(pixels.repeat(scale, 0).repeat(scale, 1))
    if light is not None:
        row, column = (place * scale for place in PLACE)
        pixels[row : row + scale, column : column + scale] = light
    write_image(path, pixels)
    return path


def rendered(workshop, folder, light, keyframe=None):
    plate = folder / "plate"
    plate.mkdir(parents=True)
    for frame in range(3):
        write_linear(plate / f"{frame:04d}.exr", frame, light if frame == 1 else None)
    keyframes = {} if keyframe is None else {1: ImageRef(path=str(keyframe))}
    policy = KeyframePolicy("manual" if keyframes else "none")
    target = folder / "out" / "%04d.exr"
    workshop.render(
        workshop.spec(str(plate / "%04d.exr"), target, keyframes, policy=policy, look="propagate", damage=1.0)
    )
    return [read_image(folder / "out" / f"{frame:04d}.exr").pixels.astype(np.float32) for frame in range(3)]


def away_from_the_place(frames, scale=2):
    """The pixels that are not around the place, of all frames."""
    rows, columns = np.mgrid[: 48 * scale, : 64 * scale]
    far = np.hypot(rows - PLACE[0] * scale, columns - PLACE[1] * scale) > FAR
    return np.stack([frame[far] for frame in frames])


@pytest.mark.parametrize("light", [GLINT, SHADOW, np.inf])
def test_one_pixel_out_of_range_does_not_spoil_what_lies_around_it(workshop, tmp_path, light):
    without = rendered(workshop, tmp_path / "without", None)
    result = rendered(workshop, tmp_path / "found", light)
    assert np.isfinite(result).all()
    assert np.max(result) <= 65504
    far, expected = away_from_the_place(result), away_from_the_place(without)
    assert np.abs(far - expected).max() < 0.05
    at = result[1][PLACE[0] * 2 : PLACE[0] * 2 + 2, PLACE[1] * 2 : PLACE[1] * 2 + 2]
    assert at.min() < -0.5 if light < 0 else at.max() > 500


def test_a_keyframes_own_light_is_there_on_its_own_frame(workshop, tmp_path):
    keyframe = write_linear(tmp_path / "key.exr", 1, 3000.0, scale=2)
    result = rendered(workshop, tmp_path, GLINT, keyframe)
    at = result[1][PLACE[0] * 2 : PLACE[0] * 2 + 2, PLACE[1] * 2 : PLACE[1] * 2 + 2]
    assert np.abs(at / 3000 - 1).max() < 0.02


def test_an_artist_who_takes_a_glint_away_has_it_gone_on_the_keyframes_frame(workshop, tmp_path):
    keyframe = write_linear(tmp_path / "key.exr", 1, scale=2)
    result = rendered(workshop, tmp_path, GLINT, keyframe)
    assert result[1].max() < 2
