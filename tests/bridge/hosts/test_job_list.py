"""The list of jobs: news in any order end in the same picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparkvsr_bridge.errors import EngineLost
from sparkvsr_bridge.hosts.job_list import JobList, duration, progress_text, sentence_of
from sparkvsr_bridge.hosts.requests import ShotRequest
from sparkvsr_bridge.hosts.result_records import TimelineRecord
from sparkvsr_bridge.hosts.timing import Placement
from sparkvsr_bridge.messages import FramesFinished, JobChanged, JobProgress, JobReport, JobWarning

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
    job_list = JobList()
    job_list.take_in(FramesFinished("j1", 1, (2,)))
    entry = job_list.accept(QUEUED, ORDER)
    assert entry.landed == {2}
    assert [item.key for item in job_list.changes()] == [("j1", 1)]
    assert job_list.changes() == []


def test_a_state_that_overtakes_the_reply_is_newer():
    job_list = JobList()
    job_list.take_in(JobChanged(RUNNING))
    assert job_list.accept(QUEUED, ORDER).report.state == "running"


def test_progress_of_a_job_nobody_here_asked_for_is_no_entry():
    job_list = JobList()
    job_list.take_in(JobProgress(RUNNING))
    assert job_list.entries == {}


def test_a_finished_job_has_all_its_frames():
    job_list = JobList()
    entry = job_list.accept(QUEUED, ORDER)
    job_list.take_in(JobChanged(replace(RUNNING, state="finished")))
    assert entry.landed == {1, 2, 3, 4}
    assert job_list.active() == []


def test_a_job_the_engine_forgot_is_over():
    job_list = JobList()
    entry = job_list.accept(QUEUED, ORDER)
    job_list.lose("j1")
    assert entry.report.state == "cancelled"


def test_a_warning_is_reported_once():
    job_list = JobList()
    entry = job_list.accept(QUEUED, ORDER)
    for _ in range(2):
        job_list.take_in(JobWarning("j1", "The keyframe is soft."))
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
