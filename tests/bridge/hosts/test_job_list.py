"""The book of jobs: news in any order end in the same picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.errors import EngineLost
from bridge.hosts.job_list import JobList, duration, progress_text, sentence_of
from bridge.hosts.requests import ShotRequest
from bridge.hosts.result_records import TimelineRecord
from bridge.hosts.timing import Placement
from bridge.messages import FramesFinished, JobChanged, JobProgress, JobReport, JobWarning

ORDER = TimelineRecord(
    "Scene",
    "a1",
    "plate",
    ShotRequest("/p.%04d.png", 1, 4, {}),
    0,
    Placement(1, 4, 1, 5),
    ".png",
    "sRGB",
    9,
    9,
    "p",
)
QUEUED = JobReport("j1", 1, "queued", "/p.%04d.png", "/r/%06d.png", frames_total=4)
RUNNING = replace(QUEUED, state="running", frames_done=1, phase="rendering", eta_seconds=75.0)


def test_frames_that_overtake_the_reply_are_kept():
    book = JobList()
    book.take_in(FramesFinished("j1", 1, (2,)))
    entry = book.accept(QUEUED, ORDER)
    assert entry.landed == {2}
    assert [one.key for one in book.changes()] == [("j1", 1)]
    assert book.changes() == []


def test_a_state_that_overtakes_the_reply_is_newer():
    book = JobList()
    book.take_in(JobChanged(RUNNING))
    assert book.accept(QUEUED, ORDER).report.state == "running"


def test_progress_of_a_job_nobody_here_asked_for_is_no_entry():
    book = JobList()
    book.take_in(JobProgress(RUNNING))
    assert book.entries == {}


def test_a_finished_job_has_all_its_frames():
    book = JobList()
    entry = book.accept(QUEUED, ORDER)
    book.take_in(JobChanged(replace(RUNNING, state="finished")))
    assert entry.landed == {1, 2, 3, 4}
    assert book.active() == []


def test_a_job_the_engine_forgot_is_over():
    book = JobList()
    entry = book.accept(QUEUED, ORDER)
    book.lose("j1")
    assert entry.report.state == "cancelled"


def test_a_warning_is_told_once():
    book = JobList()
    entry = book.accept(QUEUED, ORDER)
    for _ in range(2):
        book.take_in(JobWarning("j1", "The keyframe is soft."))
    assert entry.warnings == ["The keyframe is soft."]


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (QUEUED, "Waiting for the engine"),
        (RUNNING, "Rendering 1 of 4, 1:15 left"),
        (replace(RUNNING, state="paused"), "Paused at 1 of 4"),
    ],
)
def test_progress_in_words(report: JobReport, text: str):
    assert progress_text(JobList().accept(report, ORDER)) == text


def test_durations_and_errors_in_words():
    assert [duration(seconds) for seconds in (7, 750, 3723)] == ["0:07", "12:30", "1:02:03"]
    assert sentence_of(EngineLost("The engine went away.")) == "The engine went away."
    assert "defect" in sentence_of(KeyError("x"))
