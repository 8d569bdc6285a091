"""A whole timeline, retimes and all, conformed and imported beside the one it was made of."""

from __future__ import annotations

import pytest

from tests.plugins.davinci.scenes import Scene

pytest.importorskip("opentimelineio", reason="timelines need the extra timeline")


@pytest.mark.slow
def test_the_timeline_is_conformed_and_imported_under_a_name_of_its_own(scene: Scene):
    from sparkvsr_resolve.runs.timeline_results import place_timeline

    movie = scene.movie(frames=60)
    scene.clip(movie, at=0, source=10, duration=6, name="plain")
    scene.clip(movie, at=10, source=20, duration=6, speed=2.0, name="fast")
    wishes = scene.wishes(place="timeline")
    plan = scene.plan(place="timeline")
    assert [clip.route for clip in plan.clips] == ["path", "path"]
    assert [text for text in plan.all_warnings if "Grades do not travel" in text]
    first = scene.timeline
    for name in ("Edit SparkVSR", "Edit SparkVSR 2"):
        scene.project.current = first
        placed = place_timeline(scene.host, scene.engine.client(), first.name, wishes)
        assert (placed.name, placed.items, placed.offline, placed.skipped) == (name, 2, (), ())
    imported = scene.project.timelines[1]
    plain = imported.tracks[0].items[0]
    assert plain.shown_media.media.width == 192
    scene.project.current = imported
    assert scene.numbers(plain) == list(range(10, 16))
