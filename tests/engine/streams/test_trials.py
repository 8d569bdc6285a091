"""What is computed once for all trials gives what each trial would compute for itself."""

from __future__ import annotations

import numpy as np
import pytest

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.running.in_memory import ShotInMemory, restore_parts, restore_shot
from sparkvsr_engine.models.registry import open_restorer
from sparkvsr_engine.streams.dividing.excerpt_pictures import ExcerptPictures
from tests.fakes.media import numbered_picture


class CountedPictures:
    """Pictures whose every value is the frame's number; `asked` has the frames that were read."""

    def __init__(self):
        self.asked = []

    def small(self, frame):
        self.asked.append(("small", frame))
        return np.full((4, 4, 3), frame, np.uint8)

    def full(self, frame):
        self.asked.append(("full", frame))
        return np.full((8, 8, 3), frame, np.uint8)


def test_pictures_of_an_excerpt_are_read_once():
    source = CountedPictures()
    held = ExcerptPictures(source)
    for _ in range(3):
        assert [held.small(frame)[0, 0, 0] for frame in range(4)] == [0, 1, 2, 3]
        assert held.full(2)[0, 0, 0] == 2
    assert source.asked == [*(("small", frame) for frame in range(4)), ("full", 2)]


def test_pictures_beyond_the_limit_are_read_again_and_the_first_ones_stay():
    source = CountedPictures()
    held = ExcerptPictures(source, small_bytes=2 * 48)
    for _ in range(2):
        assert [held.small(frame)[0, 0, 0] for frame in range(4)] == [0, 1, 2, 3]
    assert [frame for _, frame in source.asked] == [0, 1, 2, 3, 2, 3]


def test_parts_of_a_shot_are_what_each_is_by_itself(tmp_path):
    restorer = open_restorer("lite", tmp_path, tmp_path, "cpu")
    small = [numbered_picture(number, 32, 24).astype(np.float32) / 255 for number in range(8)]
    keyframes = {at: numbered_picture(at, 64, 48).astype(np.float32) / 255 for at in (1, 6)}
    shot = ShotInMemory(small, FrameSpan(0, 8), Geometry(32, 24, 64, 48), keyframes)
    parts = [FrameSpan(0, 1), FrameSpan(3, 5), FrameSpan(7, 8)]
    together = list(restore_parts(restorer, shot, parts))
    assert [each.frame for each in together] == [0, 3, 4, 7]
    alone = [each for part in parts for each in restore_shot(restorer, shot, part)]
    for one, other in zip(together, alone, strict=True):
        assert one.pixels == pytest.approx(other.pixels, abs=1e-5)
