"""Trials: which frames count for how much, and what is computed once for all of them."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.running.in_memory import ShotInMemory, restore_parts, restore_shot
from sparkvsr_engine.media.movies.writing.codecs import MovieTraits, Picture, make_encoding
from sparkvsr_engine.models.registry import open_restorer
from sparkvsr_engine.streams.dividing import trials
from sparkvsr_engine.streams.dividing.excerpt_pictures import ExcerptPictures
from sparkvsr_engine.streams.encodings import StreamEncodings, keyframe_encoding
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


@pytest.mark.parametrize("keyframes", [(), (2,), (2, 10, 18), tuple(range(5, 30)), (0, 1, 2, 3, 4)])
def test_keyframes_are_not_looked_at(keyframes):
    excerpt = FrameSpan(2, 34)
    frames = trials.looked_at(excerpt, keyframes, 6)
    assert not set(frames) & set(keyframes)
    assert set(frames) <= set(excerpt)
    assert len(set(frames)) == 6


def test_nothing_is_looked_at_where_all_frames_are_keyframes():
    assert trials.looked_at(FrameSpan(3, 5), (3, 4), 6) == []


@pytest.mark.parametrize(("pixels", "count"), [(60 * 34, 12), (120 * 68, 12), (160 * 160, 8), (192 * 180, 6)])
def test_of_small_pictures_more_frames_are_looked_at(pixels, count):
    assert trials.looked_at_count(pixels) == count


@pytest.mark.parametrize("keyframes", [(), (4,), (1, 4), (2, 3, 4, 5), tuple(range(8))])
def test_each_keyframe_counts_for_one_frame_wherever_it_lies(tmp_path, monkeypatch, keyframes):
    """Restored frames are black here, at a distance of 1; keyframes are at none."""
    restored_frames = []

    def restore_parts(restorer, shot, parts):
        restored_frames.extend(part.start for part in parts)
        return [SimpleNamespace(frame=part.start, pixels=np.zeros((48, 64, 3))) for part in parts]

    monkeypatch.setattr(trials, "restore_parts", restore_parts)
    pictures = SimpleNamespace(
        small=lambda frame: numbered_picture(frame, 32, 24),
        full=lambda frame: numbered_picture(frame, 64, 48),
    )
    traits = MovieTraits(Fraction(24))
    encodings = StreamEncodings(
        make_encoding("x.mkv", "libx264", 60, Picture(32, 24, 8), traits),
        keyframe_encoding("x.mkv", Picture(64, 48, 8), traits),
    )
    tried = trials.Trials(
        pictures, [FrameSpan(0, 8)], None, lambda truth: lambda result: 0.0 if result.any() else 1.0, tmp_path
    )
    assert tried.distance(encodings, keyframes) == pytest.approx(1 - len(keyframes) / 8)
    assert not set(restored_frames) & set(keyframes)
