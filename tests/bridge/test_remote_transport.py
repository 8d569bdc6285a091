"""Connections of remote clients, counted and weighed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zmq

from sparkvsr_bridge.connections.endpoints import plan_endpoints
from sparkvsr_bridge.transport import RemoteBounds, RemoteTransport, make_keys
from tests.fakes.remote_engines import free_ports

MIB = 1024**2
PATIENCE_SECONDS = 60.0
SERVER, CLIENT = make_keys(), make_keys()

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone counts bytes of a connection")


@pytest.fixture
def transport() -> Iterator[RemoteTransport]:
    endpoints = plan_endpoints(Path(), f"tcp://127.0.0.1:{free_ports()}")
    bounds = RemoteBounds(message_bytes=8 * MIB, connections=3)
    result = RemoteTransport(endpoints, SERVER, {CLIENT.public}.__contains__, "instance", bounds)
    yield result
    result.close()


@pytest.fixture
def connect(transport: RemoteTransport) -> Iterator[Callable[[], zmq.Socket]]:
    context = zmq.Context()
    sockets: list[zmq.Socket] = []

    def connected(place: int = 0, kind: int = zmq.DEALER) -> zmq.Socket:
        sock = context.socket(kind)
        sockets.append(sock)
        sock.setsockopt(zmq.LINGER, 0)
        sock.setsockopt(zmq.RECONNECT_IVL, -1)
        sock.setsockopt(zmq.RCVHWM, 1)
        sock.setsockopt(zmq.SNDHWM, 0)
        sock.curve_serverkey = SERVER.public.encode()
        sock.curve_publickey = CLIENT.public.encode()
        sock.curve_secretkey = CLIENT.secret.encode()
        sock.connect(transport.endpoints[place])
        return sock

    yield connected
    for sock in sockets:
        sock.close(0)
    context.term()


def until(transport: RemoteTransport, is_done: Callable[[list, list], bool]) -> tuple[list, list]:
    """Messages and cuts until that many are there."""
    messages: list = []
    cuts: list = []
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not is_done(messages, cuts) and time.monotonic() < give_up:
        messages += transport.receive()
        cuts += transport.judge()
        time.sleep(0.01)
    return messages, cuts


def test_a_message_bears_its_key_and_is_answered(transport: RemoteTransport, connect):
    sock = connect()
    sock.send_multipart([b"header", b"body"])
    ((message,), cuts) = until(transport, lambda messages, _: bool(messages))
    assert (message.key, message.frames, cuts) == (CLIENT.public, [b"header", b"body"], [])
    assert transport.send(message.client, [b"answer"])
    assert sock.poll(20_000)
    assert sock.recv() == b"answer"


def test_messages_that_are_read_do_not_add_up(transport: RemoteTransport, connect):
    """Four times the bound in all, and none of it waits."""
    sock = connect()
    for _ in range(32):
        sock.send_multipart([b"x" * MIB])
        messages, cuts = until(transport, lambda messages, cuts: bool(messages or cuts))
        assert len(messages) == 1
        assert cuts == []


def test_a_client_that_does_not_read_is_cut(transport: RemoteTransport, connect):
    connect().send_multipart([b"header", b"body"])
    ((message,), _) = until(transport, lambda messages, _: bool(messages))
    for _ in range(64):
        transport.send(message.client, [bytes(MIB)])
    _, cuts = until(transport, lambda _, cuts: bool(cuts))
    assert "on their way" in cuts[0][1]
    time.sleep(0.5)
    assert not transport.send(message.client, [b"more"])


def test_connections_are_counted(transport: RemoteTransport, connect):
    for _ in range(4):
        connect().send_multipart([b"hello"])
    messages, cuts = until(transport, lambda messages, cuts: len(messages) >= 3 and bool(cuts))
    assert [reason for _, reason in cuts] == ["more than 3 connections"]
    assert len(messages) >= 3


def test_endless_subscriptions_are_cut(transport: RemoteTransport, connect):
    sock = connect(1, zmq.SUB)
    for number in range(20_000):
        sock.setsockopt(zmq.SUBSCRIBE, b"%08d" % number + b"x" * 400)
    _, cuts = until(transport, lambda _, cuts: bool(cuts))
    assert "on their way" in cuts[0][1]


def test_a_beat_is_answered(transport: RemoteTransport, connect):
    sock = connect(2, zmq.REQ)
    sock.send(b"")
    assert sock.poll(20_000)
    assert sock.recv() == b"instance"
