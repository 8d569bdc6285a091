"""Results as takes: in place, with the grade, compared by the take menu, and revised instead of upscaled
twice.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.plugins.davinci.scenes import Scene


def test_a_take_shows_the_same_frames_in_the_same_place(scene: Scene):
    item = scene.clip(scene.movie(), at=48, source=10, duration=8, grade=0.9)
    before = scene.numbers(item)
    assert before == list(range(10, 18))
    report = scene.run()
    assert report.is_whole, report
    assert scene.numbers(item) == before
    assert (item.start, item.duration, item.grade) == (scene.start + 48, 8, 0.9)
    # Compared by the take menu: both are there, the result is selected, nothing is final.
    assert (len(item.takes), item.selected) == (2, 2)
    assert item.takes[0].media.name == "plate.mov"
    # What is used and its handles, not the whole movie; the bin that was open stays open.
    assert (item.shown_media.media.frames, item.shown_source) == (12, 2)
    pool = scene.project.pool
    assert pool.current is pool.root
    assert [clip.name for clip in pool.root.folders[0].clips] == ["plate_v001.mov"]
    assert item.shown_media.media.width == 192
    assert "TimelineItem.FinalizeTake" not in scene.app.calls
    item.SelectTakeByIndex(1)
    assert scene.numbers(item) == before


def test_pictures_keep_their_numbers_and_their_rate(scene: Scene):
    source = scene.sequence(first=1001, frames=20)
    source.values["FPS"] = "24.0"
    item = scene.clip(source, source=5, duration=6)
    assert scene.run().is_whole
    assert scene.numbers(item) == list(range(1006, 1012))
    assert item.shown_media.media.first == 1004
    assert item.shown_media.values["FPS"] == "24.0"


def test_a_subclip_counts_from_where_it_begins_in_its_file(scene: Scene):
    whole = scene.movie()
    part = scene.project.pool.add(whole.media, start=6, name="part")
    item = scene.clip(part, source=4, duration=5)
    before = scene.numbers(item)
    assert before == list(range(10, 15))
    assert scene.run().is_whole
    assert scene.numbers(item) == before


@pytest.mark.slow
def test_a_second_run_revises_the_original(scene: Scene):
    item = scene.clip(scene.movie(), source=10, duration=8)
    first = scene.run(handles=2).clips[0]
    second = scene.run(handles=4)
    reports = [news.report for news in scene.news if getattr(news, "report", None) is not None]
    # Wider handles: the twelve frames that were there are taken, four are new.
    assert (reports[-1].frames_total, reports[-1].frames_reused) == (16, 12)
    assert second.is_whole, second
    assert second.clips[0].version == 2
    assert first.path != second.clips[0].path
    assert (len(item.takes), item.selected) == (3, 3)
    # Of the source again: an upscale of the upscale would be four times as large.
    assert item.shown_media.media.width == 192
    assert scene.numbers(item) == list(range(10, 18))


def test_a_clip_that_was_cut_in_two_is_still_known_by_its_take(scene: Scene):
    item = scene.clip(scene.movie(), source=10, duration=8)
    scene.run()
    item.uid, old = "another", item.uid
    scene.app.objects[item.uid] = scene.app.objects.pop(old)
    assert scene.plan(handles=4).clips[0].earlier is not None


@pytest.mark.slow
def test_what_is_noted_down_keeps_its_stored_names(scene: Scene):
    """Files of earlier versions are read: `shown` is the path as the media pool writes it."""
    item = scene.clip(scene.movie(), source=10, duration=8)
    scene.run()
    file = Path(os.environ["SPARKVSR_HOME"]) / "resolve" / f"{scene.project.uid}.json"
    stored = json.loads(file.read_text("utf-8"))[-1]
    assert stored["shown"] == item.shown_media.values["File Path"]
    names = "first frames item job path request shown source version"
    assert sorted(stored) == names.split()
    memory = scene.memory(scene.project.uid)
    assert memory.latest_of("another", [stored["shown"]], stored["source"]) is not None


def test_an_unchanged_clip_is_reported(scene: Scene):
    item = scene.clip(scene.movie(), source=10, duration=8)
    scene.run()
    again = scene.run()
    assert "nothing changed" in again.clips[0].error
    assert len(item.takes) == 2


def test_a_take_that_is_refused_costs_no_render(scene: Scene):
    item = scene.clip(scene.movie(), source=10, duration=8)
    scene.app.refuses_takes = True
    failed = scene.run().clips[0]
    assert "adds no take" in failed.error
    assert Path(failed.path).is_file()
    assert failed.path in failed.error
    scene.app.refuses_takes = False
    again = scene.run()
    assert again.is_whole, again
    assert again.clips[0].path == failed.path
    assert scene.numbers(item) == list(range(10, 18))


@pytest.mark.slow
@pytest.mark.parametrize(("speed", "source"), [(2.0, 6), (0.5, 10), (1.5, 4)])
def test_a_retimed_clip_keeps_its_speed_and_is_revised(scene: Scene, speed: float, source: int):
    item = scene.clip(scene.movie(), at=12, source=source, duration=8, speed=speed)
    before = scene.numbers(item)
    first = scene.run(handles=2)
    assert first.is_whole, first
    assert (item.selected, item.duration) == (2, 8)
    assert scene.numbers(item) == before
    # Where it begins in the original is known from the take it shows now.
    second = scene.run(handles=4)
    assert second.is_whole, second
    assert (item.selected, second.clips[0].version) == (3, 2)
    assert scene.numbers(item) == before
    assert item.shown_media.media.width == 192


@pytest.mark.slow
def test_a_resolve_that_drops_the_speed_of_takes_gets_none(scene: Scene):
    item = scene.clip(scene.movie(), source=6, duration=8, speed=2.0)
    before = scene.numbers(item)
    scene.app.takes_keep_speed = False
    end = scene.run().clips[0]
    assert "does not run the take of plate.mov at the clip's speed" in end.error
    assert Path(end.path).is_file()
    assert (item.takes, item.duration) == ([], 8)
    assert scene.numbers(item) == before


def test_colour_properties_go_along_and_are_read_back(scene: Scene):
    source = scene.movie()
    source.values.update({"Input Color Space": "ARRI LogC4", "IDT": "ARRI", "Data Level": "Video"})
    item = scene.clip(source, source=10, duration=4)
    scene.app.unset_properties.add("IDT")
    report = scene.run()
    result = item.shown_media.values
    assert (result["Input Color Space"], result["Data Level"], result["IDT"]) == ("ARRI LogC4", "Video", "")
    assert [text for text in report.warnings if "IDT" in text and "ARRI" in text]


def test_a_crop_at_the_centre_is_reported_before_anything_is_placed(scene: Scene):
    scene.project.settings["timelineInputResMismatchBehavior"] = "centerCrop"
    item = scene.clip(scene.movie(), duration=4)
    plan = scene.plan()
    assert [text for text in plan.all_warnings if "192x128 instead of 96x64" in text]
    assert not item.takes
    assert scene.plan(fit=True).all_warnings == ()
    scene.run(fit=True)
    assert item.values["Scaling"] == 2
