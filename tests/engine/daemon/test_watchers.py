"""Which clients get events, and which are forgotten."""

from __future__ import annotations

from sparkvsr_bridge.messages import OkReply
from sparkvsr_engine.daemon.clients import Clients
from sparkvsr_engine.daemon.watchers import Watchers


def test_only_watchers_of_a_job_get_events_under_their_own_request():
    sent = []
    watchers = Watchers(lambda client, message, request: sent.append((client, request)) or True)
    watchers.watch("one", b"ann", "request-1")
    watchers.watch("one", b"bob", "request-2")
    watchers.watch("two", b"bob", "request-3")
    watchers.notify("one", OkReply())
    watchers.notify("three", OkReply())
    assert sent == [(b"ann", "request-1"), (b"bob", "request-2")]
    assert watchers.count() == 2


def test_a_client_that_is_gone_is_forgotten():
    calls = []
    watchers = Watchers(lambda client, message, request: bool(calls.append(client)))
    watchers.watch("one", b"ann", "request-1")
    watchers.notify("one", OkReply())
    watchers.notify("one", OkReply())
    assert calls == [b"ann"]
    assert watchers.count() == 0


def test_shared_memory_is_offered_to_clients_that_share_it(tmp_path):
    clients = Clients(tmp_path)
    clients.seen(b"ann")
    clients.greet(b"ann", True)
    clients.greet(b"bob", False)
    assert clients.folder_for(b"ann") == tmp_path
    assert clients.folder_for(b"bob") is None
    clients.greet(b"ann", False)
    assert clients.folder_for(b"ann") is None
    assert clients.count() == 1
