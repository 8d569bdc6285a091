"""Starts stand-in engines (`engine.py`) as real child programs, and collects what they send."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.connection import is_served
from sparkvsr_bridge.connections.wire import Envelope
from sparkvsr_bridge.process import EngineProcess
from tests.fakes.systems import freeze, kill

ENGINE = Path(__file__).with_name("engine.py")


class Engines:
    """Launches stand-ins in one home folder and knows every one that was started there."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.clients: list[EngineClient] = []

    def process(self, *behaviour: str) -> EngineProcess:
        """An engine that misbehaves as its options set; not started yet."""
        return EngineProcess(self.home, (sys.executable, str(ENGINE), *behaviour))

    def client(self, *behaviour: str) -> EngineClient:
        """A client of a running engine, closed with the test."""
        return self.keep(self.process(*behaviour).ensure("test", 60.0))

    def keep(self, client: EngineClient) -> EngineClient:
        self.clients.append(client)
        return client

    @property
    def started(self) -> list[int]:
        """Process numbers of all engines started here, in order."""
        noted = self.home / "starts"
        return [int(line) for line in noted.read_text().split()] if noted.exists() else []

    def kill(self) -> None:
        """End the engine started last at once."""
        kill(self.started[-1])

    def freeze(self) -> None:
        """Let the engine started last stand still."""
        freeze(self.started[-1])

    def end(self) -> None:
        for client in self.clients:
            client.close()
        for pid in self.started:
            kill(pid)
        wait_until(lambda: not is_served(self.home / "run"))


class Collector:
    """A listener that keeps events and lets a test wait for one."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self._changed = threading.Condition()

    def __call__(self, envelope: Envelope) -> None:
        with self._changed:
            self.envelopes.append(envelope)
            self._changed.notify_all()

    def of(self, kind: type) -> list[Any]:
        """The messages of this class so far."""
        return [envelope.message for envelope in self.envelopes if isinstance(envelope.message, kind)]

    def wait_for(self, condition: Callable[[Collector], bool], timeout_seconds: float = 20.0) -> None:
        """Wait until the condition holds; fails the test when it never does."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), timeout_seconds), "the event never came"


def wait_until(condition: Callable[[], bool], timeout_seconds: float = 20.0) -> None:
    """Ask again and again until the condition holds; fails the test when it never does."""
    tick = threading.Event()
    for _ in range(int(timeout_seconds / 0.02)):
        if condition():
            return
        tick.wait(0.02)
    raise AssertionError("it never came true")
