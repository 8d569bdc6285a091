"""A worker process as the daemon sees it: ready, reporting, dead, started again."""

from __future__ import annotations

import os
import threading

import pytest

from sparkvsr_bridge.messages import CancelJobRequest
from sparkvsr_engine.config import load_config
from sparkvsr_engine.daemon.worker.worker_process import WorkerProcess
from sparkvsr_engine.jobs.worker_messages import WorkerReady
from tests.fakes.code_path import CODE_PATH
from tests.fakes.systems import IS_WINDOWS, KILL

# Loading torch alone takes a minute on a busy machine.
PATIENCE_SECONDS = 240.0


class Daemon:
    """Keeps a worker's messages."""

    def __init__(self):
        self.reports, self.ready, self.died, self.status = [], threading.Event(), threading.Event(), None

    def on_message(self, report):
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
    monkeypatch.setenv("PYTHONPATH", CODE_PATH)
    result = WorkerProcess(home, "cpu", daemon.on_message, daemon.bury)
    yield result
    result.stop(10)


def test_a_worker_reports_that_it_is_ready_and_its_death_is_noticed(worker, daemon):
    assert worker.is_reaped
    assert not worker.order(CancelJobRequest("none"))
    worker.start()
    assert daemon.ready.wait(PATIENCE_SECONDS)
    assert [line.message for line in daemon.reports] == [WorkerReady(worker.pid, "cpu")]
    assert worker.is_ready
    assert worker.order(CancelJobRequest("none"))
    os.kill(worker.pid, KILL)
    assert daemon.died.wait(PATIENCE_SECONDS)
    assert (daemon.status, worker.pid, worker.is_reaped) == (KILL if IS_WINDOWS else -KILL, 0, True)
    assert worker.failed_starts == 0


@pytest.mark.slow
def test_a_worker_that_cannot_start_is_counted(worker, daemon, home):
    (home / "config.toml").write_text("nonsense = 1\n")
    worker.start()
    assert daemon.died.wait(PATIENCE_SECONDS)
    assert worker.failed_starts == 1
    assert "nonsense" in (home / "logs" / "worker.log").read_text()


def test_a_worker_ends_on_request_without_an_exit_report(worker, daemon):
    worker.start()
    assert daemon.ready.wait(PATIENCE_SECONDS)
    worker.stop(PATIENCE_SECONDS)
    assert not worker.pid
    assert not daemon.died.is_set()
