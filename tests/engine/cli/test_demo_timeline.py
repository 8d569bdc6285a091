"""The demonstration's cut is the one its documentation describes."""

from __future__ import annotations

import shutil
from pathlib import Path

import opentimelineio as otio

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.timeline.conforming import opened
from sparkvsr_bridge.timeline.records import ConformWishes
from sparkvsr_engine.cli import demo_timeline as demo
from sparkvsr_engine.media.probe import probe


def test_the_cut_is_three_jobs_with_a_keyframe_each(tmp_path):
    clip = Path(demo.__file__).with_name("demo_clip") / "bunny.mp4"
    shutil.copyfile(clip, tmp_path / "bunny.mp4")
    otio.adapters.write_to_file(demo.three_clips("bunny.mp4"), str(tmp_path / "cut.otio"))

    def describe(path, frame):
        return probe(SourceMedia(path)).media_info()

    info = describe(str(clip), None)
    assert (info.frames, info.rate) == (demo.FRAMES, (int(demo.RATE), 1))
    with opened(str(tmp_path / "cut.otio"), "", ConformWishes(handles=demo.HANDLES), describe) as timeline:
        shots = timeline.plan.shots
    assert [(*shot.clips, shot.first, shot.last, shot.keyframes) for shot in shots] == [
        ("shot 1", 28, 43, (36,)),
        ("shot 2", 2, 17, (10,)),
        ("shot 3", 54, 69, (62,)),
    ]
