"""Giant messages and floods: refused or cut, memory bounded, and everybody else is answered meanwhile."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import zmq

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.wire import decode, encode, make_envelope
from sparkvsr_bridge.errors import ConnectionFailed, LimitReached, StateConflict
from sparkvsr_bridge.media import ImageRef, PixelFormat, SourceMedia
from sparkvsr_bridge.settings import JobSpec, Keyframe, KeyframePolicy, OutputTarget, UpscaleSettings
from tests.fakes.remote_engines import ROOT, RemoteEngine

FLOOD = 100_000
MIB = 1024**2
# What a flood may cost the engine, whatever its size: queues, the allocator's slack, the guard's look.
ROOM_BYTES = 300 * MIB


@contextmanager
def bare_socket(engine: RemoteEngine, role: str) -> Iterator[zmq.Socket]:
    """A client of our own making that keeps to no rule."""
    connection = engine.connection(role)
    context = zmq.Context()
    sock = context.socket(zmq.DEALER)
    sock.setsockopt(zmq.LINGER, 0)
    sock.setsockopt(zmq.SNDHWM, 0)
    sock.setsockopt(zmq.RECONNECT_IVL, -1)
    sock.curve_serverkey = connection.server_key.encode()
    sock.curve_publickey = connection.client_public.encode()
    sock.curve_secretkey = connection.client_secret.encode()
    sock.connect(connection.requests)
    try:
        yield sock
    finally:
        sock.close(0)
        context.term()


def is_well(client: EngineClient) -> bool:
    return client.request(m.DescribeEngineRequest(), m.EngineReply).pid > 0


def times_of_answers(client: EngineClient, is_over: Callable[[], bool]) -> list[float]:
    """Milliseconds of each answer to a client that asks as fast as its key may."""
    times: list[float] = []
    while not is_over():
        began = time.perf_counter()
        assert is_well(client)
        times.append(1000 * (time.perf_counter() - began))
        time.sleep(0.025)
    return times


def figures(times: list[float]) -> str:
    return f"median {statistics.median(times):.1f} ms, p95 {statistics.quantiles(times, n=20)[-1]:.1f} ms"


@pytest.mark.slow
def test_a_flood_of_malformed_messages_leaves_others_answered(engine: RemoteEngine):
    """100 000 at once, from a program of its own, and a client beside it."""
    well_behaved = engine.client("watch")
    give_up = time.monotonic() + 3.0
    quiet = times_of_answers(well_behaved, lambda: time.monotonic() > give_up)
    before, most = engine.memory(), 0
    flood = start_flood(engine, "submit", FLOOD)

    def is_over() -> bool:
        nonlocal most
        most = max(most, engine.memory())
        return flood.poll() is not None

    beside = times_of_answers(well_behaved, is_over)
    answered, connections = map(int, flood.communicate()[0].split())
    print(  # noqa: T201 - the figures are what the test is run for
        f"\nbeside nothing: {figures(quiet)}\nbeside {FLOOD} malformed messages: {figures(beside)};"
        f" {answered} of them answered over {connections} connections; memory +{(most - before) // MIB} MiB"
    )
    assert flood.returncode == 0
    assert len(beside) > 20
    assert answered < FLOOD / 10, "most are not worth an answer"
    assert most - before < ROOM_BYTES
    log = engine.home / "logs" / "audit.jsonl"
    assert log.stat().st_size < 8 * MIB, "the audit log counts a flood and does not repeat it"
    assert "its connections are cut" in log.read_text("utf-8")


def start_flood(engine: RemoteEngine, role: str, count: int) -> subprocess.Popen[bytes]:
    connection = engine.connection(role)
    keys = (connection.server_key, connection.client_public, connection.client_secret)
    command = [sys.executable, "-m", "tests.fakes.flooding", connection.requests, *keys, str(count)]
    paths = os.pathsep.join((str(ROOT), str(ROOT / "bridge")))
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}, cwd=ROOT
    )


@pytest.mark.slow
def test_a_key_that_flooded_is_served_again_once_it_is_quiet(engine: RemoteEngine):
    start_flood(engine, "submit", 5000).communicate()
    with pytest.raises((ConnectionFailed, LimitReached)):
        engine.client("submit", 3.0)
    time.sleep(10.5)
    assert is_well(engine.client("submit"))


def test_a_flood_of_good_messages_is_refused_beyond_the_keys_rate(engine: RemoteEngine):
    sent = 500
    with bare_socket(engine, "submit") as sock:
        for _ in range(sent):
            sock.send_multipart(encode(make_envelope(m.ListJobsRequest())))
        codes: list[str] = []
        while len(codes) < sent and sock.poll(20_000):
            answer = decode(sock.recv_multipart()).message
            codes.append(answer.error.code if isinstance(answer, m.ErrorReply) else "answered")
    assert len(codes) == sent, "each has one answer"
    assert set(codes) == {"answered", "limit_reached"}
    assert is_well(engine.client("watch"))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone counts what a connection received")
def test_a_message_of_many_allowed_frames_is_cut(engine: RemoteEngine):
    """Frames of 16 MB, one after another: each is allowed, and ZeroMQ alone would keep them all."""
    before, most = engine.memory(), 0
    with bare_socket(engine, "submit") as sock, disconnections(sock) as events:
        part = bytes(16 * MIB)
        for _ in range(39):
            sock.send(part, zmq.SNDMORE, copy=False)
        sock.send(part, copy=False)
        give_up = time.monotonic() + 60.0
        while not events.poll(20) and time.monotonic() < give_up:
            most = max(most, engine.memory())
        assert events.poll(0), "the connection is cut"
    assert most - before < ROOM_BYTES
    assert is_well(engine.client("watch"))
    assert '"cut"' in (engine.home / "logs" / "audit.jsonl").read_text("utf-8")


@contextmanager
def disconnections(sock: zmq.Socket) -> Iterator[zmq.Socket]:
    """What marks the end of the connection."""
    monitor = sock.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    try:
        yield monitor
    finally:
        sock.disable_monitor()
        monitor.close(0)


def test_a_giant_frame_ends_its_connection(engine: RemoteEngine):
    before = engine.memory()
    with bare_socket(engine, "submit") as sock, disconnections(sock) as events:
        # Less than all connections may have on their way.
        sock.send(bytes(64 * MIB), copy=False)
        assert events.poll(60_000)
    assert engine.memory() - before < 48 * MIB
    assert is_well(engine.client("watch"))


@pytest.mark.parametrize("place", [0, 1], ids=["header", "body"])
def test_giant_text_is_refused_before_it_is_read(engine: RemoteEngine, place: int):
    time.sleep(2.0)
    frames = [bytes(part) for part in encode(make_envelope(m.ListJobsRequest()))]
    frames[place] = frames[place][:-1] + b',"x":"' + b"y" * (2 * MIB) + b'"}'
    with bare_socket(engine, "submit") as sock:
        sock.send_multipart(frames)
        assert sock.poll(20_000)
        answer = decode(sock.recv_multipart()).message
    assert isinstance(answer, m.ErrorReply)
    assert answer.error.code == "limit_reached"


def test_open_jobs_are_counted_and_earlier_ones_go_on(engine: RemoteEngine):
    time.sleep(2.0)
    client = engine.client("submit")
    source = SourceMedia(str(engine.shots / "plate.%04d.png"))

    def submit(number: int) -> m.JobReply:
        target = OutputTarget(str(engine.results / f"open{number}" / "%04d.png"))
        settings = UpscaleSettings(scale=2.0, model="identity", policy=KeyframePolicy("none"))
        return client.request(m.SubmitJobRequest(JobSpec(source, target, settings)), m.JobReply)

    jobs: list[str] = []
    refusal = ""
    while not refusal and len(jobs) < 50:
        try:
            jobs.append(submit(len(jobs)).report.job)
            client.request(m.PauseJobRequest(jobs[-1]), m.JobReply)
        except LimitReached as error:
            refusal = error.message
        except StateConflict:
            pass
    assert "open jobs" in refusal
    assert len(jobs) >= 3
    for job in jobs:
        state = client.request(m.DescribeJobRequest(job), m.JobReply).report.state
        if state == "paused":
            client.request(m.CancelJobRequest(job), m.JobReply)
    assert submit(99).report.job


def test_the_unauthenticated_cannot_send_a_giant_either(engine: RemoteEngine):
    before = engine.memory()
    with bare_socket(engine, "stranger") as sock:
        # Once the connection is refused there is nobody to send to, and a send would wait for ever.
        with suppress(zmq.Again):
            for _ in range(20):
                sock.send(bytes(16 * MIB), zmq.NOBLOCK, copy=False)
        time.sleep(2.0)
    assert engine.memory() - before < 64 * MIB
    with pytest.raises(ConnectionFailed):
        engine.client("stranger", 5.0)
    assert is_well(engine.client("watch"))


def test_pictures_beyond_a_keys_room_are_refused(engine: RemoteEngine):
    """A buffer that claims to be what it is not, and one that has no room."""
    client = engine.client("submit")
    picture = ImageRef(buffer=3, format=PixelFormat(4, 4))
    spec = JobSpec(
        SourceMedia(str(engine.shots / "plate.%04d.png")),
        OutputTarget(str(engine.results / "pictures" / "%04d.png")),
        UpscaleSettings(scale=2.0, model="identity"),
        (Keyframe(1, picture),),
    )
    with pytest.raises(Exception, match="buffer 3"):
        client.request(m.SubmitJobRequest(spec), m.JobReply)
