# SPDX-License-Identifier: Apache-2.0
"""Who waits for the result of which task."""

from __future__ import annotations

import itertools
from typing import Any, Callable, Dict, Optional

from ..session import Answer

OnAnswer = Callable[[Any, Optional[Exception]], None]


class PendingAnswers:
    """Functions to call with the value or the error of tasks, by the tasks' tokens."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: Dict[str, OnAnswer] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, on_done: OnAnswer) -> str:
        """The token of a new task, whose result goes to `on_done(value, error)`.

        Args:
            on_done: called by `deliver`.
        """
        token = f"task {next(self._numbers)}"
        self._waiting[token] = on_done
        return token

    def deliver(self, answer: Answer) -> bool:
        """Hand a result to whoever waits for it; False where nobody does.

        Args:
            answer: a task's result.
        """
        on_done = self._waiting.pop(answer.token, None)
        if on_done is not None:
            on_done(answer.value, answer.error)
        return on_done is not None

    def clear(self) -> None:
        """Wait for nothing more."""
        self._waiting.clear()
