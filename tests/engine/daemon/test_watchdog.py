"""A worker that hangs is distinguished from one that works; one that was stopped has a while."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sparkvsr_engine.daemon.worker.watchdog import Effort, Watchdog, effort_of_process

SILENT, STOP = 100.0, 10.0


class Process:
    """Efforts to be named one after the other."""

    def __init__(self):
        self.effort = Effort()

    def __call__(self, pid):
        return self.effort


@pytest.fixture
def process():
    return Process()


@pytest.fixture
def watchdog(process):
    result = Watchdog(SILENT, STOP, process)
    assert result.complaint(0.0, 7, is_busy=True) == ""
    assert result.complaint(1.0, 7, is_busy=True) == ""
    return result


def test_a_busy_worker_that_neither_reports_nor_works_is_complained_of(watchdog):
    assert watchdog.complaint(SILENT, 7, is_busy=True) == ""
    assert "did nothing" in watchdog.complaint(SILENT + 1.5, 7, is_busy=True)


@pytest.mark.parametrize("effort", [Effort(seconds=50.0), Effort(bytes=50 << 20), Effort(children=1)])
def test_one_that_computes_reads_or_waits_for_a_command_is_left_alone(watchdog, process, effort):
    process.effort = effort
    assert watchdog.complaint(SILENT + 1.5, 7, is_busy=True) == ""
    process.effort = Effort(effort.seconds, effort.bytes)
    assert "did nothing" in watchdog.complaint(2 * SILENT + 3, 7, is_busy=True)


def test_a_report_and_a_rest_begin_the_count_anew(watchdog):
    watchdog.note_line(90.0)
    assert watchdog.complaint(SILENT + 80, 7, is_busy=True) == ""
    assert watchdog.complaint(SILENT + 85, 7, is_busy=False) == ""
    assert watchdog.complaint(2 * SILENT + 80, 7, is_busy=True) == ""


def test_one_that_does_not_let_its_job_go_is_complained_of_however_hard_it_works(watchdog, process):
    watchdog.expect_stop(20.0)
    process.effort = Effort(seconds=1000.0)
    assert watchdog.complaint(20.0 + STOP, 7, is_busy=True) == ""
    assert "let its job go" in watchdog.complaint(21.0 + STOP, 7, is_busy=True)
    watchdog.let_go()
    assert watchdog.complaint(22.0 + STOP, 7, is_busy=True) == ""


def test_the_effort_of_a_process_is_the_systems():
    here = effort_of_process(os.getpid())
    assert here.seconds > 0
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert effort_of_process(os.getpid()).children >= 1
    assert effort_of_process(child.pid) is None
