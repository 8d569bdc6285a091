"""Counters of one client."""

from __future__ import annotations

import pytest

from sparkvsr_bridge.errors import LimitReached
from sparkvsr_engine.access.limits import ClientLimits
from sparkvsr_engine.remote_config import RemoteConfig


def test_a_burst_is_let_through_and_more_is_not(monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr("sparkvsr_engine.access.limits.time.monotonic", lambda: now[0])
    limits = ClientLimits(RemoteConfig(messages_per_second=10.0))
    for _ in range(20):
        limits.take_message([10, 10])
    with pytest.raises(LimitReached, match="10 messages a second"):
        limits.take_message([10, 10])
    now[0] += 0.125
    limits.take_message([10, 10])
    with pytest.raises(LimitReached):
        limits.take_message([10, 10])


@pytest.mark.parametrize("sizes", [[101, 1], [1, 101], [1, 1, 900, 200]])
def test_large_messages_are_refused_before_they_are_read(sizes: list[int]):
    limits = ClientLimits(RemoteConfig(text_bytes=100, message_bytes=1000))
    with pytest.raises(LimitReached):
        limits.take_message(sizes)
    limits.take_message([100, 100, 800])


def test_unanswered_requests_and_previews_are_counted_together():
    limits = ClientLimits(RemoteConfig(open_requests=3))
    limits.begin(False, 0, 0)
    limits.begin(False, 0, 1)
    with pytest.raises(LimitReached, match="not answered"):
        limits.begin(False, 0, 1)
    limits.end(False)
    limits.begin(False, 0, 1)


def test_jobs_on_their_way_count_as_open():
    limits = ClientLimits(RemoteConfig(open_jobs=3))
    limits.begin(True, 1, 0)
    limits.begin(True, 1, 0)
    with pytest.raises(LimitReached, match="open jobs"):
        limits.begin(True, 1, 0)
    limits.begin(False, 1, 0)
    limits.end(True)
    limits.begin(True, 1, 0)
