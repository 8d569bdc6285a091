# SPDX-License-Identifier: Apache-2.0
"""The one session of a host: made when first used, made anew where the preferences name another engine."""

from __future__ import annotations

import collections
from typing import Any, Callable, Deque, List, Optional

from ..engine_place import EnginePlace
from ..session import Answer, Session
from .answers import OnAnswer, PendingAnswers

Task = Callable[[Any], Any]


class HostSession:
    """A host's session and what follows its tasks. For the main thread; no method waits for the engine.

    Args:
        place_of: where the engine is, as the host's preferences have it now.
        on_error: called with the error of a task that nobody waits for, and the task's token.
        on_use: functions called whenever the session is asked for, such as one that starts a timer.
    """

    def __init__(
        self,
        place_of: Callable[[], EnginePlace],
        on_error: Callable[[Exception, str], None],
        on_use: List[Callable[[], None]],
    ) -> None:
        self.current: Optional[Session] = None
        self.on_use = on_use
        self._place_of = place_of
        self._on_error = on_error
        self._answers = PendingAnswers()
        self._news: Deque[Any] = collections.deque()

    @property
    def has_tasks(self) -> bool:
        """Whether a task's result is still waited for."""
        return bool(len(self._answers))

    def get(self) -> Session:
        """The session, made now where there is none; a new one follows the jobs of the one before."""
        place = self._place_of()
        if self.current is None or self.current.place != place:
            followed = self.current.followed if self.current is not None else set[str]()
            if self.current is not None:
                self.current.close()
            self.current = Session(place)
            for job in followed:
                self.current.follow(job)
        for listener in self.on_use:
            listener()
        return self.current

    def run_task(self, task: Task, on_done: OnAnswer, beside: bool = False) -> str:
        """Run a task in the session's thread; its result comes with a later `poll`.

        Args:
            task: called with the engine's client.
            on_done: called with the task's value and error, one of them None, by `poll`.
            beside: run it in a thread of its own, for what takes long.

        Returns:
            The task's token.
        """
        token = self._answers.add(on_done)
        session = self.get()
        (session.do_beside if beside else session.do)(token, task)
        return token

    def poll(self, take_in: Callable[[Any], None]) -> bool:
        """Deliver what happened since: results to who waits for them, all other news to `take_in`.

        News behind one whose function raises stays for the next call.

        Args:
            take_in: called with each piece of news.

        Returns:
            Whether there was any.
        """
        if self.current is not None:
            self._news.extend(self.current.drain())
        has_news = bool(self._news)
        while self._news:
            news = self._news.popleft()
            if not isinstance(news, Answer):
                take_in(news)
            elif not self._answers.deliver(news) and news.error is not None:
                self._on_error(news.error, news.token)
        return has_news

    def close(self) -> None:
        """End the connection and wait for nothing more; the engine and its jobs go on."""
        if self.current is not None:
            self.current.close()
        self.current = None
        self._answers.clear()
        self._news.clear()
