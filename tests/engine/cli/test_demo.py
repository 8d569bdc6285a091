"""The demonstration on part of its clip."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.cli import demo
from sparkvsr_engine.media.probe import probe


def test_the_clip_has_the_frames_the_demonstration_names():
    clip = Path(demo.__file__).with_name("demo_clip") / "bunny.mp4"
    assert probe(SourceMedia(str(clip))).media_info().frames == demo.FRAMES
    assert all(clip.with_name(f"keyframe_{number:02d}.jpg").is_file() for number in demo.KEYFRAMES)


def test_without_a_range_it_is_the_whole_clip():
    assert demo.clip_frames(None, None) == range(demo.FRAMES)
    assert demo.clip_frames(70, None) == range(70, 72)


@pytest.mark.parametrize(("first", "last"), [(60, 50), (0, 72), (-1, 5)])
def test_frames_outside_the_clip_are_refused(first, last):
    with pytest.raises(InvalidSettings, match="choose frames of 0-71"):
        demo.clip_frames(first, last)


def test_the_frame_shown_is_the_farthest_from_its_keyframes():
    assert demo.farthest_frame(range(72), (0, 36, 71)) == 18
    assert demo.farthest_frame(range(41), (0, 36)) == 18
    assert demo.farthest_frame(range(30, 72), (36, 71)) == 53
    assert demo.farthest_frame(range(20, 23), ()) == 20
