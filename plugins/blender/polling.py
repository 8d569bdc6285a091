"""What Blender's timer does: take in the session's news, bring the timeline in line, have panels drawn again.

`poll` itself knows no timer, so that it can be called where timers do not tick (Blender without windows).
"""

from __future__ import annotations

import logging
import time
from typing import Any, Sequence

import bpy
from bpy.app.handlers import persistent

from . import host, runtime
from .bridge_link import Answer, EngineState, errors, landed_frames, messages
from .keyframing import painting, previewing
from .sequencer import placing
from .sequencer.strips import timing_for

log = logging.getLogger(__name__)

_BUSY_SECONDS = 0.1
_IDLE_SECONDS = 0.5
_PLAYHEAD_SECONDS = 0.5
_LIST_SECONDS = 120.0
# A strip that changes empties Blender's cache of it, and prefetching begins anew: not for every single frame.
_SHOW_SECONDS = 1.0
_REDRAW_SECONDS = 0.2
_PLAYHEAD = "playhead"

_playhead_sent = {"frame": None, "at": 0.0}
_redraws = {"is_due": False, "at": 0.0}


def poll() -> float:
    """One look; returns the seconds until the next."""
    found = runtime.get()
    if found.session is None:
        return _IDLE_SECONDS
    news = found.session.drain()
    for one in news:
        _hear(one)
    is_left = _bring_in_line()
    is_edited = painting.look_for_edits()
    _send_playhead()
    _redraw(bool(news or is_left or is_edited or found.book.pending))
    is_busy = bool(news or is_left or found.waiting or found.book.active())
    return _BUSY_SECONDS if is_busy else _IDLE_SECONDS


def tick() -> float:
    """The timer's function: a defect is told once and does not end the timer."""
    try:
        return poll()
    except Exception as error:
        log.exception("the extension's timer failed")
        runtime.complain(error)
        return 2.0


def start() -> None:
    """Have `tick` called from now on."""
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=_BUSY_SECONDS, persistent=True)


def stop() -> None:
    """Not any more."""
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)


def _hear(news: Any) -> None:
    found = runtime.get()
    if isinstance(news, Answer):
        then = found.waiting.pop(news.token, None)
        if then is not None:
            then(news.value, news.error)
        elif news.error is not None and not news.token.startswith(_PLAYHEAD):
            runtime.complain(news.error)
    elif isinstance(news, (messages.PreviewReady, messages.PreviewFailed)):
        previewing.hear(news)
    elif isinstance(news, runtime.Told):
        news.carry_out()
    elif found.book.take_in(news):
        _forget_ended(news)
        _ask_models(news)


def _ask_models(news: Any) -> None:
    """Once the engine is there, what it can restore with: the menu of models."""
    if not isinstance(news, EngineState) or news.kind != "ready":
        return

    def answered(reply: Any, error: Any) -> None:
        if error is not None:
            log.info("the engine's models are not known: %s", error)
            return
        runtime.book().models = reply.models

    request = messages.ListModelsRequest()
    runtime.ask(
        lambda client: client.request(request, messages.ModelListReply, timeout_seconds=120.0), answered
    )


def _forget_ended(news: Any) -> None:
    """A job whose latest version has ended needs no engine any more."""
    found = runtime.get()
    if not isinstance(news, messages.JobChanged) or found.session is None:
        return
    report = news.report
    if report.state in messages.ENDED_STATES and report.version >= report.versions:
        found.session.forget(report.job)
    entry = found.book.entries.get((report.job, report.version))
    if report.state == "finished" and entry is not None and not entry.trust:
        _ask_confidence(entry)


def _ask_confidence(entry: Any) -> None:
    """Ask how far the frames of a finished version trusted keyframes; its strip shows it when it is told."""
    request = messages.ConfidenceRequest(entry.report.job, entry.report.version)

    def answered(reply: Any, error: Any) -> None:
        if error is not None:
            # A bar along a strip is worth no message: an older engine does not know it.
            log.info("no confidence of job %s: %s", entry.report.job, error)
            return
        entry.trust = dict(zip(reply.frames, reply.trust))
        runtime.book().mark(entry.key)

    runtime.ask(lambda client: client.request(request, messages.ConfidenceReply), answered)


