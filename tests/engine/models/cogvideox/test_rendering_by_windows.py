"""The published model under the renderer of jobs: what an edit costs in passes; nothing else changes.

The prediction cache is a dictionary, keyed by what a prediction depends on, carried frames included.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkvsr_engine.core.dependency import keyframes_behind
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.running.rendering import NoPredictionCache, PassCount, ShotRenderer, windows_of
from sparkvsr_engine.models.base import Guidance, ShotSettings
from sparkvsr_engine.models.cogvideox.restorer import open_cogvideox
from tests.fakes.cogvideox import Clip, echo_restorer, keyframe
from tests.fakes.dependency_rule import affected_windows

SHOT = FrameSpan(0, 193)
KEYFRAMES = (0, 48, 96, 120, 168)
GEOMETRY = Geometry(16, 16, 16, 16)
PASSES_PER_WINDOW = 2


class MemoryPredictionCache:
    """A prediction cache for one shot under changing keyframes."""

    def __init__(self, stored=()) -> None:
        self.stored = dict(stored)
        self._names = {}

    def look_at(self, windows, keyframes):
        """From now on windows depend on these keyframes."""
        behind = keyframes_behind(windows)
        self._names = {
            window: (window, tuple(keyframes[frame].digest for frame in frames))
            for window, frames in zip(windows, behind, strict=True)
        }

    def load(self, window):
        return self.stored.get(self._names[window])

    def save(self, window, parts):
        self.stored[self._names[window]] = dict(parts)

    def close(self):
        pass


def picture(seed):
    return np.random.default_rng(seed).random((16, 16, 3), dtype=np.float32)


def keyframes(**changed):
    return {frame: keyframe(frame, picture(changed.get(f"f{frame}", 100 + frame))) for frame in KEYFRAMES}


@pytest.fixture(scope="module")
def restorer(checkpoint):
    result = open_cogvideox(checkpoint)
    yield result
    result.close()


@pytest.fixture(scope="module")
def clip():
    still = picture(1)
    return Clip(SHOT, lambda frame: np.roll(still, frame, 1) * np.float32(1 - frame / 1000))


@pytest.fixture(scope="module")
def render(restorer, clip):
    """Render the shot; returns its frames and the passes counted by the renderer and by the model."""

    def run(keys, prediction_cache, guidance=None):
        chunks = restorer.plan(SHOT, SHOT, sorted(keys), GEOMETRY)
        windows = windows_of(chunks)
        if isinstance(prediction_cache, MemoryPredictionCache):
            prediction_cache.look_at(windows, keys)
        passes, before = PassCount(), restorer.runner.model.passes
        renderer = ShotRenderer(
            restorer.open_shot(clip, GEOMETRY, ShotSettings(), lambda: False),
            windows,
            lambda frame: keys[frame],
            prediction_cache,
            Control(),
            passes,
        )
        frames = {}
        for chunk in chunks:
            frames |= {
                result.frame: result.pixels for result in renderer.render(chunk, guidance or Guidance())
            }
        renderer.close()
        assert passes.predicted == restorer.runner.model.passes - before
        assert list(frames) == list(SHOT)
        return frames, passes

    return run


@pytest.fixture(scope="module")
def first(render):
    """The prediction cache and the passes of a first render."""
    prediction_cache = MemoryPredictionCache()
    return prediction_cache, render(keyframes(), prediction_cache)[1]


def assert_same(result, expected):
    assert [frame for frame in SHOT if not np.array_equal(result[frame], expected[frame])] == []


def report(line):
    """For people who run this with -s."""
    sys.stdout.write(f"\n{line}\n")


@pytest.mark.slow
def test_a_guidance_change_after_a_render_runs_no_pass_and_equals_a_fresh_render(render, first):
    prediction_cache, passes = first
    expected = Guidance(1.5, {48: 0.5})
    changed, again = render(keyframes(), MemoryPredictionCache(prediction_cache.stored), expected)
    report(f"first render: {passes.predicted} passes; guidance change: {again.predicted} passes")
    assert (passes.predicted, again.predicted) == (16, 0)
    assert_same(changed, render(keyframes(), NoPredictionCache(), expected)[0])


@pytest.mark.slow
@pytest.mark.parametrize("edited", [48, 120])
def test_a_changed_keyframe_repredicts_the_windows_that_depend_on_it_only(render, restorer, first, edited):
    before, after = keyframes(), keyframes(**{f"f{edited}": 7})
    windows = windows_of(restorer.plan(SHOT, SHOT, KEYFRAMES, GEOMETRY))
    digests = [{frame: key.digest for frame, key in keys.items()} for keys in (before, after)]
    named = affected_windows(windows, *digests)
    changed, again = render(after, MemoryPredictionCache(first[0].stored))
    report(f"keyframe {edited}: windows {named} of {len(windows)}, {again.predicted} passes of 16")
    # Without the model's own cache a window's blind pass is run again beside its keyed one.
    assert again.predicted == PASSES_PER_WINDOW * len(named) < PASSES_PER_WINDOW * len(windows)
    assert_same(changed, render(after, NoPredictionCache())[0])


@pytest.mark.slow
@settings(max_examples=20)
@given(frames=st.integers(1, 400), at=st.lists(st.floats(0, 1, exclude_max=True), max_size=4), data=st.data())
def test_every_frame_is_put_out_once_in_whatever_order_chunks_are_asked_for(frames, at, data):
    span, size = FrameSpan(7, 7 + frames), Geometry(3, 2, 5, 3)
    keys = {7 + int(place * frames): np.full((3, 5, 3), 0.25) for place in at}
    restorer = echo_restorer()
    chunks = restorer.plan(span, span, sorted(keys), size)
    reader = Clip(span, lambda frame: np.full((2, 3, 3), 0.25, np.float32))
    renderer = ShotRenderer(
        restorer.open_shot(reader, size, ShotSettings("propagate"), lambda: False),
        windows_of(chunks),
        lambda frame: keyframe(frame, keys[frame]),
        NoPredictionCache(),
        Control(),
    )
    result = [
        restored
        for chunk in data.draw(st.permutations(chunks))
        for restored in renderer.render(chunk, Guidance())
    ]
    assert sorted(restored.frame for restored in result) == list(span)
    for restored in result:
        np.testing.assert_allclose(restored.pixels, np.full((3, 5, 3), 0.25), atol=2e-6)
