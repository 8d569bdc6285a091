"""A followed job, shown: every event of the protocol with all its fields."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sparkvsr_bridge.errors import DiskFull, JobCancelled
from sparkvsr_bridge.messages import FramesFinished, JobChanged, JobProgress, JobReport, JobWarning
from sparkvsr_bridge.records import Record, fields_of
from sparkvsr_bridge.reports import ErrorReport
from sparkvsr_engine.cli.console import Console, ProgressBar
from sparkvsr_engine.cli.following import JobFollower, show_event
from tests.fakes.clients import ListenedClient, RestartedEngine

RUNNING = JobReport("a", 1, "running", "clip.mp4", "out.mp4", frames_total=2)
FINISHED = JobReport("a", 1, "finished", "clip.mp4", "out.mp4", frames_total=2, frames_done=2)
PROGRESS = JobProgress(RUNNING)
FRAMES = FramesFinished("a", 1, (0, 1), ("0.png", "1.png"))
WARNING = JobWarning("a", "The keyframe shows another frame.", 1)


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("event", "record"), [(PROGRESS, RUNNING), (FRAMES, FRAMES), (WARNING, WARNING)], ids=str
)
def test_an_event_is_printed_with_every_field_of_its_record(
    event: Record, record: Record, capsys: pytest.CaptureFixture[str]
):
    console = Console(True)
    show_event(event, console, ProgressBar(console).show)
    (line,) = printed(capsys)
    assert set(line) == {"event", *(field.name for field in fields_of(type(record)))}


def test_a_job_is_followed_to_its_end(capsys: pytest.CaptureFixture[str]):
    client = ListenedClient(RUNNING)
    job = client.job(RUNNING)
    client.send(PROGRESS, FRAMES, WARNING, JobChanged(FINISHED))
    assert JobFollower(Console(True)).follow(job) == FINISHED
    assert [line["event"] for line in printed(capsys)] == ["progress", "frames", "warning"]


def test_events_of_another_job_or_version_are_not_shown(capsys: pytest.CaptureFixture[str]):
    client = ListenedClient(RUNNING)
    job = client.job(RUNNING)
    client.send(FramesFinished("b", 1, (5,)), FramesFinished("a", 2, (6,)), FRAMES, JobChanged(FINISHED))
    JobFollower(Console(True)).follow(job)
    assert [line["frames"] for line in printed(capsys)] == [[0, 1]]


def test_an_interrupt_cancels_the_job_and_loses_no_frames(capsys: pytest.CaptureFixture[str]):
    client = ListenedClient(RUNNING)
    job = client.job(RUNNING)
    client.send(PROGRESS, FRAMES)

    def interrupt(_: JobReport) -> None:
        raise KeyboardInterrupt

    with pytest.raises(JobCancelled, match="sparkvsr resume a"):
        JobFollower(Console(True)).follow(job, interrupt)
    assert [line["event"] for line in printed(capsys)] == ["frames"]


def test_a_failed_job_raises_its_own_error():
    client = ListenedClient(RUNNING)
    job = client.job(RUNNING)
    error = ErrorReport(DiskFull.code, "The disk is full.")
    client.send(JobChanged(JobReport("a", 1, "failed", "clip.mp4", "out.mp4", error=error)))
    with pytest.raises(DiskFull, match="The disk is full"):
        JobFollower(Console(True)).follow(job)


def test_a_lost_engine_is_named_and_started_again(capsys: pytest.CaptureFixture[str]):
    client = ListenedClient(FINISHED, is_alive=False)
    engine = RestartedEngine()
    assert JobFollower(Console(False)).follow(client.job(RUNNING, engine)) == FINISHED
    assert engine.restarts == 1
    assert "the engine went away; starting it again" in capsys.readouterr().err
