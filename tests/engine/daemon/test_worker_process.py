"""A worker process as the daemon sees it: ready, heard, dead, started again."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

import sparkvsr_engine
from sparkvsr_bridge.messages import CancelJobRequest
from sparkvsr_engine.config import load_config
from sparkvsr_engine.daemon.worker.worker_process import WorkerProcess
from sparkvsr_engine.jobs.worker_messages import WorkerReady
from tests.fakes.systems import IS_WINDOWS, KILL


class Daemon:
    """Keeps what a worker says."""

    def __init__(self):
        self.reports, self.ready, self.died, self.status = [], threading.Event(), threading.Event(), None

    def hear(self, report):
        self.reports.append(report)
        self.ready.set()

    def bury(self, status):
        self.status = status
        self.died.set()


@pytest.fixture
def daemon():
    return Daemon()


@pytest.fixture
def worker(home, daemon, monkeypatch):
    load_config(home).make_folders()
    monkeypatch.setenv("PYTHONPATH", str(Path(sparkvsr_engine.__file__).parents[1]))
    result = WorkerProcess(home, "cpu", daemon.hear, daemon.bury)
    yield result
    result.stop(10)


def test_a_worker_says_it_is_ready_and_its_death_is_heard(worker, daemon):
    assert worker.is_reaped
    assert not worker.order(CancelJobRequest("none"))
    worker.start()
    assert daemon.ready.wait(60)
    assert [line.message for line in daemon.reports] == [WorkerReady(worker.pid, "cpu")]
    assert worker.is_ready
    assert worker.order(CancelJobRequest("none"))
    os.kill(worker.pid, KILL)
    assert daemon.died.wait(30)
    assert (daemon.status, worker.pid, worker.is_reaped) == (KILL if IS_WINDOWS else -KILL, 0, True)
    assert worker.failed_starts == 0


def test_a_worker_that_cannot_start_is_counted(worker, daemon, home):
    (home / "config.toml").write_text("nonsense = 1\n")
    worker.start()
    assert daemon.died.wait(60)
    assert worker.failed_starts == 1
    assert "nonsense" in (home / "logs" / "worker.log").read_text()


def test_a_worker_ends_when_it_is_told_to_and_nobody_mourns_it(worker, daemon):
    worker.start()
    assert daemon.ready.wait(60)
    worker.stop(30)
    assert not worker.pid
    assert not daemon.died.is_set()