def _redraw(is_news: bool) -> None:
    """Have panels drawn again, a few times a second at most."""
    now = time.monotonic()
    _redraws["is_due"] = _redraws["is_due"] or is_news
    if _redraws["is_due"] and now - _redraws["at"] >= _REDRAW_SECONDS:
        _redraws.update(is_due=False, at=now)
        host.redraw()


def _bring_in_line() -> bool:
    """Whether something is left for the next tick."""
    book = runtime.book()
    is_left = False
    now = time.monotonic()
    for entry in book.changes():
        if entry.is_active and now - entry.shown_at < _SHOW_SECONDS:
            book.mark(entry.key)
            continue
        try:
            is_done = placing.bring_in_line(entry)
        except Exception as error:
            log.exception("the result of job %s cannot be placed", entry.report.job)
            runtime.complain(error)
            is_done = True
        if not is_done:
            book.mark(entry.key)
            is_left = True
    return is_left


def _send_playhead() -> None:
    """Tell the engine what the artist looks at, so that it is rendered first."""
    found = runtime.get()
    running = next((entry for entry in found.book.active() if entry.report.state == "running"), None)
    if running is None or running.record is None or found.session is None:
        return
    now = time.monotonic()
    scene, source = host.find_strip(running.record.origin)
    if scene is None or source is None or now - _playhead_sent["at"] < _PLAYHEAD_SECONDS:
        return
    asked = running.record.asked
    content = timing_for(source).content_at(scene.frame_current)
    frame = min(max(content - running.record.first_content, 0) + asked.first, asked.last)
    if (running.report.job, frame) == _playhead_sent["frame"]:
        return
    _playhead_sent["frame"], _playhead_sent["at"] = (running.report.job, frame), now
    job = running.report.job
    found.session.do(
        f"{_PLAYHEAD} {job}",
        lambda client: client.request(messages.SetPlayheadRequest(job, frame), messages.OkReply),
    )


@persistent
def after_load(*_: object) -> None:
    """A file was opened: what its strips tell of jobs goes on, what was of the file before is forgotten."""
    found = runtime.get()
    previewing.remove_leftovers()
    unfinished = []
    for scene in bpy.data.scenes:
        for left in placing.restore_entries(host.all_strips(scene)):
            entry = found.book.restore(left.job, left.version, left.order, left.was_placed, left.state)
            if entry.is_active:
                unfinished.append(left.job)
    if unfinished:
        follow(unfinished)


def follow(jobs: Sequence[str]) -> None:
    """Go on with jobs that an earlier session of Blender ordered."""
    current = runtime.session()
    for job in jobs:
        current.follow(job)
    runtime.ask(_watch_all(tuple(jobs)), _watched)


@persistent
def after_undo(*_: object) -> None:
    """Undo and redo bring older strips back: what landed since is shown in them again."""
    for entry in runtime.book().entries.values():
        if entry.record is not None and entry.landed:
            runtime.book().mark(entry.key)


def _watch_all(jobs: Sequence[str]) -> Any:
    def work(client: Any) -> Any:
        return [_watch(client, job) for job in jobs]

    return work


def _watch(client: Any, job: str) -> Any:
    """(job, its report, the frames that are there), or (job, why it cannot be watched, None)."""
    try:
        report = client.request(messages.WatchJobRequest(job), messages.JobReply).report
    except errors.RequestRejected as error:
        return job, error, None
    return job, report, landed_frames(report)


def _watched(value: Any, error: Any) -> None:
    if error is not None:
        runtime.complain(error)
        return
    for job, report, landed in value:
        if landed is None:
            runtime.session().forget(job)
            runtime.book().lose(job)
            runtime.complain(report)
        else:
            runtime.book().take_in(messages.JobChanged(report))
            runtime.book().take_in(landed)


HANDLERS = (("load_post", after_load), ("undo_post", after_undo), ("redo_post", after_undo))


def attach() -> None:
    """Start with the session, and hear of opened files and undo."""
    runtime.call_on_session(start)
    for name, handler in HANDLERS:
        found = getattr(bpy.app.handlers, name)
        if handler not in found:
            found.append(handler)


def detach() -> None:
    """Not any more."""
    stop()
    for name, handler in HANDLERS:
        found = getattr(bpy.app.handlers, name)
        if handler in found:
            found.remove(handler)
