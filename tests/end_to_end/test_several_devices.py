"""A job on several processes of this machine: equal to one process, whatever dies."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge.errors import MediaUnreadable, SourceChanged, WorkerLost
from sparkvsr_bridge.messages import FramesFinished, JobProgress, JobWarning
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.control import JobControl, JobStopped
from sparkvsr_engine.jobs.running.runner import JobRunner, RunContext
from sparkvsr_engine.jobs.spreading.local import LocalExecutor
from sparkvsr_engine.jobs.spreading.opening import open_executor
from tests.end_to_end.program import ROOT
from tests.fakes.jobs import Workshop, pictures_in, retargeted, write_keyframe, write_plate
from tests.fakes.programs import KILL

FRAMES = 60


class Spread(Workshop):
    """A home folder whose jobs are rendered by two processes."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.executor = LocalExecutor(("cpu", "cpu"), self.config.log_folder, 4)
        self.events: list = []

    def run_spread(self, job: str, on_event=lambda event: None, control: JobControl | None = None) -> None:
        def report(event) -> None:
            self.events.append(event)
            on_event(event)

        around = RunContext(
            self.config, self.store, self.pool, control or JobControl(), report, lambda: self.executor
        )
        JobRunner(around, self.store.version(job)).run()

    def finished_frames(self) -> list[int]:
        return [f for event in self.events if isinstance(event, FramesFinished) for f in event.frames]

    def children(self) -> list[int]:
        return [child.pid for child in self.executor._children.values() if child.poll() is None]

    def close(self) -> None:
        self.executor.close()
        super().close()


@pytest.fixture
def spread(home, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'bridge'}")
    result = Spread(home)
    yield result
    result.close()


@pytest.fixture
def spec(spread, tmp_path):
    source = write_plate(tmp_path / "plate", FRAMES, 48, 32)
    painted = write_keyframe(tmp_path / "fixed.png", 20, width=48, height=32)
    return spread.spec(source, tmp_path / "out" / "%04d.png", {20: painted, 40: None}, device="auto")


@pytest.mark.slow
def test_two_processes_make_what_one_makes_each_frame_once(spread, spec, tmp_path):
    spread.run_spread(spread.submit(spec))
    assert sorted(spread.finished_frames()) == list(range(FRAMES))
    assert len(spread.children()) == 2
    last = [event.report for event in spread.events if isinstance(event, JobProgress)][-1]
    assert "Rendered on 2 devices." in last.run_notes
    assert (last.frames_done, last.passes_run) == (FRAMES, FRAMES)
    single = Workshop(spread.home.with_name(f"{spread.home.name}-single"))
    single.render(retargeted(spec, tmp_path / "single" / "%04d.png"))
    single.close()
    first, second = pictures_in(tmp_path / "out"), pictures_in(tmp_path / "single")
    assert len(first) == FRAMES
    assert all(np.array_equal(first[name], second[name]) for name in second)


def test_a_revision_reuses_what_processes_made(spread, spec, tmp_path):
    spread.run_spread(spread.submit(spec))
    ran = spread.render(retargeted(spec, tmp_path / "again" / "%04d.png"))
    assert ran.advance.frames_done == FRAMES
    assert all(chunk.reused for chunk in spread.store.chunks(ran.job, 1))


@pytest.mark.slow
def test_a_process_that_is_killed_costs_its_chunk_alone(spread, spec):
    killed: list[int] = []

    def kill_one(event) -> None:
        if isinstance(event, FramesFinished) and not killed:
            killed.append(spread.children()[0])
            os.kill(killed[0], KILL)

    job = spread.submit(spec)
    spread.run_spread(job, kill_one)
    assert killed
    assert Counter(spread.finished_frames()) == Counter(range(FRAMES))
    assert sum(len(chunk.span) for chunk in spread.store.chunks(job, 1)) == FRAMES


def test_a_part_that_kills_its_process_again_and_again_ends_the_job(spread, spec):
    def kill_all(event) -> None:
        for child in spread.children():
            os.kill(child, KILL)

    job = spread.submit(spec)
    poll = spread.executor.poll
    spread.executor.poll = lambda seconds: (kill_all(None), poll(seconds))[1]
    with pytest.raises(WorkerLost, match="times; look at the log, then resume the job"):
        spread.run_spread(job)


def test_an_error_of_one_process_is_the_jobs_error_and_what_was_made_stays(spread, spec, tmp_path):
    job = spread.submit(spec)

    def remove_a_frame(event) -> None:
        for frame in (55, 56, 57, 58, 59):
            (tmp_path / "plate" / f"{frame:04d}.png").unlink(missing_ok=True)

    with pytest.raises((MediaUnreadable, SourceChanged)):
        spread.run_spread(job, lambda event: isinstance(event, FramesFinished) and remove_a_frame(event))
    assert spread.store.chunks(job, 1)
    assert len([event for event in spread.events if isinstance(event, JobWarning)]) <= 1


@pytest.mark.slow
def test_a_stopped_job_goes_on_with_what_is_missing(spread, spec):
    control = JobControl()
    job = spread.submit(spec)
    control.begin(job)

    def stop(event) -> None:
        if isinstance(event, FramesFinished):
            control.stop(job, "paused")

    with pytest.raises(JobStopped):
        spread.run_spread(job, stop, control)
    spread.executor.close()
    before = spread.store.chunks(job, 1)
    assert 0 < sum(len(chunk.span) for chunk in before) < FRAMES
    spread.run_spread(job)
    after = {chunk.span: chunk for chunk in spread.store.chunks(job, 1)}
    assert all(after[chunk.span] == chunk for chunk in before)
    assert sum(map(len, after)) == FRAMES


@pytest.mark.slow
def test_previews_keep_a_device_and_go_between_the_frames_of_no_job(home, monkeypatch, spec, tmp_path):
    """Of two devices a job has one, and this process renders none of it."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'bridge'}")
    place = home.with_name(f"{home.name}-keeping")
    workshop = Workshop(place, devices=("cpu", "cpu"), preview_device="cpu")
    executor = open_executor(workshop.config)
    assert executor is not None
    assert executor.place_count() == 1
    job = workshop.submit(retargeted(spec, tmp_path / "kept" / "%04d.png"))
    control, events, previews = JobControl(), [], []

    def report(event) -> None:
        events.append(event)
        if (
            isinstance(event, JobProgress)
            and "Rendered on 1 devices." in event.report.run_notes
            and not previews
        ):
            control.between_frames(lambda: previews.append(len(workshop.store.chunks(job, 1))))

    around = RunContext(workshop.config, workshop.store, workshop.pool, control, report, lambda: executor)
    JobRunner(around, workshop.store.version(job)).run()
    executor.close()
    workshop.close()
    assert len(pictures_in(tmp_path / "kept")) == FRAMES
    assert previews, "what an artist asks for is done while the job's device renders"


def test_the_device_of_previews_is_left_out_wherever_it_stands(home):
    devices = ("cuda:0", "cuda:1", "cuda:2")
    executor = open_executor(EngineConfig(home, devices=devices, preview_device="cuda:1"))
    assert [place.device for place in executor.free_places()] == ["cuda:0", "cuda:2"]
    assert open_executor(EngineConfig(home, devices=("cuda:0",), preview_device="cuda:0")) is None
    apart = open_executor(EngineConfig(home, devices=("cuda:0",), preview_device="cpu"))
    assert [place.device for place in apart.free_places()] == ["cuda:0"]
