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
from .bridge_link import EngineState, messages, watching
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

_playhead_sent = {"frame": None, "at": 0.0}
_redraws = {"is_due": False, "at": 0.0}


def poll() -> float:
    """One look; returns the seconds until the next."""
    state = runtime.get()
    if state.session is None:
        return _IDLE_SECONDS
    has_news = state.host_session.poll(_take_in)
    has_more = _sync_result_strips()
    is_edited = painting.look_for_edits()
    _send_playhead()
    _redraw(bool(has_news or has_more or is_edited or state.job_list.pending))
    is_busy = bool(has_news or has_more or state.host_session.has_tasks or state.job_list.active())
    return _BUSY_SECONDS if is_busy else _IDLE_SECONDS


def tick() -> float:
    """The timer's function: a defect is shown once and does not end the timer."""
    try:
        return poll()
    except Exception as error:
        log.exception("the extension's timer failed")
        runtime.show_error(error)
        return 2.0


def start() -> None:
    """Have `tick` called from now on."""
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=_BUSY_SECONDS, persistent=True)


def stop() -> None:
    """Not any more."""
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)


def _take_in(news: Any) -> None:
    state = runtime.get()
    if isinstance(news, (messages.PreviewReady, messages.PreviewFailed)):
        previewing.take_in(news)
    elif isinstance(news, runtime.MainThreadCall):
        news.carry_out()
    elif state.job_list.take_in(news):
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
        runtime.job_list().models = reply.models

    request = messages.ListModelsRequest()
    runtime.run_task(
        lambda client: client.request(request, messages.ModelListReply, timeout_seconds=120.0), answered
    )


def _forget_ended(news: Any) -> None:
    """Stop following a job whose latest version has ended; its strip shows where keyframes were used."""
    state = runtime.get()
    entry = watching.forget_ended(news, state.job_list, state.session)
    if entry is not None:
        key = entry.key
        watching.request_trust(state.host_session, entry, lambda: runtime.job_list().mark(key))


def _redraw(is_news: bool) -> None:
    """Have panels drawn again, a few times a second at most."""
    now = time.monotonic()
    _redraws["is_due"] = _redraws["is_due"] or is_news
    if _redraws["is_due"] and now - _redraws["at"] >= _REDRAW_SECONDS:
        _redraws.update(is_due=False, at=now)
        host.redraw()


def _sync_result_strips() -> bool:
    """Whether something is left for the next tick."""
    job_list = runtime.job_list()
    has_more = False
    now = time.monotonic()
    for entry in job_list.changes():
        if entry.is_active and now - entry.shown_at < _SHOW_SECONDS:
            job_list.mark(entry.key)
            continue
        try:
            is_done = placing.sync_result_strip(entry)
        except Exception as error:
            log.exception("the result of job %s cannot be placed", entry.report.job)
            runtime.show_error(error)
            is_done = True
        if not is_done:
            job_list.mark(entry.key)
            has_more = True
    return has_more


def _send_playhead() -> None:
    """Send the engine the frame the artist looks at, so that it is rendered first."""
    state = runtime.get()
    running = next((entry for entry in state.job_list.active() if entry.report.state == "running"), None)
    if running is None or running.record is None or state.session is None:
        return
    now = time.monotonic()
    scene, source = host.find_strip(running.record.origin)
    if scene is None or source is None or now - _playhead_sent["at"] < _PLAYHEAD_SECONDS:
        return
    request = running.record.request
    content = timing_for(source).content_at(scene.frame_current)
    frame = min(max(content - running.record.first_content, 0) + request.first, request.last)
    if (running.report.job, frame) == _playhead_sent["frame"]:
        return
    _playhead_sent["frame"], _playhead_sent["at"] = (running.report.job, frame), now
    job = running.report.job
    request = messages.SetPlayheadRequest(job, frame)
    runtime.send_playhead(job, lambda client: client.request(request, messages.OkReply))


@persistent
def after_load(*_: object) -> None:
    """A file was opened: jobs that its strips name go on, what was of the file before is forgotten."""
    state = runtime.get()
    previewing.remove_leftovers()
    unfinished = []
    for scene in bpy.data.scenes:
        for job in placing.restore_entries(host.all_strips(scene)):
            entry = state.job_list.restore(job.job, job.version, job.order, job.was_placed, job.state)
            if entry.is_active:
                unfinished.append(job.job)
    if unfinished:
        follow(unfinished)


def follow(jobs: Sequence[str]) -> None:
    """Go on with jobs that an earlier session of Blender ordered."""
    current = runtime.session()
    for job in jobs:
        current.follow(job)
    runtime.run_task(lambda client: watching.watch_jobs(client, jobs), _take_watched)


@persistent
def after_undo(*_: object) -> None:
    """Undo and redo bring older strips back: what landed since is shown in them again."""
    for entry in runtime.job_list().entries.values():
        if entry.record is not None and entry.landed:
            runtime.job_list().mark(entry.key)


def _take_watched(watched: Any, error: Any) -> None:
    if error is not None:
        runtime.show_error(error)
        return
    for problem in watching.take_in_watched(watched, runtime.job_list(), runtime.session()):
        runtime.show_error(problem)


HANDLERS = (("load_post", after_load), ("undo_post", after_undo), ("redo_post", after_undo))


def attach() -> None:
    """Start with the session, and be called at opened files and undo."""
    runtime.call_on_session(start)
    for name, handler in HANDLERS:
        handlers = getattr(bpy.app.handlers, name)
        if handler not in handlers:
            handlers.append(handler)


def detach() -> None:
    """Not any more."""
    stop()
    for name, handler in HANDLERS:
        handlers = getattr(bpy.app.handlers, name)
        if handler in handlers:
            handlers.remove(handler)
