"""Which CURVE keys are let in: ZeroMQ asks for every new connection over ZAP (its RFC 27).

pyzmq's own handler needs an asyncio event loop with `add_reader`, which Windows' has not.
"""

from __future__ import annotations

import contextlib
import threading
from typing import FrozenSet, Iterable, List

import zmq
from zmq.utils import z85

_ENDPOINT = "inproc://zeromq.zap.01"
_VERSION = b"1.0"
_CURVE = b"CURVE"


def admit_keys(context: zmq.Context[zmq.Socket[bytes]], domain: str, keys: Iterable[str]) -> None:
    """Let the owners of these public keys (Z85) connect to the sockets of `domain`, and nobody else.

    Call it before the sockets are bound, once a context. It ends with the context.

    Args:
        context: of ZeroMQ.
        domain: of ZeroMQ's authentication.
        keys: public keys, Z85.
    """
    sock: zmq.Socket[bytes] = context.socket(zmq.REP)
    sock.setsockopt(zmq.LINGER, 0)
    try:
        sock.bind(_ENDPOINT)
    except BaseException:
        sock.close(0)
        raise
    # The thread owns the socket from here on and closes it when the context ends.
    threading.Thread(
        target=_answer, args=(sock, domain.encode(), frozenset(keys)), name="authentication", daemon=True
    ).start()


def reply_to(request: List[bytes], domain: bytes, keys: FrozenSet[str]) -> List[bytes]:
    """The answer to one question: version, number, status, its text, user and further properties.

    Args:
        request: the question's frames.
        domain: the domain that answers.
        keys: the public keys that are admitted.
    """
    version, number = request[0], request[1] if len(request) > 1 else b""
    is_admitted = (
        len(request) == 7
        and version == _VERSION
        and request[2] == domain
        and request[5] == _CURVE
        and len(request[6]) == 32
        and z85.encode(request[6]).decode("ascii") in keys
    )
    status, text = (b"200", b"OK") if is_admitted else (b"400", b"This key is not enrolled")
    return [_VERSION, number, status, text, b"", b""]


def _answer(sock: zmq.Socket[bytes], domain: bytes, keys: FrozenSet[str]) -> None:
    with contextlib.suppress(zmq.ZMQError):
        while True:
            sock.send_multipart(reply_to(sock.recv_multipart(), domain, keys))
    sock.close(0)
