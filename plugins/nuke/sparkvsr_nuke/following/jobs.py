"""The one session and the one job list of this Nuke, made when first used. Main thread, no node is touched.

Threads leave news; `poll` takes it in. In the interface a timer calls it, in a terminal `wait` does.
"""

from __future__ import annotations

import collections
import dataclasses
import logging
import time
from typing import Any, Callable, Deque, Dict, List, Optional, Set

import nuke

from ..preferences import engine_place, read_preferences
from ..refusals import Cancelled, Refused

log = logging.getLogger(__name__)

OnAnswer = Callable[[Any, Optional[Exception]], None]
Listener = Callable[[Any], None]
_MOST_LINES = 500
_POLL_SECONDS = 0.05


@dataclasses.dataclass
class Runtime:
    """What lives as long as this Nuke.

    log: lines for the dock, newest last. errors: of requests that failed, in a terminal.
    steps: token of a request on its way -> what happens to it now. owners: token -> name of its node.
    cancelled: tokens of requests that the artist stopped. boxes: open one each, after this tick.
    on_news: called with every piece of news that is no answer. on_change: called when panels should redraw.
    """

    host_session: Any = None
    job_list: Any = None
    log: Deque[str] = dataclasses.field(default_factory=lambda: collections.deque(maxlen=_MOST_LINES))
    steps: Dict[str, str] = dataclasses.field(default_factory=dict)
    on_news: List[Listener] = dataclasses.field(default_factory=list)
    on_change: List[Callable[[], None]] = dataclasses.field(default_factory=list)
    owners: Dict[str, str] = dataclasses.field(default_factory=dict)
    cancelled: Set[str] = dataclasses.field(default_factory=set)
    errors: Dict[str, Exception] = dataclasses.field(default_factory=dict)
    boxes: List[Callable[[], None]] = dataclasses.field(default_factory=list)
    is_ticking: bool = False

    @property
    def session(self) -> Any:
        """The session; None until it is first used."""
        return self.host_session.current if self.host_session is not None else None

    @property
    def has_tasks(self) -> bool:
        """Whether a task's result is still waited for."""
        return self.host_session is not None and self.host_session.has_tasks


_runtime = Runtime()
_on_session: List[Callable[[], None]] = []


def call_on_session(listener: Callable[[], None]) -> None:
    """Have `listener` called whenever the session is asked for; adding it twice is fine."""
    if listener not in _on_session:
        _on_session.append(listener)


def runtime() -> Runtime:
    """What there is; nothing is started."""
    return _runtime


def job_list() -> Any:
    """The jobs of this Nuke."""
    if _runtime.job_list is None:
        from ..bridge_link import job_list as lists

        _runtime.job_list = lists.JobList()
    return _runtime.job_list


def host_session() -> Any:
    """The one session of this Nuke, with what follows its tasks; nothing is connected yet."""
    if _runtime.host_session is None:
        from ..bridge_link import host_session as sessions

        _runtime.host_session = sessions.HostSession(
            lambda: engine_place(read_preferences(), f"nuke {nuke.NUKE_VERSION_STRING}"),
            lambda error, _token: show_error(error),
            _on_session,
        )
    return _runtime.host_session


def session() -> Any:
    """The session; made now where there is none, or where the preferences name another engine."""
    return host_session().get()


def run_task(work: Callable[[Any], Any], on_done: OnAnswer, beside: bool = False) -> str:
    """Run `work(client)` in the session's thread, then `on_done(value, error)` in the main thread."""
    return str(host_session().run_task(work, on_done, beside))


def poll() -> bool:
    """Take in what happened since; True when there was anything. Never waits."""
    if _runtime.host_session is None:
        return False
    has_news = bool(_runtime.host_session.poll(_take_in))
    if has_news:
        redraw()
    return has_news


def wait(is_done: Callable[[], bool]) -> None:
    """Poll until something is so; for terminals, where no timer ticks."""
    while not is_done():
        if not poll():
            time.sleep(_POLL_SECONDS)


def show_info(text: str) -> None:
    """A line for the artist."""
    _runtime.log.append(text)
    if not nuke.GUI:
        nuke.tprint(f"SparkVSR: {text}")
    redraw()


def show_error(error: Exception) -> None:
    """An error for the artist: a line in the dock, and a message where the interface is."""
    text = sentence_of(error)
    _runtime.log.append(text)
    if _runtime.is_ticking:
        open_box(lambda: nuke.message(text))
    elif nuke.GUI:
        nuke.message(text)
    else:
        nuke.tprint(f"SparkVSR: {text}")
    redraw()


def open_box(box: Callable[[], None]) -> None:
    """Have a box opened that waits for the artist: after the tick, which it would hold up."""
    if _runtime.is_ticking:
        _runtime.boxes.append(box)
    else:
        box()


def sentence_of(error: Exception) -> str:
    """One line that says what happened and what to do."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, ImportError):
        remedy = "install it again with 'sparkvsr plugins install nuke'"
        return f"A part of the plugin cannot be loaded ({error}); {remedy}."
    from ..bridge_link import job_list as lists

    return str(lists.sentence_of(error))


def set_step(token: str, text: str) -> None:
    """What happens to a request on its way; an empty text when it has arrived."""
    if text:
        _runtime.steps[token] = text
    else:
        _runtime.steps.pop(token, None)
        _runtime.owners.pop(token, None)
        _runtime.cancelled.discard(token)
    redraw()


def cancel_requests(owner: str) -> bool:
    """Stop a node's requests that are still on their way; False where there is none. owner: its full name."""
    tokens = [
        token
        for token, token_owner in _runtime.owners.items()
        if token_owner == owner and token in _runtime.steps
    ]
    _runtime.cancelled.update(tokens)
    return bool(tokens)


def raise_if_cancelled(token: str) -> None:
    """Raise Cancelled for a request that the artist stopped."""
    if token in _runtime.cancelled:
        raise Cancelled("The request was cancelled before it was sent.")


def fail(token: str, error: Exception) -> None:
    """A request came to nothing: show why. In a terminal `error_of` gives it to the script that waits."""
    set_step(token, "")
    log.info("the request %s failed", token, exc_info=error)
    if not nuke.GUI:
        _runtime.errors[token] = error
    if isinstance(error, Cancelled):
        show_info(str(error))
    else:
        show_error(error)


def error_of(token: str) -> Optional[Exception]:
    """Why a request came to nothing; None where it did not."""
    return _runtime.errors.pop(token, None)


def redraw() -> None:
    """Have panels drawn again."""
    for listener in list(_runtime.on_change):
        listener()


def end() -> None:
    """Close the session and forget everything; no node is touched."""
    global _runtime  # noqa: PLW0603 - the one place where it is replaced
    if _runtime.host_session is not None:
        _runtime.host_session.close()
    _runtime = Runtime()


def _take_in(news: Any) -> None:
    job_list().take_in(news)
    for listener in list(_runtime.on_news):
        listener(news)
