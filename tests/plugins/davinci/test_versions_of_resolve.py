"""Resolve 18.6, without the newer calls, does what it can and names what it cannot."""

from __future__ import annotations

import pytest

from tests.plugins.davinci.scenes import Scene


def test_18_6_makes_takes_of_what_is_under_the_playhead(scene: Scene):
    scene.app.version = (18, 6)
    item = scene.clip(scene.movie(), at=20, source=10, duration=6)
    scene.timeline.playhead = item.start + 2
    facts = scene.host.timeline()
    assert (facts.selected, facts.has_marks, facts.items[0].source_start) == (None, False, None)
    report = scene.run(scope="playhead")
    assert report.is_whole, report
    assert scene.numbers(item) == list(range(10, 16))


def test_18_6_leaves_a_retimed_clip_out(scene: Scene):
    from sparkvsr_resolve.refusals import Refused

    scene.app.version = (18, 6)
    scene.clip(scene.movie(frames=60), source=30, duration=8, speed=2.0)
    plan = scene.plan()
    assert plan.clips[0].reason.startswith("is retimed (200 %)")
    with pytest.raises(Refused, match=r"21\.0\.4"):
        scene.plan(scope="selected")
