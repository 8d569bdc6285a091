"""The engine as the window uses it: tasks with what follows them, events to whoever takes them.

Nothing here waits. Tasks run on the session's threads; `poll` hands their results on, in the caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.hosts.session import Answer, EngineState, Listener, Session
from sparkvsr_bridge.hosts.tasks.answers import PendingAnswers

OnAnswer = Callable[[Any], None]
OnError = Callable[[Exception], None]
Wake = Callable[[], None]


class EngineLink:
    """One engine, reached through a session of its own.

    on_news: called by `poll` with every event. on_error: called with the error of a task without a handler.
    listener: see `Session`; it runs in the client's thread.
    """

    def __init__(
        self,
        place: EnginePlace,
        on_news: Callable[[Any], None],
        on_error: OnError,
        listener: Listener | None = None,
    ) -> None:
        self._session = Session(place, listener)
        self._on_news = on_news
        self._on_error = on_error
        self._answers = PendingAnswers()

    @property
    def state(self) -> EngineState:
        """How the connection stands."""
        return self._session.state

    @property
    def place(self) -> EnginePlace:
        """How the engine is reached, for a client of one's own."""
        return self._session.place

    @property
    def is_ready(self) -> bool:
        """Whether the engine is there, so that a task does not start it."""
        return self._session.is_connected

    def run(
        self,
        work: Callable[[Any], Any],
        then: OnAnswer = lambda _: None,
        failed: OnError | None = None,
        *,
        beside: bool = False,
    ) -> None:
        """Have `work(client)` done on a thread; `then` or `failed` follows with a later `poll`.

        beside: on a thread of its own, for what takes long.
        """
        on_error = failed or self._on_error
        token = self._answers.add(lambda value, error: then(value) if error is None else on_error(error))
        (self._session.do_beside if beside else self._session.do)(token, work)

    def follow(self, job: str) -> None:
        """Keep the engine running and the job watched until `forget`."""
        self._session.follow(job)

    def forget(self, job: str) -> None:
        """Stop watching a job."""
        self._session.forget(job)

    def post(self, news: Any) -> None:
        """Leave news for the next `poll`; from any thread."""
        self._session.post(news)

    def poll(self) -> None:
        """Hand on what happened since."""
        for each in self._session.drain():
            if not isinstance(each, Answer):
                self._on_news(each)
            elif not self._answers.deliver(each) and each.error is not None:
                self._on_error(each.error)

    def close(self) -> None:
        """End the connection; the engine and its jobs go on."""
        self._session.close()
