"""Waits for a job to get somewhere, through the bridge, and looks into the job store from outside."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.messages import (
    ENDED_STATES,
    DescribeEngineRequest,
    DescribeJobRequest,
    EngineReply,
    JobReply,
    SubmitJobRequest,
)
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.settings import JobSpec, Keyframe, KeyframePolicy, OutputTarget, UpscaleSettings
from sparkvsr_bridge.system.liveness import process_exists
from tests.fakes.systems import KILL

PATIENCE_SECONDS = 240.0
_PAUSE = threading.Event()


def until(condition, what):
    """Ask again and again until it holds; returns its value."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        result = condition()
        if result:
            return result
        _PAUSE.wait(0.01)
    raise AssertionError(f"{what} did not happen")


def ensure(program):
    """A client of the program's engine, which is started when there is none."""
    return EngineProcess(program.home).ensure("test")


def submit(client, source, target, keyframes=(), seed=0):
    """A job with these keyframes, made by the default model, and no others; returns its name."""
    settings = UpscaleSettings(scale=4.0, seed=seed, policy=KeyframePolicy("manual"))
    named = tuple(Keyframe(frame) for frame in keyframes)
    spec = JobSpec(SourceMedia(str(source)), OutputTarget(str(target), overwrite=True), settings, named)
    return client.request(SubmitJobRequest(spec), JobReply, timeout_seconds=60).report.job


def report_of(client, job):
    """How a job stands."""
    return client.request(DescribeJobRequest(job), JobReply).report


def end_of(client, job):
    """How a job ended; it must have finished."""
    report = ended_report(client, job)
    assert report.state == "finished", report
    return report


def ended_report(client, job):
    """How a job ended, whatever came of it."""
    return until(lambda: _ended(report_of(client, job)), "the job's end")


def _ended(report):
    return report if report.state in ENDED_STATES else None


def engine_of(client):
    """How the engine stands."""
    return client.request(DescribeEngineRequest(), EngineReply)


@dataclass(frozen=True)
class Record:
    """A finished chunk as the store has it, and the file system's word on its files."""

    start: int
    stop: int
    finished: float
    files: tuple[tuple[str, int, int], ...]


def records(home: Path, job: str) -> dict[int, Record]:
    """Finished chunks of a job's first version, by their first frame."""
    store = sqlite3.connect(f"file:{home / 'jobs.sqlite'}?mode=ro", uri=True)
    try:
        rows = store.execute(
            "SELECT start, stop, finished, files FROM chunks WHERE job = ? AND version = 1", (job,)
        ).fetchall()
    finally:
        store.close()
    result = {}
    for start, stop, finished, files in rows:
        states = tuple(_state(entry[1]) for entry in json.loads(files))
        result[start] = Record(start, stop, finished, states)
    return result


def _state(path):
    status = Path(path).stat()
    return path, status.st_ino, status.st_mtime_ns


def kill(pid):
    """End a process as a crash does, and wait until it is gone."""
    os.kill(pid, KILL)
    until(lambda: not is_running(pid), f"the end of process {pid}")


def is_running(pid):
    """Whether a process is there and not merely uncollected."""
    return process_exists(pid)
