"""Previews through the door, in a real engine."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

import sparkvsr
from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.media.images import read_image
from tests.end_to_end.clips import pictures

NONE = sparkvsr.UpscaleSettings(scale=2, policy=sparkvsr.KeyframePolicy("none"))


@pytest.mark.slow
def test_a_preview_is_an_array_equal_to_the_jobs_frame(engine, clip, tmp_path):
    picture = engine.preview(clip, 1004, NONE).wait(120)
    assert (picture.frame, picture.stage, picture.path) == (1004, "full", "")
    engine.upscale(clip, tmp_path / "%04d.png", NONE).wait()
    (rendered,) = pictures(tmp_path / "%04d.png", [1004])
    assert picture.pixels.shape == rendered.shape
    values = picture.pixels.astype(np.float32) / np.iinfo(picture.pixels.dtype).max
    assert np.abs(values - rendered.astype(np.float32) / 255).max() <= 1 / 255


def test_a_region_goes_to_a_file(engine, clip, tmp_path):
    target = tmp_path / "look.png"
    picture = engine.preview(clip, 1002, NONE, region=sparkvsr.Region(8, 4, 32, 16), target=target).wait(120)
    assert picture.pixels is None
    assert picture.path == str(target)
    assert read_image(target).pixels.shape[:2] == (16, 32)


def test_the_quick_picture_comes_first(engine, clip):
    stages = [item.stage for item in engine.preview(clip, 1005, NONE, quick_first=True, slot="quick")]
    assert stages[-1] == "full"
    assert stages in (["quick", "full"], ["full"])


def test_a_preview_is_awaited(engine, clip):
    async def look():
        return await engine.preview(clip, 1001, NONE, slot="awaited")

    assert asyncio.run(look()).pixels.shape == (96, 128, 3)


def test_a_frame_outside_is_refused(engine, clip):
    with pytest.raises(InvalidSettings, match="7"):
        engine.preview(clip, 7, NONE).wait(60)
