# SPDX-License-Identifier: Apache-2.0
"""Looks after the connection in a thread of its own: whoever draws it reads `state` and never waits."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import deque
from typing import Any, Callable, Deque, List, NamedTuple, Optional

from ..refusals import HostLost, HostSilent, Refused
from .connection_state import ConnectionState, after_answer, after_error, after_probe_failed, restart_after
from .host import Host, open_host
from .python_probe import ProbeReport, probe

_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 60.0
_PROBE_AGAIN_SECONDS = 15.0
_CLOSING_SECONDS = 3.0

Work = Callable[[Host], Any]
Probe = Callable[[], ProbeReport]


class TaskEnded(NamedTuple):
    """A task's value, or the error that ended it."""

    value: Any = None
    error: Optional[Exception] = None


class Connection:
    """Resolve, as far as it can be reached. Starts looking at once; `close` ends it."""

    def __init__(
        self,
        find_python: Optional[Probe] = None,
        patience: float = 1.0,
        restart_seconds: float = _PATIENCE_SECONDS,
        look_seconds: float = _LOOK_SECONDS,
    ) -> None:
        """patience: what the time-outs of calls are multiplied with. restart_seconds: silence after which the
        process is killed. look_seconds: between two looks.
        """
        self._find_python = find_python or (lambda: probe(os.environ))
        self._patience, self._restart_seconds, self._pause = patience, restart_seconds, look_seconds
        self._state = ConnectionState()
        self._tasks: queue.SimpleQueue[Optional[Work]] = queue.SimpleQueue()
        self._news: Deque[Any] = deque()
        self._host: Optional[Host] = None
        self._is_closing = False
        self._silent_since: Optional[float] = None
        self._probe_at = 0.0
        self._thread = threading.Thread(target=self._run, name="sparkvsr-resolve", daemon=True)
        self._thread.start()

    @property
    def state(self) -> ConnectionState:
        """As it was last seen."""
        return self._state

    def do(self, work: Work) -> None:
        """Run `work(host)` in the connection's thread; a TaskEnded follows."""
        self._tasks.put(work)

    def drain(self) -> List[Any]:
        """News since the last call: ConnectionState where it changed, TaskEnded. Never waits."""
        news: List[Any] = []
        while self._news:
            news.append(self._news.popleft())
        return news

    def close(self) -> None:
        """End thread and process; returns soon, whatever Resolve does."""
        self._is_closing = True
        self._tasks.put(None)
        if self._host is not None:
            self._host.close()
        self._thread.join(_CLOSING_SECONDS)

    def _run(self) -> None:
        self._look()
        while not self._is_closing:
            try:
                work = self._tasks.get(timeout=self._pause)
            except queue.Empty:
                self._look()
                continue
            if work is not None:
                self._carry_out(work)
        if self._host is not None:
            self._host.close()

    def _look(self) -> None:
        host = self._reached()
        if host is None or self._is_closing:
            return
        try:
            self._set(after_answer(host.state()))
        except Refused as error:
            self._fail(error)

    def _carry_out(self, work: Work) -> None:
        host = self._reached()
        if host is None:
            self._news.append(TaskEnded(error=Refused(self._state.sentence)))
            return
        try:
            self._news.append(TaskEnded(work(host)))
            self._silent_since = None
        except Exception as error:
            if isinstance(error, (HostSilent, HostLost)):
                self._fail(error)
            self._news.append(TaskEnded(error=error))

    def _reached(self) -> Optional[Host]:
        """The host; None where no Python loads Resolve's module. Tried again after a while."""
        if self._host is None and time.monotonic() >= self._probe_at:
            report = self._find_python()
            if report.python is None:
                self._probe_at = time.monotonic() + _PROBE_AGAIN_SECONDS
                self._set(after_probe_failed(report.reason))
            else:
                self._host = open_host(report.python, self._patience)
        return self._host

    def _fail(self, error: Refused) -> None:
        if self._is_closing:
            return
        self._set(after_error(self._state, error))
        if not isinstance(error, HostSilent):
            return
        now = time.monotonic()
        self._silent_since = self._silent_since if self._silent_since is not None else now
        if self._host and restart_after(now - self._silent_since, self._restart_seconds, self._state.kind):
            self._host.process.kill()
            self._silent_since = None

    def _set(self, state: ConnectionState) -> None:
        if state.kind != "busy":
            self._silent_since = None
        if state != self._state:
            self._state = state
            self._news.append(state)
