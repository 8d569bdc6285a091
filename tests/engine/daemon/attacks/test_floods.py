"""Giant messages and floods: refused or cut, memory bounded, and everybody else is answered meanwhile."""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import zmq

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.wire import decode, encode, make_envelope
from sparkvsr_bridge.errors import ConnectionFailed, LimitReached, StateConflict
from sparkvsr_bridge.media import ImageRef, PixelFormat, SourceMedia
from sparkvsr_bridge.settings import JobSpec, Keyframe, KeyframePolicy, OutputTarget, UpscaleSettings
from tests.fakes.remote_engines import RemoteEngine

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


def garbage(number: int) -> list[bytes]:
    """Malformed in turn: no frames to speak of, no JSON, another protocol, an unknown kind, deep nesting."""
    kinds = [
        [b""],
        [b"\xff" * 40, b"{}"],
        [b"{}", b"{}", b"x" * 100],
        [b'{"protocol":[9,0],"kind":"x","id":"%d"}' % number, b"{}"],
        [b'{"protocol":[1,1],"kind":"drop_tables","id":"%d"}' % number, b"{}"],
        [b"[" * 2000, b"]"],
        [b'{"protocol":[1,1],"kind":"submit_job_request","id":"1","buffers":[-1]}', b"{}"],
    ]
    return kinds[number % len(kinds)]


def test_a_flood_of_malformed_messages_leaves_others_answered(engine: RemoteEngine):
    """100 000 at once, and a client beside it that asks as fast as its key may."""
    well_behaved = engine.client("watch")
    before = engine.memory()
    seconds: list[float] = []
    most = [before]
    with bare_socket(engine, "submit") as sock:
        is_done = threading.Event()

        def flood() -> None:
            for number in range(FLOOD):
                sock.send_multipart(garbage(number))
                if number % 100 == 0:
                    drain(sock)
            give_up = time.monotonic() + 60.0
            answers = 0
            while time.monotonic() < give_up and sock.poll(2000):
                answers += drain(sock)
            is_done.set()

        thread = threading.Thread(target=flood)
        thread.start()
        while not is_done.is_set():
            began = time.perf_counter()
            assert is_well(well_behaved)
            seconds.append(time.perf_counter() - began)
            most.append(engine.memory())
            time.sleep(0.025)
        thread.join()
    median, p95 = statistics.median(seconds) * 1000, statistics.quantiles(seconds, n=20)[-1] * 1000
    grown = max(most) - before
    print(  # noqa: T201 - the figures are what the test is run for
        f"\n{len(seconds)} answers beside {FLOOD} malformed messages: median {median:.1f} ms,"
        f" p95 {p95:.1f} ms; memory +{grown // MIB} MiB"
    )
    assert len(seconds) > 20
    assert grown < ROOM_BYTES
    log = engine.home / "logs" / "audit.jsonl"
    assert log.stat().st_size < 8 * MIB, "the audit log counts a flood and does not repeat it"


def drain(sock: zmq.Socket) -> int:
    """Read answers that are there; returns how many."""
    count = 0
    while sock.poll(0):
        assert decode(sock.recv_multipart()).kind == "error_reply"
        count += 1
    return count


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
    """What tells that the connection ended."""
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
