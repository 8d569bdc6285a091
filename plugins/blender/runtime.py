"""The one session and the one job list of this Blender, made at first use, ended with the extension."""

from __future__ import annotations

import dataclasses
from typing import Any, Callable, Dict, List, Optional

import bpy

from . import host
from .bridge_link import EnginePlace, HostSession, JobList, OnAnswer, Pending, Session, sentence_of

_QUIET = "playhead"
_on_session: List[Callable[[], None]] = []


@dataclasses.dataclass(frozen=True)
class Notice:
    """One line for the artist, shown in the panel until it is taken away. kind: `ERROR` or `INFO`."""

    kind: str
    text: str


@dataclasses.dataclass(frozen=True)
class MainThreadCall:
    """News from a thread beside the session: a call for the main thread to make."""

    carry_out: Callable[[], None]


@dataclasses.dataclass(frozen=True)
class Waiting:
    """Something an artist waits for that has nothing to show on the way."""

    text: str


def _new_session() -> HostSession:
    return HostSession(place, _show_unasked, _on_session)


@dataclasses.dataclass
class Runtime:
    """What lives as long as the extension is enabled."""

    job_list: JobList = dataclasses.field(default_factory=JobList)
    host_session: HostSession = dataclasses.field(default_factory=_new_session)
    notice: Optional[Notice] = None
    previews: Dict[str, Any] = dataclasses.field(default_factory=dict)
    early_previews: Dict[str, Any] = dataclasses.field(default_factory=dict)
    edited_pictures: Dict[str, int] = dataclasses.field(default_factory=dict)
    looked_at_pictures: float = 0.0

    @property
    def session(self) -> Optional[Session]:
        """The session; None until it is first used."""
        return self.host_session.current


def call_on_session(listener: Callable[[], None]) -> None:
    """Have `listener` called whenever the session is asked for; adding it twice is fine."""
    if listener not in _on_session:
        _on_session.append(listener)


def get() -> Runtime:
    """What there is now."""
    return _runtime


def job_list() -> JobList:
    """The jobs."""
    return _runtime.job_list


def place() -> EnginePlace:
    """Where the engine is, from the preferences."""
    chosen = host.preferences()
    is_remote = chosen.location == "REMOTE"
    return EnginePlace(
        program="" if is_remote else bpy.path.abspath(chosen.program),
        home="" if is_remote else bpy.path.abspath(chosen.engine_home),
        connection_file=bpy.path.abspath(chosen.connection_file) if is_remote else "",
        host=chosen.remote_host if is_remote else "",
        may_go_online=host.may_go_online(),
        name=f"blender {bpy.app.version_string}",
        preferences="the extension's preferences",
        offline_reason="Blender's online access is off; allow it in Preferences > System > Network",
    )


def local_place() -> EnginePlace:
    """This computer's engine program, whichever engine renders: it writes files of this computer."""
    chosen = host.preferences()
    return EnginePlace(
        program=bpy.path.abspath(chosen.program),
        home=bpy.path.abspath(chosen.engine_home),
        preferences="the extension's preferences",
    )


def session() -> Session:
    """The session; a new one when there is none or the preferences name another engine."""
    return _runtime.host_session.get()


def run_task(task: Callable[[Any], Any], on_done: OnAnswer, beside: bool = False) -> str:
    """Have the session do `task(client)`, then the main thread `on_done(value, error)`; returns its token."""
    return _runtime.host_session.run_task(task, on_done, beside)


def begin(pending: Pending) -> None:
    """Show a request that is on its way."""
    _runtime.job_list.pending[pending.token] = pending
    _runtime.notice = None


def show_notice(text: str, kind: str = "INFO") -> None:
    """Show a line in the panel."""
    _runtime.notice = Notice(kind, text)


def show_error(error: Exception) -> None:
    """Show an error in the panel."""
    show_notice(sentence_of(error), "ERROR")


def end() -> None:
    """Close the session and forget everything; nothing of the timeline is touched."""
    global _runtime  # noqa: PLW0603 - the one place where it is replaced
    _runtime.host_session.close()
    _runtime = Runtime()


def send_playhead(job: str, task: Callable[[Any], Any]) -> None:
    """Have the session do `task(client)`; whether it succeeds concerns nobody."""
    if _runtime.session is not None:
        _runtime.session.do(f"{_QUIET} {job}", task)


def _show_unasked(error: Exception, token: str) -> None:
    """The error of a task that nobody waits for."""
    if not token.startswith(_QUIET):
        show_error(error)


_runtime = Runtime()
