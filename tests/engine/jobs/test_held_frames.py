"""What a job holds of frames that it has written: nothing, where no window serves twice."""

from __future__ import annotations

import weakref

import pytest

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.running.in_memory import ShotInMemory, restore_shot
from sparkvsr_engine.jobs.running.rendering import NoPredictionCache, ShotRenderer, windows_of
from sparkvsr_engine.models.base import Guidance
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.restorer import LiteRestorer, LiteShot
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from sparkvsr_engine.models.precision import choose_precision
from tests.fakes.lite_shots import MemoryReader, Rendering, small_network
from tests.fakes.moving import pan

FRAMES = 5


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many source frames made ready were held whenever another one was asked for."""
    counts: list[int] = []
    sources: list[weakref.ref[object]] = []
    encode = LiteShot.encode_source

    def watched(shot: LiteShot, window: object) -> object:
        counts.append(sum(source() is not None for source in sources))
        source = encode(shot, window)
        sources.append(weakref.ref(source))
        return source

    monkeypatch.setattr(LiteShot, "encode_source", watched)
    return counts


def test_a_frame_is_let_go_before_the_next_is_restored(alive: list[int]):
    frames = pan(FRAMES, 48, 32, (0.6, 0.4), 3)
    restorer = LiteRestorer(LiteWeights(small_network()), LitePlanner(), choose_precision("cpu"))
    shot = ShotInMemory(frames, FrameSpan(0, FRAMES), Geometry.scaled(48, 32, 2))
    assert [restored.frame for restored in restore_shot(restorer, shot)] == list(range(FRAMES))
    assert alive == [0] * FRAMES


def test_frames_that_are_shown_again_are_held_for_it(alive: list[int]):
    frames = pan(FRAMES, 48, 32, (0.6, 0.4), 3)
    rendering = Rendering(small_network(), frames, 2)
    span = MemoryReader(frames).span
    chunks = rendering.planner.plan(span, span, [], rendering.geometry)
    renderer = ShotRenderer(
        rendering.shot,
        windows_of(chunks),
        lambda _: pytest.fail("no keyframe"),
        NoPredictionCache(),
        Control(),
    )
    for _ in range(2):
        assert len(list(renderer.render(chunks[0], Guidance()))) == FRAMES
    assert max(alive) == 3
