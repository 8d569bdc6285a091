"""A client that keeps to no rule: floods with malformed messages, and connects again when it is cut.

`python -m tests.fakes.flooding ENDPOINT ENGINE_KEY PUBLIC SECRET COUNT`; prints how many answers came, over
how many connections.
"""

from __future__ import annotations

import sys
import time

import zmq

PATIENCE_SECONDS = 60.0
QUIET_MS = 2000


def garbage(number: int) -> list[bytes]:
    """Malformed in turn: hardly any frames, no JSON, another protocol, an unknown kind, deep nesting."""
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


def main(arguments: list[str]) -> None:
    """Flood until all is sent and answered, or nobody answers any more."""
    endpoint, engine_key, public, secret, count = arguments
    context = zmq.Context()
    sock = context.socket(zmq.DEALER)
    sock.setsockopt(zmq.LINGER, 0)
    sock.setsockopt(zmq.SNDHWM, 0)
    sock.setsockopt(zmq.RECONNECT_IVL, 1)
    sock.curve_serverkey, sock.curve_publickey = engine_key.encode(), public.encode()
    sock.curve_secretkey = secret.encode()
    connected = sock.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    sock.connect(endpoint)
    answered = 0
    for number in range(int(count)):
        sock.send_multipart(garbage(number))
        answered += _answers(sock) if number % 100 == 0 else 0
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up and sock.poll(QUIET_MS):
        answered += _answers(sock)
    connections = 0
    while connected.poll(0):
        connected.recv_multipart()
        connections += 1
    sys.stdout.write(f"{answered} {connections}\n")
    sock.disable_monitor()
    connected.close(0)
    sock.close(0)
    context.term()


def _answers(sock: zmq.Socket[bytes]) -> int:
    """Read the answers that are there; returns how many."""
    count = 0
    while sock.poll(0):
        sock.recv_multipart()
        count += 1
    return count


if __name__ == "__main__":
    main(sys.argv[1:])
