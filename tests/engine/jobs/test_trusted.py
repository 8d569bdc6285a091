"""Trust measured in a render: per frame, as a picture, and as the next keyframe to add."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.errors import InvalidSettings, StateConflict
from bridge.settings import Keyframe, Revision
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.cache import DiskCache
from sparkvsr_engine.jobs.confidence import ConfidenceBook
from sparkvsr_engine.jobs.planning import shot_chunks
from sparkvsr_engine.jobs.trusted import RenderedVersion, heat_image
from sparkvsr_engine.media.images import read_image
from sparkvsr_engine.models.registry import open_planner


@pytest.fixture
def rendered(workshop, plate, artist, tmp_path):
    job = workshop.render(workshop.spec(plate, tmp_path / "out" / "%04d.png", {8: artist(8)})).job
    return lambda version=0: RenderedVersion(workshop.config, workshop.store.version(job, version))


def pretend(workshop, rendered, trust_of):
    """Put other measurements in the place of what the random network said."""
    plan = rendered.plan
    book = ConfidenceBook(DiskCache(workshop.config.cache_folder, workshop.config.cache_budget_bytes))
    planner = open_planner("lite", workshop.config.models_folder, plan.options)
    for shot in shot_chunks(planner, plan):
        for chunk in shot.chunks:
            maps = {frame: np.full((2, 2), trust_of(frame), np.float32) for frame in chunk.span}
            book.save(plan.chunk_key(chunk), maps)


def test_trust_is_known_of_every_frame_and_full_on_a_keyframe(rendered):
    known = rendered().trust()
    assert known.frames == tuple(range(33))
    assert known.trust[8] == 1.0
    assert all(0 <= value <= 1 for value in known.trust)


def test_a_revision_knows_reused_frames_too(workshop, rendered, artist, plate, tmp_path):
    job = workshop.store.latest(1)[0].job
    _, version = workshop.revise(job, Revision(set_keyframes=(Keyframe(24, artist(24)),)))
    workshop.run(job, version)
    known = rendered(version).trust()
    assert known.frames == tuple(range(33))
    assert known.trust[24] == 1.0


def test_before_anything_is_rendered_nothing_is_known(workshop, plate, artist, tmp_path):
    job = workshop.submit(workshop.spec(plate, tmp_path / "other" / "%04d.png", {8: artist(8)}))
    with pytest.raises(StateConflict, match="has not settled"):
        RenderedVersion(workshop.config, workshop.store.version(job))


def test_a_heat_map_lies_over_the_source_frame(rendered, tmp_path):
    found = rendered().heat(3)
    assert found.shape == (48, 64, 3)
    assert heat_image(found, "").format.width == 64
    heat_image(found, str(tmp_path / "heat.png"))
    assert np.array_equal(read_image(tmp_path / "heat.png").pixels, found)


def test_a_heat_map_of_a_forgotten_frame_is_refused(workshop, rendered):
    DiskCache(workshop.config.cache_folder, 10**9).clear("confidence")
    with pytest.raises(StateConflict, match="not known"):
        rendered().heat(3)
    assert rendered().trust().frames == ()


def test_the_next_keyframe_goes_where_trust_was_least(workshop, rendered):
    pretend(workshop, rendered(), lambda frame: 1.0 if frame <= 16 else 0.1)
    (choice,) = rendered().next_keyframes(1)
    assert 17 <= choice.frame <= 32
    assert choice.gain > 0
    assert "trusted by 0." in choice.reason


def test_more_are_proposed_best_first_and_apart(workshop, rendered):
    pretend(workshop, rendered(), lambda frame: 1.0 if 6 <= frame <= 10 else 0.2)
    choices = rendered().next_keyframes(3)
    frames = [choice.frame for choice in choices]
    assert len(set(frames)) == len(frames) >= 2
    assert all(abs(one - 8) >= 4 for one in frames)
    gains = [choice.gain for choice in choices]
    assert gains == sorted(gains, reverse=True)


def test_nothing_is_proposed_where_all_is_trusted(workshop, rendered):
    pretend(workshop, rendered(), lambda _: 1.0)
    assert rendered().next_keyframes(1) == ()
    assert rendered().cuts() == ()


def test_a_count_of_none_is_refused(rendered):
    with pytest.raises(InvalidSettings, match="count"):
        rendered().next_keyframes(0)


def test_without_measurements_expected_trust_decides(workshop, rendered):
    DiskCache(workshop.config.cache_folder, 10**9).clear("confidence")
    (choice,) = rendered().next_keyframes(1)
    assert choice.frame in FrameSpan(12, 33)
