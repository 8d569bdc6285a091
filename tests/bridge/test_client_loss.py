"""Engines that die, freeze or come back, and clients that never wait for ever."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.connection import read_connection
from sparkvsr_bridge.errors import (
    EngineLost,
    EngineNotFound,
    RequestTimedOut,
)
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import JobSpec, OutputTarget
from tests.fakes.launching import Collector, Engines, wait_until

SPEC = JobSpec(SourceMedia("plate.%04d.png"), OutputTarget("out.mov"))
ROOT = Path(__file__).resolve().parents[2]


def submit(client: EngineClient) -> str:
    return client.request(m.SubmitJobRequest(SPEC), m.JobReply).report.job


def test_an_engine_that_dies_mid_request_is_lost_at_once(engines: Engines):
    client = engines.client("--die-on", "describe_engine_request")
    with pytest.raises(EngineLost, match="jobs are kept"):
        client.request(m.DescribeEngineRequest(), m.EngineReply)
    assert not client.is_alive


def test_requests_after_the_loss_fail_at_once(engines: Engines):
    client = engines.client()
    engines.kill()
    wait_until(lambda: not client.is_alive)
    with pytest.raises(EngineLost):
        client.hello()


@pytest.mark.skipif(os.name == "nt", reason="every engine has addresses of its own there")
def test_a_client_that_read_a_killed_engines_file_keeps_to_the_new_engine(engines: Engines, monkeypatch):
    engines.client()
    runtime = engines.home / "run"
    stale = read_connection(runtime)
    engines.kill()
    engines.client().close()
    answers = [stale]
    monkeypatch.setattr(
        "sparkvsr_bridge.client.read_connection",
        lambda folder: answers.pop() if answers else read_connection(folder),
    )
    client = engines.keep(EngineClient.connect(runtime, "test"))
    # The link compares names with every heartbeat, and lets go of an engine of another name.
    beats = threading.Event()
    beats.wait(1.3)
    assert not answers
    assert client.is_alive
    assert client.hello().pid == read_connection(runtime).pid


def test_a_frozen_engine_is_lost_after_some_heartbeats(engines: Engines):
    engines.client()
    client = engines.keep(EngineClient(read_connection(engines.home / "run"), beat_seconds=0.2))
    client.hello()
    engines.freeze()
    with pytest.raises(EngineLost, match="stopped answering"):
        client.request(m.DescribeEngineRequest(), m.EngineReply, 20.0)


@pytest.mark.slow
def test_an_engine_that_is_busy_but_beats_is_not_lost(engines: Engines):
    engines.client("--silent-on", "describe_engine_request")
    client = engines.keep(EngineClient(read_connection(engines.home / "run"), beat_seconds=0.2))
    with pytest.raises(RequestTimedOut):
        client.request(m.DescribeEngineRequest(), m.EngineReply, 1.6)
    assert client.is_alive


@pytest.mark.slow
def test_a_slow_listener_is_not_taken_for_a_lost_engine(engines: Engines, collector: Collector):
    engines.client()
    client = engines.keep(EngineClient(read_connection(engines.home / "run"), beat_seconds=0.2))
    job = submit(client)
    client.add_listener(lambda envelope: threading.Event().wait(1.5) and None)
    client.add_listener(collector)
    client.request(m.CancelJobRequest(job), m.JobReply)
    collector.wait_for(lambda result: bool(result.of(m.JobChanged)))
    assert client.hello().pid


def test_the_reply_to_a_shutdown_comes_before_the_loss(engines: Engines):
    client = engines.client()
    assert client.request(m.ShutdownRequest(), m.OkReply) == m.OkReply()
    wait_until(lambda: not client.is_alive)


@pytest.mark.slow
def test_after_a_kill_the_client_reconnects_and_watches_its_jobs_again(
    engines: Engines, collector: Collector
):
    process = engines.process()
    client = engines.keep(process.ensure("test"))
    job = submit(client)
    client.add_listener(collector)
    engines.kill()
    wait_until(lambda: not client.is_alive)
    process.reconnect(client)
    assert client.is_alive
    assert [event.report.job for event in collector.of(m.JobChanged)] == [job], "where the job stands now"
    client.request(m.CancelJobRequest(job), m.JobReply)
    collector.wait_for(lambda result: len(result.of(m.JobChanged)) == 2)
    assert len(engines.started) == 2


@pytest.mark.slow
def test_a_job_the_new_engine_does_not_know_is_forgotten_with_a_warning(
    engines: Engines, caplog: pytest.LogCaptureFixture
):
    process = engines.process()
    client = engines.keep(process.ensure("test"))
    job = submit(client)
    engines.kill()
    (engines.home / "jobs.json").unlink()
    wait_until(lambda: not client.is_alive)
    with caplog.at_level(logging.WARNING):
        process.reconnect(client)
    assert f"job {job} is not watched any more" in caplog.text


def test_reconnecting_from_a_listener_works(engines: Engines, collector: Collector):
    client = engines.client()
    job = submit(client)
    connection = read_connection(engines.home / "run")
    done = threading.Event()

    def listener(envelope: object) -> None:
        if not done.is_set():
            done.set()
            client.reconnect(connection)

    client.add_listener(listener)
    client.add_listener(collector)
    with contextlib.suppress(EngineLost):  # the reply comes after the event, or not at all
        client.request(m.SetPlayheadRequest(job, 1), m.OkReply)
    collector.wait_for(lambda result: bool(result.of(m.JobChanged)))
    wait_until(lambda: client.is_alive)
    assert client.hello().pid


@pytest.mark.slow
def test_a_killed_engines_connection_file_does_not_keep_anybody_waiting(engines: Engines):
    engines.client()
    engines.kill()
    wait_until(lambda: not engines.process().is_running())
    with pytest.raises(EngineNotFound, match="has ended"):
        EngineClient.connect(engines.home / "run", timeout_seconds=60.0)


def test_a_program_that_never_closes_its_client_still_ends(engines: Engines):
    engines.client()
    program = (
        "from pathlib import Path; from sparkvsr_bridge import EngineClient\n"
        f"client = EngineClient.connect(Path({str(engines.home / 'run')!r}))\n"
        "print(client.is_alive)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "True", "")
