"""Clips the engine cannot open go through the Deliver page, and the artist's settings there come back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.resolve.pool import MediaPoolItem
from tests.plugins.davinci.scenes import Scene


@pytest.fixture
def nested(scene: Scene) -> Any:
    """A compound clip that shows frames 4 to 9 of a movie, graded."""
    movie = scene.movie()
    compound = MediaPoolItem(scene.app, "nest", None, "Compound")
    compound.inner = movie.media
    return scene.clip(compound, at=30, source=4, duration=6, grade=0.9, name="nest")


def test_a_compound_clip_is_rendered_upscaled_and_placed(scene: Scene, nested: Any):
    before = dict(scene.project.render_settings)
    report = scene.run(place="track")
    assert report.is_whole, report
    item = scene.timeline.tracks[1].items[0]
    assert (item.start, item.duration) == (nested.start, 6)
    assert item.shown_media.media.width == 192
    assert scene.numbers(nested) == [4, 5, 6, 7, 8, 9]
    # Its grade is in the pictures: it has none of its own.
    assert item.grade == 1.0
    assert scene.project.render_settings == before
    assert sorted(scene.project.presets) == ["H.264 Master", "ProRes 422 HQ"]
    assert scene.project.jobs == {}


def test_a_render_that_is_complete_without_files_is_noticed(scene: Scene, nested: Any):
    before = dict(scene.project.render_settings)
    scene.app.renders_nothing = True
    end = scene.run(place="track").clips[0]
    assert "rendered 0 of 6 pictures" in end.error
    assert scene.project.render_settings == before
    assert len(scene.timeline.tracks) == 1


def test_18_6_keeps_the_preset_it_cannot_delete(scene: Scene, nested: Any):
    from sparkvsr_resolve.exchange.requests import RenderRequest

    scene.app.version = (18, 6)
    before = dict(scene.project.render_settings)
    request = RenderRequest(scene.timeline.uid, nested.start, nested.end - 1, str(scene.folder), "shot_")
    started = scene.host.start_render(request)
    assert (started.format, started.codec) == ("tif", "RGB16LZW")
    # Sound and the format that the artist had set are not in the way: a stock preset was loaded first.
    assert "artist" not in scene.project.render_settings
    assert scene.host.end_render(started, True)
    assert scene.project.render_settings == before
    assert "SparkVSR: settings before" in scene.project.presets
