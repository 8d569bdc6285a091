"""A request with where it came from."""

from __future__ import annotations

from dataclasses import dataclass

from sparkvsr_bridge.connections.wire import Envelope


@dataclass(frozen=True)
class ClientRequest:
    """A request, and the client that sent it. owner: name of a remote client's key; empty on this machine."""

    client: bytes
    envelope: Envelope
    owner: str = ""
