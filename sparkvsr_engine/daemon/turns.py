"""Requests for one target are checked in the order they came in: helper threads alone would shuffle them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Reply = TypeVar("Reply")

# A check looks at files; one that takes longer holds up nobody else.
_PATIENCE_SECONDS = 60.0


class Turns:
    """Turns at the targets of jobs. `take` is called on one thread only."""

    def __init__(self) -> None:
        self._last: dict[str, threading.Event] = {}

    def take(self, target: str) -> Turn:
        """A turn behind those taken before for the same target."""
        key = str(Path(target).absolute())
        self._last = {name: event for name, event in self._last.items() if not event.is_set()}
        turn = Turn(self._last.get(key))
        self._last[key] = turn.is_over
        return turn


class Turn:
    """One request's turn. It is over once `is_over` is set, and when its check fails."""

    def __init__(self, before: threading.Event | None) -> None:
        self.is_over = threading.Event()
        self._before = before

    def check(self, check: Callable[[], Reply]) -> Reply:
        """Carry the check out once the turns before are over; raises what it raises."""
        if self._before is not None:
            self._before.wait(_PATIENCE_SECONDS)
        try:
            return check()
        except BaseException:
            self.is_over.set()
            raise
