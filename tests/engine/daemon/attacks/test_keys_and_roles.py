"""No key, a wrong key, a revoked key, a role that is too small: nobody gets in, and nothing is lost."""

from __future__ import annotations

import dataclasses
import json

import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.errors import ConnectionFailed, NotAuthorised, NotPermitted, RequestTimedOut, UnknownJob
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import JobSpec, KeyframePolicy, OutputTarget, UpscaleSettings
from sparkvsr_bridge.transport import make_keys
from tests.fakes.remote_engines import RemoteEngine


def spec(engine: RemoteEngine, name: str) -> JobSpec:
    return JobSpec(
        SourceMedia(str(engine.shots / "plate.%04d.png")),
        OutputTarget(str(engine.results / name / "%04d.png")),
        UpscaleSettings(scale=2.0, model="identity", policy=KeyframePolicy("none")),
    )


def jobs_of(client: EngineClient) -> list[str]:
    return [report.job for report in client.request(m.ListJobsRequest(), m.JobListReply).reports]


def test_a_client_without_a_key_gets_no_further_than_its_own_side(engine: RemoteEngine):
    bare = dataclasses.replace(engine.connection("submit"), server_key="", client_public="", client_secret="")
    with pytest.raises(NotAuthorised):
        EngineClient(bare)


def test_a_stranger_is_not_let_in(engine: RemoteEngine):
    with pytest.raises(NotAuthorised, match="does not know this client's key"):
        engine.client("stranger", 10.0)


def test_an_enrolled_key_without_its_secret_is_not_let_in(engine: RemoteEngine):
    stolen = dataclasses.replace(engine.connection("submit"), client_secret=make_keys().secret)
    with EngineClient(stolen) as client, pytest.raises(ConnectionFailed):
        client.hello(2.0)


def test_a_false_engine_is_not_believed(engine: RemoteEngine):
    misled = dataclasses.replace(engine.connection("submit"), server_key=make_keys().public)
    with EngineClient(misled) as client, pytest.raises(RequestTimedOut):
        client.hello(1.0)


def test_the_local_clients_key_opens_nothing_remotely(engine: RemoteEngine):
    """The engine's own machine uses another endpoint; its connection names no remote one."""
    with engine.local().connect() as client:
        assert client.hello().shared_folder
        assert client.request(m.DescribeEngineRequest(), m.EngineReply).home == str(engine.home)


def test_a_key_that_is_revoked_loses_its_right_on_its_open_connection(engine: RemoteEngine):
    client = engine.client("revoked")
    assert client.request(m.ListJobsRequest(), m.JobListReply).reports == ()
    engine.keys.revoke("revoked-client")
    with pytest.raises(NotAuthorised, match="revoked"):
        client.request(m.ShutdownRequest(), m.OkReply)
    with pytest.raises(ConnectionFailed):
        engine.client("revoked", 5.0)
    assert engine.client("watch").hello().pid


@pytest.mark.parametrize(
    "message",
    [
        m.CancelJobRequest("x"),
        m.PauseJobRequest("x"),
        m.ResumeJobRequest("x"),
        m.ReviseJobRequest("x"),
        m.SetPlayheadRequest("x", 1),
        m.ShutdownRequest(),
    ],
    ids=lambda message: type(message).__name__,
)
def test_watching_is_all_a_watcher_may_do(engine: RemoteEngine, message):
    with pytest.raises(NotPermitted, match="watch"):
        engine.client("watch").request_envelope(message)


def test_a_watcher_submits_nothing_and_has_no_file_written(engine: RemoteEngine):
    watcher = engine.client("watch")
    with pytest.raises(NotPermitted, match="needs 'submit'"):
        watcher.request(m.SubmitJobRequest(spec(engine, "watcher")), m.JobReply)
    with pytest.raises(NotPermitted, match="needs 'submit'"):
        watcher.request(
            m.PreviewRequest(SourceMedia(str(engine.shots / "plate.%04d.png")), 1), m.PreviewAccepted
        )
    with pytest.raises(NotPermitted, match="needs 'submit'"):
        watcher.request(m.ConfidenceRequest("x", target=str(engine.results / "x.png")), m.ConfidenceReply)
    assert not (engine.results / "watcher").exists()


def test_jobs_of_others_are_changed_by_their_owner_and_administrators_alone(engine: RemoteEngine):
    owner, administrator = engine.client("submit"), engine.client("administer")
    with engine.local().connect() as local:
        job = local.request(m.SubmitJobRequest(spec(engine, "local")), m.JobReply).report.job
        with pytest.raises(NotPermitted, match="not of the key"):
            owner.request(m.CancelJobRequest(job), m.JobReply)
        assert job in jobs_of(owner)
        owned = owner.request(m.SubmitJobRequest(spec(engine, "own")), m.JobReply).report.job
        assert owner.request(m.PauseJobRequest(owned), m.JobReply).report.state in ("paused", "finished")
        assert administrator.request(m.ListJobsRequest(), m.JobListReply).reports
        assert {job, owned} <= set(jobs_of(local)), "nothing is lost"


def test_jobs_outside_the_roots_are_not_there_for_remote_clients(engine: RemoteEngine):
    hidden = dataclasses.replace(
        spec(engine, "x"),
        source=SourceMedia(str(engine.secret / "plate.%04d.png")),
        output=OutputTarget(str(engine.secret / "out" / "%04d.png")),
    )
    with engine.local().connect() as local:
        job = local.request(m.SubmitJobRequest(hidden), m.JobReply).report.job
        assert job in jobs_of(local)
    administrator = engine.client("administer")
    assert job not in jobs_of(administrator)
    for message in (
        m.DescribeJobRequest(job),
        m.WatchJobRequest(job),
        m.CancelJobRequest(job),
        m.ReviseJobRequest(job),
    ):
        with pytest.raises(UnknownJob):
            administrator.request_envelope(message)


def test_who_asked_what_is_written_down_without_secrets(engine: RemoteEngine):
    with pytest.raises(NotPermitted):
        engine.client("watch").request(m.ShutdownRequest(), m.OkReply)
    text = (engine.home / "logs" / "audit.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    last = lines[-1]
    assert (last["client"], last["asked"], last["answer"]) == (
        "watch-client",
        "shutdown_request",
        "not_permitted",
    )
    assert not any(pair.secret in text for pair in engine.pairs.values())
