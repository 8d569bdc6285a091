"""What is painted on a keyframe goes with what it is painted on, and changes nothing else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.running.in_memory import ShotInMemory, restore_shot
from sparkvsr_engine.models.base import ShotSettings
from sparkvsr_engine.models.lite.opening import open_lite
from tests.fakes.painted import HEIGHT, PAINTED, SCALE, WIDTH, film, letters, painted_over, reduced

KEYFRAME, FRAMES = 4, 9


@pytest.fixture(scope="module")
def restorer():
    return open_lite("cpu")


def restored(restorer, keyframes, frame, look="propagate", guidance=1.0):
    sources = {number: reduced(film(number, title=True)) for number in range(FRAMES)}
    geometry = Geometry(WIDTH // SCALE, HEIGHT // SCALE, WIDTH, HEIGHT)
    shot = ShotInMemory(
        sources, FrameSpan(0, FRAMES), geometry, keyframes, ShotSettings(look=look), guidance=guidance
    )
    return next(iter(restore_shot(restorer, shot, FrameSpan(frame, frame + 1)))).pixels


def follow_share(result, without, expected, plain):
    """How much of what was painted is there, 1 for all of it."""
    change = expected - plain
    return float(((result - without) * change).sum() / np.square(change).sum())


@pytest.mark.parametrize("frame", [0, 3, 8])
@pytest.mark.parametrize("kind", PAINTED)
def test_a_painted_title_follows_and_the_footage_is_untouched(restorer, kind, frame):
    result = restored(restorer, {KEYFRAME: painted_over(kind, KEYFRAME)}, frame)
    without = restored(restorer, {KEYFRAME: film(KEYFRAME, title=True)}, frame)
    expected, plain = painted_over(kind, frame), film(frame, title=True)
    assert follow_share(result, without, expected, plain) > 0.8
    title = np.maximum(letters("HO", frame), letters("XU", frame)) > 0
    far = cv2.dilate(title.astype(np.uint8), np.ones((41, 41), np.uint8)) == 0
    assert np.quantile(np.abs(result - without)[far], 0.99) <= 1 / 255


@pytest.mark.parametrize("kind", ["stripes", "letters"])
def test_under_lock_the_detail_follows(restorer, kind):
    result = restored(restorer, {KEYFRAME: painted_over(kind, KEYFRAME)}, 8, "lock")
    without = restored(restorer, {KEYFRAME: film(KEYFRAME, title=True)}, 8, "lock")
    expected, plain = painted_over(kind, 8), film(8, title=True)
    assert follow_share(result, without, expected, plain) > 0.4


def test_a_grey_source_stays_grey_under_painted_colour(restorer):
    def grey(picture):
        return np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)

    sources = {number: grey(reduced(film(number, title=True))) for number in range(FRAMES)}
    geometry = Geometry(WIDTH // SCALE, HEIGHT // SCALE, WIDTH, HEIGHT)
    shot = ShotInMemory(sources, FrameSpan(0, FRAMES), geometry, {KEYFRAME: painted_over("gold", KEYFRAME)})
    for frame in (KEYFRAME, 7):
        (result,) = restore_shot(restorer, shot, FrameSpan(frame, frame + 1))
        assert np.ptp(result.pixels, axis=2).max() == 0


def test_influence_and_a_second_keyframe_that_is_not_painted_take_it_back(restorer):
    painted = {KEYFRAME: painted_over("gold", KEYFRAME)}
    expected, plain = painted_over("gold", 6), film(6, title=True)
    alone = restored(restorer, {KEYFRAME: film(KEYFRAME, title=True)}, 6)
    half = restored(restorer, painted, 6, guidance=0.5)
    between = restored(restorer, painted | {8: film(8, title=True)}, 6)
    assert 0.3 < follow_share(half, alone, expected, plain) < 0.7
    assert 0.3 < follow_share(between, alone, expected, plain) < 0.7
