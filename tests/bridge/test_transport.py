"""Real sockets: who may connect, what is taken already, and that nothing is left behind."""

from __future__ import annotations

import dataclasses
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zmq
from zmq.utils import z85

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.connection import Connection, is_served, read_connection, write_connection
from sparkvsr_bridge.connections.wire import PART_BYTES, decode, encode, make_envelope
from sparkvsr_bridge.errors import (
    EndpointInUse,
    EngineAlreadyRunning,
    EngineLost,
    EngineNotFound,
    InvalidSettings,
    NotAuthorised,
    RequestTimedOut,
)
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.transport import ServerTransport, make_keys
from sparkvsr_bridge.transport.authentication import reply_to
from sparkvsr_bridge.transport.sockets import has_ipc
from tests.fakes.launching import ENGINE, Engines
from tests.fakes.systems import no_modes_on_windows, no_sockets_on_windows

LOOPBACK = "tcp://127.0.0.1:*"

Serve = Callable[..., Connection]


@pytest.fixture
def serve(runtime: Path) -> Iterator[Serve]:
    """Start an engine in a thread that answers every hello; returns where it listens."""
    started: list[tuple[ServerTransport, threading.Event, threading.Thread]] = []

    def start(listen: str | None = LOOPBACK, **options: object) -> Connection:
        result: list[ServerTransport] = []
        ready, done = threading.Event(), threading.Event()

        def run() -> None:
            transport = ServerTransport(runtime, listen, **options)  # type: ignore[arg-type]
            result.append(transport)
            ready.set()
            while not done.is_set():
                for client, frames in transport.receive(20.0):
                    reply = make_envelope(m.HelloReply(pid=7), decode(frames).id)
                    transport.send(client, encode(reply))
            transport.close()

        thread = threading.Thread(target=run)
        thread.start()
        assert ready.wait(20.0)
        started.append((result[0], done, thread))
        return result[0].connection("test")

    yield start
    for transport, done, thread in started:
        done.set()
        transport.wake()
        thread.join(20.0)
        assert not thread.is_alive(), "wake ends a receive that waits"


def set_client_keys(sock: zmq.Socket[bytes], connection: Connection) -> None:
    """CURVE for a bare socket, where the engine wants it."""
    if connection.server_key:
        sock.curve_serverkey = connection.server_key.encode()
        sock.curve_publickey = connection.client_public.encode()
        sock.curve_secretkey = connection.client_secret.encode()


def say_hello(connection: Connection, timeout_seconds: float = 10.0) -> int:
    with EngineClient(connection) as client:
        return client.hello(timeout_seconds).pid


@pytest.mark.parametrize("listen", [None, LOOPBACK, "tcp://localhost:*", "tcp://127.0.0.1:0"])
def test_a_client_with_the_connection_is_let_in(serve: Serve, listen: str | None):
    connection = serve(listen)
    assert say_hello(connection) == 7
    is_tcp = listen is not None or not has_ipc()
    assert connection.requests.startswith("tcp" if is_tcp else "ipc")
    assert bool(connection.server_key) == is_tcp, "TCP is CURVE always"


def test_every_address_is_reached_through_loopback(serve: Serve):
    connection = serve("tcp://*:*")
    assert connection.requests.startswith("tcp://127.0.0.1:")
    assert say_hello(connection) == 7


def test_an_unknown_client_key_is_refused_in_words(serve: Serve):
    keys = make_keys()
    stranger = dataclasses.replace(serve(), client_public=keys.public, client_secret=keys.secret)
    with pytest.raises(NotAuthorised, match="does not know this client's key"):
        say_hello(stranger)


def test_an_enrolled_client_key_is_let_in(serve: Serve):
    keys = make_keys()
    connection = serve(extra_clients=[keys.public])
    assert (
        say_hello(dataclasses.replace(connection, client_public=keys.public, client_secret=keys.secret)) == 7
    )


def test_clients_are_let_in_where_there_is_no_asyncio(engines: Engines):
    """Windows' event loop cannot watch sockets, which pyzmq's own handler of keys wants."""
    program = (
        "import runpy, sys; sys.modules['asyncio'] = None\n"
        "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    command = (sys.executable, "-c", program, str(ENGINE), "--listen", LOOPBACK)
    client = engines.keep(EngineProcess(engines.home, command).ensure(timeout_seconds=20.0))
    assert client.hello().pid == engines.started[0]
    assert read_connection(engines.home / "run").server_key


@pytest.mark.parametrize(
    ("place", "value", "status"),
    [
        (0, b"1.0", b"200"),
        (0, b"2.0", b"400"),
        (2, b"another", b"400"),
        (5, b"NULL", b"400"),
        (6, bytes(32), b"400"),
        (6, b"short", b"400"),
    ],
)
def test_a_key_is_admitted_for_its_domain_and_mechanism_alone(place: int, value: bytes, status: bytes):
    key = b"0123456789abcdef" * 2
    request = [b"1.0", b"7", b"sparkvsr", b"127.0.0.1", b"", b"CURVE", key]
    request[place] = value
    answer = reply_to(request, b"sparkvsr", frozenset([z85.encode(key).decode()]).__contains__)
    assert answer[:3] == [b"1.0", b"7", status]
    assert answer[4] == (z85.encode(key) if status == b"200" else b"")


def test_a_garbled_question_is_answered_with_a_refusal():
    assert reply_to([b"1.0"], b"sparkvsr", frozenset().__contains__)[:3] == [b"1.0", b"", b"400"]


def test_a_client_without_keys_is_refused_before_it_connects():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NotAuthorised, match="this connection has none"):
            EngineClient(Connection(endpoint, endpoint, endpoint))


