"""A client of an engine that is not there: it hands on the events it is given."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from sparkvsr.inbox import Inbox
from sparkvsr.job import Job
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.wire import Envelope
from sparkvsr_bridge.errors import EngineLost
from sparkvsr_bridge.messages import CancelJobRequest, DescribeJobRequest, JobReply, JobReport
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.records import Record


class ListenedClient:
    """Honours what `EngineClient` offers to those who follow one job.

    described: what the engine answers when it is asked how the job stands.
    """

    def __init__(self, described: JobReport, is_alive: bool = True) -> None:
        self.described = described
        self.is_alive = is_alive
        self._listeners: list[Callable[[Envelope], None]] = []
        self._names = itertools.count(1)

    def add_listener(self, listener: Callable[[Envelope], None]) -> None:
        self._listeners.append(listener)

    def remove_listener(self, listener: Callable[[Envelope], None]) -> None:
        self._listeners = [each for each in self._listeners if each != listener]

    def send(self, *events: Record) -> None:
        """Events as the engine would send them."""
        for event in events:
            envelope = Envelope(id=f"event {next(self._names)}", kind="", message=event)
            for listener in list(self._listeners):
                listener(envelope)

    def request(self, request: Record, reply_kind: type[Record], timeout_seconds: float = 30.0) -> Any:
        assert reply_kind is JobReply
        assert timeout_seconds > 0
        if not self.is_alive:
            raise EngineLost("The engine went away.")
        if isinstance(request, CancelJobRequest):
            self.described = replace(self.described, state="cancelled")
        else:
            assert isinstance(request, DescribeJobRequest)
        return JobReply(self.described)

    def job(self, report: JobReport, engine: RestartedEngine | None = None) -> Job:
        """A handle of a job that this client follows."""
        client = cast("EngineClient", self)
        return Job(cast("EngineProcess", engine), client, Inbox(client), report)


class RestartedEngine:
    """An engine that comes back whenever it is asked to."""

    def __init__(self) -> None:
        self.restarts = 0

    def reconnect(self, client: ListenedClient) -> None:
        self.restarts += 1
        client.is_alive = True
