"""A revision renders what it changes, links the rest, and is bit for bit what a fresh render would be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import Keyframe, OutputTarget, Revision
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from tests.fakes.jobs import Workshop, assert_same_pictures, retargeted

FRAMES = (0, 8, 16, 24, 32)


@pytest.fixture
def spec(workshop, plate, artist, tmp_path):
    return workshop.spec(plate, tmp_path / "v1" / "%04d.png", {frame: artist(frame) for frame in FRAMES})


@pytest.fixture
def fresh(tmp_path):
    """Renders a request in a home folder of its own, where nothing is known."""
    shops = []

    def render(spec):
        shops.append(Workshop(tmp_path / f"fresh{len(shops)}"))
        return shops[-1].render(spec)

    yield render
    for shop in shops:
        shop.close()


def links_of(folder):
    return {int(path.stem): path.stat().st_nlink for path in Path(folder).glob("*.png")}


@pytest.mark.slow
def test_a_changed_keyframe_renders_the_frames_between_its_neighbours_only(
    workshop, spec, artist, fresh, tmp_path
):
    first = workshop.render(spec)
    revised, version = workshop.revise(first.job, Revision(set_keyframes=(Keyframe(16, artist(16, 3.0)),)))
    assert (revised.frames_total, revised.frames_reused) == (33, 18)
    again = workshop.run(first.job, version)
    assert again.advance.passes_run == 15
    chunks, frames, reused = workshop.store.chunk_counts(first.job, version)
    assert (frames, reused) == (33, 18)
    assert chunks == workshop.store.chunk_counts(first.job, 1)[0]
    linked = links_of(tmp_path / "v1_v002")
    assert sorted(frame for frame, count in linked.items() if count == 1) == list(range(9, 24))
    target = tmp_path / "fresh" / "%04d.png"
    pictures = {frame: artist(frame, 3.0) if frame == 16 else artist(frame) for frame in FRAMES}
    fresh(workshop.spec(spec.source.path, target, pictures))
    assert_same_pictures(tmp_path / "v1_v002", tmp_path / "fresh")


@pytest.mark.slow
def test_a_dropped_and_an_added_keyframe_equal_a_fresh_render(workshop, spec, artist, fresh, tmp_path):
    first = workshop.render(spec)
    revision = Revision(set_keyframes=(Keyframe(28, artist(28)),), drop_keyframes=(8,))
    revised, version = workshop.revise(first.job, revision)
    again = workshop.run(first.job, version)
    # Between 0 and 16, and between 24 and 32: each without its ends.
    assert revised.frames_total - revised.frames_reused == 15 + 7 == again.advance.passes_run
    named = {frame: artist(frame) for frame in (0, 16, 24, 28, 32)}
    fresh(workshop.spec(spec.source.path, tmp_path / "fresh" / "%04d.png", named))
    assert_same_pictures(tmp_path / "v1_v002", tmp_path / "fresh")


@pytest.mark.slow
def test_versions_build_on_versions_and_leave_them_as_they_were(workshop, spec, artist, tmp_path):
    first = workshop.render(spec)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "v1").glob("*.png")}
    _, second = workshop.revise(first.job, Revision(set_keyframes=(Keyframe(16, artist(16, 3.0)),)))
    workshop.run(first.job, second)
    _, third = workshop.revise(first.job, Revision(set_keyframes=(Keyframe(16, artist(16)),)))
    back = workshop.run(first.job, third)
    assert back.advance.passes_run == 0
    assert workshop.store.chunk_counts(first.job, third)[1:] == (33, 33)
    assert_same_pictures(tmp_path / "v1_v003", tmp_path / "v1")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "v1").glob("*.png")} == before


@pytest.mark.slow
def test_a_revision_without_a_change_reuses_everything(workshop, spec):
    first = workshop.render(spec)
    revised, version = workshop.revise(first.job, Revision())
    again = workshop.run(first.job, version)
    assert revised.frames_reused == 33
    assert again.advance.passes_run == 0
    assert again.announced == list(range(33))


@pytest.mark.slow
def test_a_narrower_range_reuses_what_it_can(workshop, spec, tmp_path):
    first = workshop.render(spec)
    revised, version = workshop.revise(first.job, Revision(first_frame=4, last_frame=20))
    again = workshop.run(first.job, version)
    assert again.advance.passes_run == 0
    # Chunks inside are taken as they are, those the range cuts through are mixed again from kept parts.
    assert revised.frames_reused == 1 + 7 + 1
    result = tmp_path / "v1_v002"
    assert sorted(links_of(result)) == list(range(4, 21))
    for frame in range(4, 21):
        assert (result / f"{frame:04d}.png").read_bytes() == (
            tmp_path / "v1" / f"{frame:04d}.png"
        ).read_bytes()


@pytest.mark.slow
def test_a_wider_range_than_was_looked_at_is_rendered_whole(workshop, plate, artist, fresh, tmp_path):
    spec = workshop.spec(plate, tmp_path / "v1" / "%04d.png", {0: artist(0), 8: artist(8)})
    first = workshop.render(replace(spec, source=replace(spec.source, first_frame=0, last_frame=8)))
    _, version = workshop.revise(first.job, Revision(last_frame=32))
    again = workshop.run(first.job, version)
    assert workshop.store.chunk_counts(first.job, version)[1:] == (33, 9)
    assert again.advance.passes_run == 24
    fresh(retargeted(spec, tmp_path / "fresh" / "%04d.png"))
    assert_same_pictures(tmp_path / "v1_v002", tmp_path / "fresh")


@pytest.mark.slow
def test_a_keyframe_set_outside_a_narrower_range_is_refused(workshop, spec, artist):
    first = workshop.render(spec)
    with pytest.raises(InvalidSettings, match="outside"):
        workshop.revise(first.job, Revision(set_keyframes=(Keyframe(28, artist(28)),), last_frame=20))


@pytest.mark.slow
def test_a_movie_is_joined_of_segments_old_and_new(workshop, spec, artist, fresh, tmp_path):
    movie = replace(spec, output=OutputTarget(str(tmp_path / "shot.mkv"), codec="ffv1"))
    first = workshop.render(movie)
    revised, version = workshop.revise(first.job, Revision(set_keyframes=(Keyframe(16, artist(16, 3.0)),)))
    assert revised.frames_reused == 18
    again = workshop.run(first.job, version)
    assert again.advance.passes_run == 15
    changed = retargeted(movie, tmp_path / "fresh.mkv")
    named = {**{k.frame: k for k in changed.keyframes}, 16: Keyframe(16, artist(16, 3.0))}
    fresh(replace(changed, keyframes=tuple(named[frame] for frame in FRAMES)))
    assert_same_movies(tmp_path / "shot_v002.mkv", tmp_path / "fresh.mkv", 33)


def assert_same_movies(first, second, count):
    sources = [open_source(probe(SourceMedia(str(path)))) for path in (first, second)]
    assert [len(source.span) for source in sources] == [count, count]
    for frame in sources[0].span:
        result, expected = (source.read(frame).pixels for source in sources)
        assert np.array_equal(result, expected)
    for source in sources:
        source.close()


def ranged(spec, first, last):
    return replace(spec, source=replace(spec.source, first_frame=first, last_frame=last))


@pytest.mark.slow
@pytest.mark.parametrize("is_movie", [False, True])
@pytest.mark.parametrize(
    ("before", "after", "reused"),
    [
        # A clip that was trimmed: the pieces inside are taken, those it cuts through are mixed again.
        ((6, 26), (8, 26), 10),
        # Handles that grow: all of what was there.
        ((8, 22), (6, 24), 15),
        # Beyond what was looked at.
        ((10, 14), (0, 32), 5),
        # A cut that moved: what both have in common.
        ((4, 20), (10, 26), 0),
    ],
)
def test_frames_that_two_ranges_have_in_common_are_reused(
    workshop, spec, fresh, tmp_path, is_movie, before, after, reused
):
    """Without keyframes, whose places would be borders of pieces anyway."""
    spec = replace(spec, keyframes=())
    if is_movie:
        spec = replace(spec, output=OutputTarget(str(tmp_path / "v1.mkv"), codec="ffv1"))
    first = workshop.render(ranged(spec, *before))
    revised, version = workshop.revise(first.job, Revision(first_frame=after[0], last_frame=after[1]))
    again = workshop.run(first.job, version)
    common = min(before[1], after[1]) - max(before[0], after[0]) + 1
    assert revised.frames_reused == workshop.store.chunk_counts(first.job, version)[2]
    assert revised.frames_reused >= reused
    # No frame that is there passes the network again.
    assert again.advance.passes_run == after[1] - after[0] + 1 - common
    target = tmp_path / ("fresh.mkv" if is_movie else "fresh/%04d.png")
    fresh(ranged(retargeted(spec, target), *after))
    if is_movie:
        assert_same_movies(tmp_path / "v1_v002.mkv", target, after[1] - after[0] + 1)
    else:
        assert_same_pictures(tmp_path / "v1_v002", tmp_path / "fresh")


def test_a_range_that_comes_back_is_taken_whole(workshop, spec):
    spec = replace(spec, keyframes=())
    first = workshop.render(ranged(spec, 8, 22))
    for ends in ((6, 24), (8, 22), (6, 24)):
        revised, version = workshop.revise(first.job, Revision(first_frame=ends[0], last_frame=ends[1]))
        ran = workshop.run(first.job, version)
    assert revised.frames_reused == 19
    assert ran.advance.passes_run == 0
    assert workshop.plan(first.job, version).pieces
