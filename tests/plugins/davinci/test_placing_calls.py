"""Placing without the engine: what is imported, appended and selected, and what Resolve drops."""

from __future__ import annotations

import pytest

from tests.plugins.davinci.scenes import Scene

PATTERN = "up.%04d.png"


@pytest.fixture
def result(scene: Scene):
    """A result as the engine leaves it, of frames 8 to 19 of the movie: imported, with its facts."""
    from sparkvsr_resolve.exchange.requests import MediaImport

    from tests.fakes.media import write_sequence

    pattern = write_sequence(scene.folder / "up", PATTERN, range(8, 20))
    request = MediaImport(str(pattern), 8, 19, {"FPS": "24", "Input Color Space": "ACEScct"})
    return scene.host.import_media(request).media


def test_a_take_is_selected_and_read_back(scene: Scene, result):
    from sparkvsr_resolve.exchange.requests import TakeRequest

    item = scene.clip(scene.movie(), at=5, source=10, duration=8)
    placed = scene.host.add_take(TakeRequest(scene.timeline.uid, item.uid, result.uid, 2, 10, 2))
    assert (placed.index, placed.has_scaling) == (2, True)
    assert (item.selected, item.duration, item.values["Scaling"]) == (2, 8, 2)
    assert scene.numbers(item) == list(range(10, 18))


def test_a_take_that_is_too_short_is_taken_back(scene: Scene, result):
    from sparkvsr_resolve.exchange.requests import TakeRequest
    from sparkvsr_resolve.refusals import Refused

    item = scene.clip(scene.movie(), at=5, source=10, duration=8)
    with pytest.raises(Refused, match="removed again"):
        scene.host.add_take(TakeRequest(scene.timeline.uid, item.uid, result.uid, 2, 9))
    assert (len(item.takes), item.duration, item.start) == (0, 8, scene.start + 5)
    assert scene.numbers(item) == list(range(10, 18))


def test_properties_are_read_back(scene: Scene, result):
    from sparkvsr_resolve.exchange.requests import MediaImport

    assert result.get("Input Color Space") == "ACEScct"
    assert scene.project.pool.current is scene.project.pool.root
    again = MediaImport(str(scene.folder / "up" / PATTERN), 8, 19, {"IDT": "ARRI", "Reel Name": "A001"})
    done = scene.host.import_media(again)
    # Resolve returns True for both and keeps one.
    assert done.differing == {"Reel Name": ""}


def place(scene: Scene, result, *pieces):
    from sparkvsr_resolve.exchange.requests import Piece, TrackRequest

    records = tuple(Piece(result.uid, start, end, scene.start + record) for record, start, end in pieces)
    return scene.host.place_on_track(TrackRequest(scene.timeline.uid, "SparkVSR", records))


def test_pieces_lie_at_absolute_records_and_end_before_their_end(scene: Scene, result):
    placed = place(scene, result, (10, 2, 6), (14, 0, 3))
    items = scene.timeline.tracks[1].items
    assert [(item.start - scene.start, item.duration) for item in items] == [(10, 4), (14, 3)]
    assert placed.placed == (scene.start + 10, scene.start + 14)
    assert [scene.number_at(scene.start + at) for at in range(10, 17)] == [10, 11, 12, 13, 8, 9, 10]


def test_what_vanishes_at_saving_is_appended_again(scene: Scene, result):
    scene.app.vanishing = 2
    placed = place(scene, result, (10, 2, 6), (14, 0, 3))
    assert len(placed.placed) == 2
    assert len(scene.timeline.tracks[1].items) == 2


def test_it_is_appended_twice_more_at_most(scene: Scene, result):
    scene.app.vanishing = 99
    assert place(scene, result, (10, 2, 6)).placed == ()
    assert scene.app.calls.count("MediaPool.AppendToTimeline") == 3


def test_an_overlap_that_is_dropped_in_silence_is_noticed(scene: Scene, result):
    placed = place(scene, result, (10, 2, 6), (12, 0, 3))
    assert placed.placed == (scene.start + 10,)


def test_a_project_without_a_name_is_not_saved(scene: Scene, result):
    # Saving it would wait for a dialog for ever.
    scene.host._patience = 0.02
    scene.project.name = "Untitled Project"
    placed = place(scene, result, (10, 2, 6))
    assert (placed.saved, scene.app.saves) == (False, 0)
    assert len(placed.placed) == 1


def test_results_go_to_the_timeline_they_were_planned_for(scene: Scene, result):
    planned = scene.timeline
    scene.project.add_timeline("Another")
    from sparkvsr_resolve.exchange.requests import Piece, TrackRequest

    piece = Piece(result.uid, 2, 6, planned.start + 10)
    scene.host.place_on_track(TrackRequest(planned.uid, "SparkVSR", (piece,)))
    assert [len(track.items) for track in planned.tracks] == [0, 1]
    assert [len(timeline.tracks) for timeline in scene.project.timelines] == [2, 1]


def test_a_timeline_whose_name_is_taken_is_another_one(scene: Scene):
    from sparkvsr_resolve.exchange.requests import TimelineImport

    scene.clip(scene.movie(), at=5, source=10, duration=8)
    path = scene.host.export_timeline(str(scene.folder / "cut.otio"))
    done = scene.host.import_timeline(TimelineImport(path, scene.timeline.name, str(scene.folder)))
    assert (done.name, done.items, done.offline) == ("Edit 2", 1, ())
    assert [timeline.name for timeline in scene.project.timelines] == ["Edit", "Edit 2"]


def test_offline_clips_of_an_imported_timeline_are_counted(scene: Scene):
    from sparkvsr_resolve.exchange.requests import TimelineImport

    movie = scene.movie()
    scene.clip(movie, at=5, source=10, duration=8, name="there")
    scene.clip(scene.movie("gone.mov"), at=20, source=10, duration=8, name="gone")
    path = scene.host.export_timeline(str(scene.folder / "cut.otio"))
    (scene.folder / "gone.mov").unlink()
    done = scene.host.import_timeline(TimelineImport(path, "New", str(scene.folder)))
    assert done.offline == ("gone",)


def test_a_still_leaves_the_playhead_where_it_was(scene: Scene):
    from tests.fakes.media import number_in
    from tests.fakes.resolve.real_media import read_picture

    scene.clip(scene.movie(), at=0, source=3, duration=20)
    path = scene.folder / "still.png"
    scene.timeline.playhead = scene.start + 2
    scene.host.export_still(scene.timeline.uid, "01:00:00:12", str(path))
    assert number_in(read_picture(path)) == 15
    assert scene.timeline.playhead == scene.start + 2


def test_a_playhead_that_does_not_move_exports_nothing(scene: Scene):
    from sparkvsr_resolve.refusals import Refused

    scene.clip(scene.movie(), at=0, duration=10)
    path = scene.folder / "still.png"
    with pytest.raises(Refused, match="does not go to"):
        scene.host.export_still(scene.timeline.uid, "02:00:00:00", str(path))
    assert not path.exists()
