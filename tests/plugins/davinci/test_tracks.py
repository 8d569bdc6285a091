"""Results on a new track, whatever Resolve drops."""

from __future__ import annotations

from tests.plugins.davinci.scenes import Scene


def test_results_lie_over_their_clips(scene: Scene):
    movie = scene.movie()
    first = scene.clip(movie, at=10, source=3, duration=6, grade=0.8)
    second = scene.clip(movie, at=16, source=20, duration=5)
    report = scene.run(place="track")
    assert report.is_whole, report
    track = scene.timeline.tracks[1]
    assert track.name == "SparkVSR"
    assert [(item.start, item.duration) for item in track.items] == [
        (scene.start + 10, 6),
        (scene.start + 16, 5),
    ]
    numbers = [scene.number_at(record) for record in range(scene.start + 10, scene.start + 21)]
    assert numbers == [*range(3, 9), *range(20, 25)]
    assert [item.grade for item in track.items] == [0.8, 1.0]
    assert not first.takes
    assert not second.takes


def test_what_vanishes_three_times_is_reported_and_kept(scene: Scene):
    scene.clip(scene.movie(), at=10, source=3, duration=6)
    scene.app.vanishing = 99
    end = scene.run(place="track").clips[0]
    assert "did not keep plate.mov" in end.error
    assert end.path in end.error
    appended = [call for call in scene.app.calls if call == "MediaPool.AppendToTimeline"]
    assert len(appended) == 3


def test_a_marked_range_is_trimmed_on_a_track(scene: Scene):
    scene.clip(scene.movie(), at=10, source=3, duration=12)
    scene.clip(scene.movie("other.mov"), at=40, source=3, duration=6)
    scene.timeline.marks = {"video": {"in": 14, "out": 17}}
    report = scene.run(scope="range", place="track", handles=0)
    assert report.is_whole, report
    items = scene.timeline.tracks[1].items
    assert [(item.start, item.duration) for item in items] == [(scene.start + 14, 4)]
    assert [scene.number_at(scene.start + at) for at in range(14, 18)] == [7, 8, 9, 10]
    assert items[0].shown_media.media.frames == 4


def test_a_grade_that_is_not_copied_is_reported(scene: Scene):
    scene.clip(scene.movie(), at=10, source=3, duration=4)
    scene.app.refuses_grades = True
    report = scene.run(place="track")
    assert [text for text in report.warnings if "grade was not copied" in text]
