"""Requests that need the worker, sent again while that of a fresh engine loads."""

from __future__ import annotations

import time
from typing import TypeVar

from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.errors import WorkerLost
from sparkvsr_bridge.records import Record

Reply = TypeVar("Reply", bound=Record)
# A worker that was just started loads for that long at most.
_LOADING_SECONDS = 60.0
_PAUSE_SECONDS = 0.1


def request_when_loaded(
    client: EngineClient, request: Record, reply_kind: type[Reply], timeout_seconds: float
) -> Reply:
    """Send a request and wait for its reply, again while the worker loads.

    Args:
        client: a connection to the engine.
        request: the request's record.
        reply_kind: the class of its reply.
        timeout_seconds: how long one reply is waited for.

    Raises:
        WorkerLost: where the worker is not there after a minute.
        SparkVSRError: where the engine refuses the request.
    """
    give_up = time.monotonic() + _LOADING_SECONDS
    while True:
        try:
            return client.request(request, reply_kind, timeout_seconds)
        except WorkerLost:
            if time.monotonic() > give_up:
                raise
            time.sleep(_PAUSE_SECONDS)
