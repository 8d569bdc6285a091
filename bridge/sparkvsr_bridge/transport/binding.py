"""Bound sockets of an engine: options, keys, and the heartbeat's thread."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Optional

import zmq

from ..errors import EndpointInUse
from .sockets import KeyPair, set_options

ZAP_DOMAIN = "sparkvsr"
# Unread messages kept for one client before it is given up: many, because none may be lost, and small,
# because pixels go by path, shared memory or one at a time on request.
REQUESTS_HIGH_WATER = 20_000
# Progress beyond this is dropped, and old progress is worth little.
EVENTS_HIGH_WATER = 200


def bind_socket(
    context: zmq.Context[zmq.Socket[bytes]],
    kind: int,
    endpoint: str,
    keys: Optional[KeyPair],
    largest_frame: int = 0,
    high_water: int = 0,
) -> zmq.Socket[bytes]:
    """A socket of an engine, bound.

    Args:
        context: of ZeroMQ.
        kind: of socket, a number of ZeroMQ's.
        endpoint: where to listen.
        keys: the engine's, None on a socket file.
        largest_frame: bytes, less than usual; 0 for the usual.
        high_water: whole messages of one connection that wait to be read; 0 for the usual.
    """
    _refuse_answered_socket(endpoint)
    sock: zmq.Socket[bytes] = context.socket(kind)
    set_options(sock, endpoint)
    sock.setsockopt(zmq.SNDHWM, EVENTS_HIGH_WATER if kind == zmq.XPUB else REQUESTS_HIGH_WATER)
    if kind == zmq.ROUTER:
        sock.setsockopt(zmq.ROUTER_MANDATORY, 1)
    if largest_frame:
        sock.setsockopt(zmq.MAXMSGSIZE, largest_frame)
    if high_water:
        sock.setsockopt(zmq.RCVHWM, high_water)
    try:
        if keys is not None:
            sock.setsockopt(zmq.CURVE_SERVER, 1)
            sock.setsockopt_string(zmq.CURVE_SECRETKEY, keys.secret)
            sock.setsockopt_string(zmq.ZAP_DOMAIN, ZAP_DOMAIN)
            sock.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)
        sock.bind(endpoint)
    except zmq.ZMQError as error:
        sock.close(0)
        raise _in_use(endpoint, error.strerror) from error
    return sock


def answer_beats(sock: zmq.Socket[bytes], instance: bytes) -> None:
    """Answer every beat with the engine's name, in a thread that ends with the socket's context.

    Args:
        sock: bound; the thread owns it from here on.
        instance: the engine's name.
    """
    threading.Thread(target=_echo, args=(sock, instance), name="heartbeat", daemon=True).start()


def _refuse_answered_socket(endpoint: str) -> None:
    """Binding would silently take a socket file away from a program that listens on it."""
    if not endpoint.startswith("ipc://"):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(endpoint[len("ipc://") :])
        except OSError:
            return
    raise _in_use(endpoint, "another program listens there")


def _in_use(endpoint: str, reason: Optional[str]) -> EndpointInUse:
    return EndpointInUse(
        f"{endpoint} cannot be listened on ({reason}); stop the program that holds it or name another with"
        " 'sparkvsr serve --listen'."
    )


def _echo(sock: zmq.Socket[bytes], instance: bytes) -> None:
    with contextlib.suppress(zmq.ZMQError):
        while True:
            sock.recv_multipart()
            sock.send(instance)
    sock.close(0)
