"""The sockets of both sides; the only folder that imports zmq.

Three endpoints: requests (ROUTER/DEALER), events (XPUB/SUB, progress only) and heartbeat (REP, its own
thread, so that a beat proves the process runs Python even while it is busy). ZeroMQ sockets belong to
one thread: every class here names it.

An ipc endpoint lies in an owner-only folder. TCP is CURVE always: the server refuses client keys it
does not list, through a ZAP handler, because a CURVE server without one accepts every key.
"""

from __future__ import annotations

from .client import Arrivals, ClientTransport
from .remote import RemoteBounds, RemoteMessage, RemoteTransport
from .server import ServerTransport
from .sockets import Frames, KeyPair, has_ipc, make_keys

__all__ = [
    "Arrivals",
    "ClientTransport",
    "Frames",
    "KeyPair",
    "RemoteBounds",
    "RemoteMessage",
    "RemoteTransport",
    "ServerTransport",
    "has_ipc",
    "make_keys",
]