def test_a_client_with_the_wrong_server_key_times_out(serve: Serve):
    with pytest.raises(RequestTimedOut):
        say_hello(dataclasses.replace(serve(), server_key=make_keys().public), 0.5)


def test_a_known_server_key_can_be_given(serve: Serve):
    keys = make_keys()
    assert serve(server_keys=keys).server_key == keys.public


def test_a_full_part_passes_with_keys_too(serve: Serve):
    with EngineClient(serve()) as client:
        message = m.HelloRequest()
        assert client.request(message, m.HelloReply, 60.0, [bytes(PART_BYTES + 5)]).pid == 7


def test_keys_do_not_show_in_logs(serve: Serve):
    connection = serve()
    assert connection.client_secret not in repr(connection)
    keys = make_keys()
    assert keys.secret not in repr(keys)


# The engine hangs up on a stranger once it has read the greeting; whether its own greeting, with the reason,
# has left by then is chance.
REFUSED = (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)


@pytest.mark.parametrize("name", ["requests", "events", "heartbeat"])
def test_every_socket_is_closed_to_strangers(serve: Serve, name: str):
    kind = {"requests": zmq.DEALER, "events": zmq.SUB, "heartbeat": zmq.REQ}[name]
    endpoint = getattr(serve(), name)
    with zmq.Context() as context, context.socket(kind) as sock:
        sock.linger = 0
        with sock.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | REFUSED[0] | REFUSED[1]) as monitor:
            sock.connect(endpoint)
            assert monitor.poll(60_000)
            number = int.from_bytes(monitor.recv_multipart()[0][:2], "little")
            sock.disable_monitor()
    assert number in REFUSED


def test_one_folder_has_one_engine(serve: Serve, runtime: Path):
    serve(None)
    with pytest.raises(EngineAlreadyRunning, match="use that one"):
        ServerTransport(runtime, LOOPBACK)


def test_a_port_that_is_taken_is_named_and_leaves_nothing_behind(runtime: Path):
    with socket.create_server(("127.0.0.1", 0)) as used:
        port = used.getsockname()[1]
        with pytest.raises(EndpointInUse, match=f"127.0.0.1:{port} cannot be listened on"):
            ServerTransport(runtime, f"tcp://127.0.0.1:{port}")
    assert not is_served(runtime)


@no_sockets_on_windows
def test_a_socket_somebody_listens_on_is_not_taken_away(runtime: Path):
    with socket.socket(socket.AF_UNIX) as second:
        second.bind(str(runtime / "events.sock"))
        second.listen()
        with pytest.raises(EndpointInUse, match="another program listens there"):
            ServerTransport(runtime)
    ServerTransport(runtime).close()  # what a dead program left is taken


@no_sockets_on_windows
def test_a_named_socket_must_lie_in_a_private_folder(runtime: Path, tmp_path: Path):
    open_folder = tmp_path / "open"
    open_folder.mkdir(mode=0o755)
    with pytest.raises(InvalidSettings, match="can be entered by others"):
        ServerTransport(runtime, f"ipc://{open_folder / 'engine'}")
    transport = ServerTransport(runtime, f"ipc://{runtime / 'own'}")
    assert transport.connection("").heartbeat == f"ipc://{runtime / 'own'}-heartbeat"
    transport.close()


def test_what_a_killed_engine_left_to_find_it_by_goes_when_the_next_one_starts(runtime: Path):
    write_connection(runtime, Connection("ipc:///r", "ipc:///e", "ipc:///h", pid=7))
    transport = ServerTransport(runtime)
    with pytest.raises(EngineNotFound):
        read_connection(runtime)
    transport.close()


def test_closing_twice_is_fine_and_the_marker_goes(runtime: Path):
    transport = ServerTransport(runtime)
    connection = transport.connection("")
    marker = Path(connection.shared_folder) / connection.instance
    assert marker.exists()
    transport.close()
    transport.close()
    assert not marker.exists()


def test_what_cannot_be_connected_to_is_named():
    with pytest.raises(EngineNotFound, match="nonsense"):
        EngineClient(Connection("nonsense", "nonsense", "nonsense"))


def test_sending_to_a_client_that_is_gone_fails(runtime: Path):
    transport = ServerTransport(runtime)
    assert not transport.send(b"nobody", [b"{}", b"{}"])
    transport.close()


def test_a_garbled_heartbeat_does_not_stop_the_heart(serve: Serve):
    connection = serve(None)
    with zmq.Context() as context, context.socket(zmq.REQ) as sock:
        sock.linger = 0
        set_client_keys(sock, connection)
        sock.connect(connection.heartbeat)
        for _ in range(2):
            sock.send_multipart([b"many", b"frames"])
            assert sock.poll(10_000)
            assert sock.recv() == connection.instance.encode()


def test_another_engine_at_the_same_place_is_noticed(serve: Serve):
    connection = dataclasses.replace(serve(None), instance="sparkvsr-engine-1-0123456789abcdef")
    with EngineClient(connection, beat_seconds=0.2) as client:
        lost = threading.Event()
        while client.is_alive and not lost.wait(0.01):
            pass
        with pytest.raises(EngineLost, match="Another engine"):
            client.hello()


@no_modes_on_windows
def test_the_connection_file_is_the_owners_alone(serve: Serve, runtime: Path):
    path = write_connection(runtime, serve())
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent == runtime
