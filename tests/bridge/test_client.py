"""The client against real child engines: requests, replies, events, listeners."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.errors import (
    EngineLost,
    EngineNotFound,
    EngineTooOld,
    MalformedMessage,
    ProtocolMismatch,
    RequestTimedOut,
    UnknownJob,
)
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import JobSpec, OutputTarget, UpscaleSettings
from tests.fakes.launching import Collector, Engines

SPEC = JobSpec(SourceMedia("plate.%04d.png"), OutputTarget("out.mov"))
ROOT = Path(__file__).resolve().parents[2]


def submit(client: EngineClient) -> str:
    return client.request(m.SubmitJobRequest(SPEC), m.JobReply).report.job


def test_hello_names_the_engine(engines: Engines):
    client = engines.client()
    assert client.hello().pid == engines.started[-1]
    assert client.is_alive


def test_an_error_of_the_engine_comes_as_its_own_class(engines: Engines):
    client = engines.client()
    with pytest.raises(UnknownJob, match="no job 'nothing'"):
        client.request(m.WatchJobRequest("nothing"), m.JobReply)


def test_a_request_the_engine_does_not_know_is_malformed_and_the_engine_lives_on(engines: Engines):
    client = engines.client()
    with pytest.raises(MalformedMessage, match="list_models_request"):
        client.request(m.ListModelsRequest(), m.ModelListReply)
    assert client.hello().pid


def test_a_reply_of_another_kind_than_asked_for_is_malformed(engines: Engines):
    client = engines.client()
    with pytest.raises(MalformedMessage, match="EngineReply, not OkReply"):
        client.request(m.DescribeEngineRequest(), m.OkReply)


def test_requests_of_many_threads_get_their_own_replies(engines: Engines):
    client = engines.client()
    jobs: list[str] = []
    threads = [threading.Thread(target=lambda: jobs.append(submit(client))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(jobs)) == 16


def test_a_request_without_a_reply_times_out_and_the_client_lives_on(engines: Engines):
    client = engines.client("--silent-on", "describe_engine_request")
    with pytest.raises(RequestTimedOut, match=r"describe_engine_request within 0\.1 s"):
        client.request(m.DescribeEngineRequest(), m.EngineReply, 0.1)
    assert client.hello().pid


def test_events_of_a_flood_all_arrive_in_order_though_a_listener_is_slow(
    engines: Engines, collector: Collector
):
    client = engines.client()
    job = submit(client)
    gate = threading.Event()
    client.add_listener(lambda envelope: gate.wait(20.0) and None)
    client.add_listener(collector)
    with pytest.raises(RequestTimedOut):
        client.request(m.SetPlayheadRequest(job, 5000), m.OkReply, 0.2)
    gate.set()
    collector.wait_for(lambda result: len(result.of(m.FramesFinished)) == 5000)
    assert [event.frames[0] for event in collector.of(m.FramesFinished)] == list(range(5000))
    assert client.is_alive


def test_progress_that_comes_after_the_end_is_not_news(engines: Engines, collector: Collector):
    client = engines.client()
    job = submit(client)
    client.add_listener(collector)
    client.request(m.CancelJobRequest(job), m.JobReply)
    client.request(m.SetPlayheadRequest(job, 1), m.OkReply)
    collector.wait_for(lambda result: bool(result.of(m.FramesFinished)))
    assert collector.of(m.JobProgress) == []


def test_a_failing_listener_is_logged_and_does_not_stop_the_others(
    engines: Engines, collector: Collector, caplog: pytest.LogCaptureFixture
):
    client = engines.client()
    job = submit(client)
    client.add_listener(lambda envelope: 1 / 0)
    client.add_listener(collector)
    client.request(m.SetPlayheadRequest(job, 1), m.OkReply)
    collector.wait_for(lambda result: bool(result.of(m.FramesFinished)))
    assert "a listener failed on frames_finished_event" in caplog.text


def test_a_removed_listener_is_not_called_and_may_be_removed_twice(engines: Engines, collector: Collector):
    client = engines.client()
    job = submit(client)
    client.add_listener(collector)
    client.remove_listener(collector)
    client.remove_listener(collector)
    client.request(m.CancelJobRequest(job), m.JobReply)
    assert collector.envelopes == []


def test_a_listener_that_makes_a_request_gets_an_error_instead_of_waiting_for_itself(
    engines: Engines, collector: Collector, caplog: pytest.LogCaptureFixture
):
    client = engines.client()
    job = submit(client)
    client.add_listener(lambda envelope: client.hello() and None)
    client.add_listener(collector)
    client.request(m.SetPlayheadRequest(job, 1), m.OkReply)
    collector.wait_for(lambda result: bool(result.of(m.FramesFinished)))
    assert "a listener cannot make requests" in caplog.text


def test_closing_fails_open_requests_and_closing_twice_is_fine(engines: Engines):
    client = engines.client("--silent-on", "describe_engine_request")
    threading.Timer(0.1, client.close).start()
    with pytest.raises(EngineLost, match="closed"):
        client.request(m.DescribeEngineRequest(), m.EngineReply)
    client.close()
    with pytest.raises(EngineLost, match="closed"):
        client.hello()


def test_an_engine_of_another_major_is_refused_with_both_versions(engines: Engines):
    with pytest.raises(ProtocolMismatch, match=r"protocol 9\.0, this side 1\.\d"):
        engines.client("--major", "9")


def test_connecting_without_an_engine_explains_how_to_start_one(runtime: Path):
    with pytest.raises(EngineNotFound, match="sparkvsr serve"):
        EngineClient.connect(runtime)


@pytest.mark.parametrize("minor", [0, 1])
def test_an_older_engine_never_gets_a_request_it_would_understand_in_part(engines: Engines, minor: int):
    client = engines.client("--minor", str(minor))
    spec = JobSpec(SourceMedia("/a.mov"), OutputTarget("/b.mov"), UpscaleSettings(ocio_config="/c.ocio"))
    if minor:
        assert client.request(m.SubmitJobRequest(spec), m.JobReply).report.source == "/a.mov"
        return
    with pytest.raises(EngineTooOld, match=r"protocol 1\.0\) lacks 'ocio_config'.*update the engine"):
        client.request(m.SubmitJobRequest(spec), m.JobReply)
    assert not (engines.home / "jobs.json").exists(), "the request was sent"
    plain = replace(spec, settings=UpscaleSettings())
    assert client.request(m.SubmitJobRequest(plain), m.JobReply).report.source == "/a.mov"


def test_what_only_a_newer_engine_reports_is_asked_of_no_older_one(engines: Engines):
    client = engines.client("--minor", "0")
    with pytest.raises(EngineTooOld, match="lacks how many frames a model reads"):
        client.require_minor(1, "how many frames a model reads")
