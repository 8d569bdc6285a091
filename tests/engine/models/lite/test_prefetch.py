"""The window that follows is made ready beside the network, and nothing depends on it."""

from __future__ import annotations

import numpy as np
import pytest

from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.running.rendering import NoPredictionCache, ShotRenderer, windows_of
from sparkvsr_engine.models.base import Guidance
from sparkvsr_engine.models.lite.loading import load_weights
from sparkvsr_engine.models.lite.planner import shipped_weights
from sparkvsr_engine.models.lite.restorer import LiteShot
from tests.fakes.lite_shots import MemoryReader, Rendering, small_network
from tests.fakes.moving import pan

COUNT, WIDTH, HEIGHT = 9, 40, 30


def noisy(count=COUNT):
    rng = np.random.default_rng(2)
    return [
        np.clip(frame + 0.03 * rng.standard_normal(frame.shape), 0, 1).astype(np.float32)
        for frame in pan(count, WIDTH, HEIGHT, (0.7, 0.3))
    ]


def rendering(keyframes):
    pictures = {at: pan(COUNT, 4 * WIDTH, 4 * HEIGHT, (2.8, 1.2))[at] for at in keyframes}
    return Rendering(load_weights(shipped_weights()), noisy(), 4, pictures)


def pixels_of(rendering, frame, following=None):
    if following is not None:
        rendering.shot.prefetch(rendering.window(following))
    return rendering.pixels(frame)


@pytest.mark.parametrize("keyframes", [(), (0, 8)])
@pytest.mark.parametrize("expected", [lambda frame: frame + 1, lambda frame: 7 - frame])
def test_results_are_the_same_to_the_bit_whatever_was_prefetched(keyframes, expected):
    prefetching, plain = rendering(keyframes), rendering(keyframes)
    for frame in range(2, 6):
        result = pixels_of(prefetching, frame, expected(frame))
        assert np.array_equal(result, pixels_of(plain, frame))


def test_what_follows_is_read_before_it_is_asked_for():
    shot = rendering(())
    shot.pixels(2)
    assert 5 not in shot.reader.was_read
    pixels_of(shot, 2, following=3)
    assert 5 in shot.reader.was_read


class Unreadable(MemoryReader):
    def read(self, frame):
        if frame == 5:
            raise OSError("frame 5 cannot be read")
        return super().read(frame)


def test_a_frame_that_follows_and_cannot_be_read_ends_nothing_before_it_is_needed(monkeypatch):
    monkeypatch.setattr("tests.fakes.lite_shots.MemoryReader", Unreadable)
    shot, plain = rendering(()), rendering(())
    assert np.array_equal(pixels_of(shot, 2, following=3), plain.pixels(2))
    with pytest.raises(OSError, match="frame 5"):
        shot.pixels(3)


def test_a_renderer_names_what_follows_in_its_chunk_and_nothing_behind_it(monkeypatch):
    frames = pan(20, 16, 16)
    shot = Rendering(small_network(), frames, 2)
    chunks = shot.planner.plan(shot.reader.span, shot.reader.span, [], shot.geometry)
    expected = []
    monkeypatch.setattr(LiteShot, "prefetch", lambda _, window: expected.append(window.span.start))
    no_keyframe, nothing = (lambda _: pytest.fail("no keyframe")), NoPredictionCache()
    renderer = ShotRenderer(shot.shot, windows_of(chunks), no_keyframe, nothing, Control())
    assert len(list(renderer.render(chunks[0], Guidance()))) == len(chunks[0].span) < len(frames)
    assert expected == list(range(1, len(chunks[0].span)))
