"""The shot around a previewed frame: found near it, or known from before."""

from __future__ import annotations

import pytest

from sparkvsr_bridge.errors import StateConflict
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.plans.analysis import analyse
from sparkvsr_engine.jobs.plans.footage import Footage
from sparkvsr_engine.jobs.plans.nearby import LocalShots
from sparkvsr_engine.jobs.plans.planning import HANDLE_FRAMES
from sparkvsr_engine.media.base import NO_WISH
from sparkvsr_engine.media.colour import plan_colour
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from tests.fakes.media import write_picture
from tests.fakes.scenes import scene

COUNT, CUT = 60, 40


class Counted(Footage):
    """Footage that counts looks."""

    looks = 0

    def thumbnail(self, number, longest_side):
        self.looks += 1
        return super().thumbnail(number, longest_side)


@pytest.fixture
def footage(tmp_path):
    folder = tmp_path / "plate"
    folder.mkdir()
    for index in range(COUNT):
        picture = scene(index, 64, 48) if index < CUT else scene(index, 64, 48, seed=7)[::-1] // 3
        write_picture(folder / f"{index:04d}.png", picture)
    info = probe(SourceMedia(str(folder / "%04d.png")))
    with Counted(
        info, open_source(info), plan_colour(info, "x.png", info.sample, NO_WISH).to_model
    ) as result:
        yield result


class StoppedAfterThree(Control):
    """Ends the work once three frames were looked at."""

    def __init__(self, footage):
        self._footage = footage

    def check(self):
        if self._footage.looks == 3:
            raise StateConflict("superseded")


def test_only_frames_up_to_the_nearest_keyframes_are_looked_at(footage, tmp_path):
    result = LocalShots(footage, tmp_path).around(20, [2, 16, 24, 58], Control())
    assert result.span == FrameSpan(16 - HANDLE_FRAMES, 25 + HANDLE_FRAMES)
    assert footage.looks == len(result.span)


def test_a_cut_between_frame_and_keyframe_is_found(footage, tmp_path):
    result = LocalShots(footage, tmp_path).around(36, [44], Control())
    assert result.cuts == (CUT,)


def test_the_same_stretch_is_looked_at_once(footage, tmp_path):
    near = LocalShots(footage, tmp_path)
    near.around(20, [16, 24], Control())
    looks = footage.looks
    near.around(19, [16, 24], Control())
    assert footage.looks == looks


def test_what_a_job_found_on_the_whole_source_is_taken(footage, tmp_path):
    analyse(footage, footage.info.available, tmp_path, Control())
    looks = footage.looks
    result = LocalShots(footage, tmp_path).around(20, [16], Control())
    assert result.cuts == (CUT,)
    assert footage.looks == looks


def test_where_shots_must_be_whole_all_is_looked_at(footage, tmp_path):
    assert LocalShots(footage, tmp_path).around(20, None, Control()).span == FrameSpan(0, COUNT)


def test_it_stops_between_frames(footage, tmp_path):
    with pytest.raises(StateConflict):
        LocalShots(footage, tmp_path).around(20, None, StoppedAfterThree(footage))
    assert footage.looks == 3
