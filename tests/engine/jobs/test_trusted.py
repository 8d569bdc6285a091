"""Trust measured in a render: per frame, as a picture, and as the next keyframe to add."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings, StateConflict
from sparkvsr_bridge.settings import Keyframe, Revision
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.interactive.trusted import RenderedVersion, heat_image
from sparkvsr_engine.media.images import read_image
from sparkvsr_engine.storage.disk_cache import DiskCache


@pytest.fixture
def rendered(workshop, plate, artist, tmp_path):
    job = workshop.render(workshop.spec(plate, tmp_path / "out" / "%04d.png", {8: artist(8)})).job
    return lambda version=0: RenderedVersion(workshop.config, workshop.store.version(job, version))


@pytest.mark.slow
def test_trust_is_known_of_every_frame_and_full_on_a_keyframe(rendered):
    frame_trust = rendered().trust()
    assert frame_trust.frames == tuple(range(33))
    assert frame_trust.trust[8] == 1.0
    assert all(0 <= value <= 1 for value in frame_trust.trust)


@pytest.mark.slow
def test_a_revision_knows_reused_frames_too(workshop, rendered, artist, plate, tmp_path):
    job = workshop.store.latest(1)[0].job
    _, version = workshop.revise(job, Revision(set_keyframes=(Keyframe(24, artist(24)),)))
    workshop.run(job, version)
    frame_trust = rendered(version).trust()
    assert frame_trust.frames == tuple(range(33))
    assert frame_trust.trust[24] == 1.0


def test_before_anything_is_rendered_nothing_is_known(workshop, plate, artist, tmp_path):
    job = workshop.submit(workshop.spec(plate, tmp_path / "other" / "%04d.png", {8: artist(8)}))
    with pytest.raises(StateConflict, match="has not settled"):
        RenderedVersion(workshop.config, workshop.store.version(job))


@pytest.mark.slow
def test_a_heat_map_lies_over_the_source_frame(rendered, tmp_path):
    result = rendered().heat(3)
    assert result.shape == (48, 64, 3)
    assert heat_image(result, "").format.width == 64
    heat_image(result, str(tmp_path / "heat.png"))
    assert np.array_equal(read_image(tmp_path / "heat.png").pixels, result)


@pytest.mark.slow
def test_a_heat_map_of_a_forgotten_frame_is_refused(workshop, rendered):
    DiskCache(workshop.config.cache_folder, 10**9).clear("confidence")
    with pytest.raises(StateConflict, match="no trust stored"):
        rendered().heat(3)
    assert rendered().trust().frames == ()


@pytest.mark.slow
def test_the_next_keyframe_has_the_trust_of_the_render_there(rendered):
    (choice,) = rendered().next_keyframes(1)
    assert choice.frame in FrameSpan(12, 33)
    assert choice.gain > 0
    frame_trust = rendered().trust().trust[choice.frame]
    assert choice.reason.startswith(f"keyframes are trusted by {frame_trust:.2f} here; ")


@pytest.mark.slow
def test_more_are_proposed_apart_until_there_is_no_room(rendered):
    frames = [choice.frame for choice in rendered().next_keyframes(33)]
    assert 2 <= len(frames) <= 8
    every = sorted([8, *frames])
    assert all(after - before >= 4 for before, after in pairwise(every))
    assert rendered().cuts() == ()


@pytest.mark.slow
def test_a_count_of_none_is_refused(rendered):
    with pytest.raises(InvalidSettings, match="count"):
        rendered().next_keyframes(0)


@pytest.mark.slow
def test_what_was_forgotten_is_not_needed(workshop, rendered):
    cache = DiskCache(workshop.config.cache_folder, 10**9)
    cache.clear("confidence")
    assert "here" not in rendered().next_keyframes(1)[0].reason
    cache.clear("analysis")
    (choice,) = rendered().next_keyframes(1)
    assert choice.frame in FrameSpan(12, 33)
