"""What a request may hold, and the sentence when it may not."""

from __future__ import annotations

import math
from typing import Any, Callable

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.media import ImageRef, MediaInfo, PixelFormat, Region, SourceMedia
from sparkvsr_bridge.settings import (
    JobSpec,
    Keyframe,
    KeyframePolicy,
    OutputTarget,
    Revision,
    UpscaleSettings,
)

SOURCE, TARGET = SourceMedia("a.mov"), OutputTarget("b.mov")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: UpscaleSettings(scale=0), "scale is 0; it must lie from 1 to 16"),
        (lambda: UpscaleSettings(scale=math.nan), "scale is nan"),
        (lambda: UpscaleSettings(scale=math.inf), "scale is inf"),
        (lambda: UpscaleSettings(scale=True), "scale is True"),
        (lambda: UpscaleSettings(guidance=2.1), "guidance is 2.1; it must lie from 0 to 2"),
        (lambda: UpscaleSettings(look="pretty"), "look is 'pretty'; use one of lock, propagate"),
        (lambda: UpscaleSettings(damage=1.5), "damage is 1.5; it must lie from 0 to 1"),
        (lambda: UpscaleSettings(width=1920), "size is 1920x0; give both sides"),
        (lambda: UpscaleSettings(width=-1, height=-1), "size is -1x-1"),
        (lambda: UpscaleSettings(width=70_000, height=10), "size is 70000x10"),
        (lambda: UpscaleSettings(model=""), "model is empty"),
        (lambda: KeyframePolicy("best"), "keyframe policy is 'best'; use one of adaptive, manual"),
        (lambda: KeyframePolicy(budget=-1), "keyframe budget is -1"),
        (lambda: Keyframe(1, strength=-0.1), "keyframe strength is -0.1"),
        (lambda: OutputTarget(""), "the target is empty"),
        (lambda: OutputTarget("a", quality=101), "quality is 101"),
        (lambda: SourceMedia(""), "the source is empty"),
        (lambda: SourceMedia("a", 5, 4), "the frame range 5-4 runs backwards"),
        (
            lambda: JobSpec(SOURCE, TARGET, keyframes=(Keyframe(3),) * 2),
            "the keyframe 3 is named twice",
        ),
        (lambda: Revision((Keyframe(3),), (3,)), "the keyframe 3 is named twice"),
        (lambda: Revision(guidance=3.0), "guidance is 3.0"),
        (lambda: Revision(damage=-1.0), "damage is -1.0; it must lie from 0 to 1"),
        (lambda: Revision(damage=0.0, judges_damage=True), "damage and judges_damage exclude each other"),
        (lambda: Revision(first_frame=9, last_frame=1), "runs backwards"),
        (lambda: Revision(on_damage="skip"), "on_damage"),
        (lambda: Revision(layers="some"), "layers"),
        (lambda: Revision(quality=101), "quality is 101"),
        (lambda: Revision(output=OutputTarget("a.mp4"), codec="ffv1"), "named whole and changed in parts"),
        (lambda: Region(-1, 0, 4, 4), "the region -1,0,4,4 is empty or starts outside"),
        (lambda: Region(0, 0, 0, 4), "the region 0,0,0,4"),
        (lambda: PixelFormat(0, 4), "a frame of 0x4 cannot be"),
        (lambda: PixelFormat(4, 70_000), "a frame of 4x70000 cannot be"),
        (lambda: PixelFormat(4, 4, 5), "5 channels"),
        (lambda: PixelFormat(4, 4, 3, "int8"), "sample format is 'int8'; use one of uint8"),
        (ImageRef, "given by path, by shared memory or by buffer"),
        (lambda: ImageRef("a.png", "sparkvsr-1"), "by one of them"),
        (lambda: ImageRef(buffer=0), "needs its pixel format"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_value_and_the_remedy(make: Callable[[], Any], message: str):
    with pytest.raises(InvalidSettings) as raised:
        make()
    assert message in raised.value.message


def test_the_ends_of_every_range_are_inside():
    UpscaleSettings(scale=1.0, guidance=0.0)
    UpscaleSettings(scale=16.0, guidance=2.0, width=1, height=65_536)
    SourceMedia("a", 5, 5)
    PixelFormat(65_536, 1, 4, "float32")


def test_a_frame_has_as_many_bytes_as_its_format_takes():
    assert PixelFormat(4, 3, 3, "float16").nbytes == 72


def test_a_source_has_the_frames_from_its_first_to_its_last():
    assert MediaInfo("a", "movie", 4, 4, 10, 12).frames == 3
