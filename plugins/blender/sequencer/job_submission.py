"""From the strip an artist selected to a job: read directly or rendered first, new or a new version."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any, Callable, Optional

import bpy

from .. import host, runtime
from ..bridge_link import (
    Pending,
    TimelineRecord,
    errors,
    is_change,
    learning_again,
    messages,
    revision_between,
    sentence_of,
)
from . import placing, strips
from .rendering import StripRender, render
from .result_files import result_target

RENDERS = "renders"


def source_of(strip: Any) -> Optional[Any]:
    """The strip that a strip's settings live on: its source for a result, else itself."""
    if strip is None or not strip.sparkvsr.is_result:
        return strip
    return host.find_strip(strip.sparkvsr.origin)[1]


def upscale(scene: Any, strip: Any) -> str:
    """Order a new job for a strip; returns the token it goes by until the engine names it.

    Raises InvalidSettings, MediaUnreadable: nothing was ordered then.
    """
    shot = plan_shot(scene, strip)
    submission = messages.SubmitJobRequest(shot.record.request.job_spec(shot.target))
    if shot.render is not None:
        save_copy(shot.render)
    return _send(shot.record, submission, shot.render)


@dataclasses.dataclass(frozen=True)
class PlannedShot:
    """What a strip asks for anew. target: numbered pattern. render: what has to be rendered first, if any."""

    record: TimelineRecord
    target: str
    render: Optional[StripRender]


def plan_shot(scene: Any, strip: Any) -> PlannedShot:
    """A strip's request and a folder of its own for the result; nothing is written yet.

    Raises InvalidSettings, MediaUnreadable.
    """
    folder = host.results_folder()
    moment = host.moment()
    source = strips.describe(strip)
    plan = None
    if source.prerender_reason:
        plan = _render_plan(scene, strip, source, folder / RENDERS / f"{moment}-{strip.channel}")
        source = source.rendered(plan.pattern, strips.working_space())
    request = strips.request_of(source, strip.sparkvsr)
    order = strips.record_for(scene, strip, source, request)
    return PlannedShot(order, result_target(folder, order.label, moment, order.extension), plan)


def update(scene: Any, strip: Any, learns_again: bool = False) -> str:
    """Order a new version of the strip's latest job, in which only what changed is rendered.

    learns_again: shots are learnt anew from the keyframes as they are, and rendered whole. Raises
    StateConflict when there is none, when nothing changed, or when only a new job will do.
    """
    latest = latest_result(strip)
    if latest is None:
        raise errors.StateConflict("There is no result to update; upscale the strip first.")
    source = strips.describe(strip)
    if source.prerender_reason:
        source = source.rendered(latest.record.request.path, latest.record.colour)
    request = strips.request_of(source, strip.sparkvsr)
    revision = revision_between(latest.record.request, request)
    if revision is None:
        raise errors.StateConflict(
            "Scale, model, look or the strip's file changed, which a version cannot; use Upscale for a new"
            " result."
        )
    if learns_again:
        revision = learning_again(revision)
    if not is_change(revision):
        raise errors.StateConflict(
            "Nothing changed since the latest result; edit a keyframe, the guidance, the damage or the"
            " learning."
        )
    order = strips.record_for(scene, strip, source, request)
    order = dataclasses.replace(order, extension=latest.record.extension, colour=latest.record.colour)
    return _send(order, messages.ReviseJobRequest(latest.job, revision), None)


@dataclasses.dataclass(frozen=True)
class LatestResult:
    """The latest result of a strip: its job and the record of its request."""

    job: str
    record: TimelineRecord


def latest_result(strip: Any) -> Optional[LatestResult]:
    """Of a strip; None without result."""
    for result in reversed(placing.versions_of(strip)):
        order = TimelineRecord.from_json(result.sparkvsr.order)
        if order is not None:
            return LatestResult(result.sparkvsr.job, order)
    return None


def _send(order: TimelineRecord, request: Any, plan: Optional[StripRender]) -> str:
    def ask(client: Any) -> Any:
        report = client.request(request, messages.JobReply).report
        current = runtime.get().session
        if current is not None:
            current.follow(report.job)
        return report

    return start(order, ask, _accepted, plan, beside=plan is not None)


def start(
    order: TimelineRecord,
    ask: Callable[[Any], Any],
    answered: Callable[[Pending, Any, Optional[Exception]], None],
    plan: Optional[StripRender],
    beside: bool,
) -> str:
    """Have `ask(client)` done, once the strip is rendered where it has to be; returns the token.

    answered: gets its value or error on the main thread. beside: on a thread of its own, for what takes long.
    """
    pending = Pending("", order.origin, order)
    stopped = _Stopped(pending)

    def work(client: Any) -> Any:
        if plan is not None:
            render(plan, stopped.show_progress, stopped.is_set)
        return ask(client)

    pending.token = runtime.run_task(work, lambda value, error: answered(pending, value, error), beside)
    runtime.begin(pending)
    return pending.token


def _accepted(pending: Pending, report: Any, error: Optional[Exception]) -> None:
    """The engine took the request, or it came to nothing."""
    was_there = runtime.job_list().pending.pop(pending.token, None)
    if error is not None:
        if not isinstance(error, errors.JobCancelled):
            runtime.show_notice(sentence_of(error), "ERROR")
        return
    entry = runtime.job_list().accept(report, pending.record)
    _, source = host.find_source(pending.record)
    if source is not None:
        placing.note_order(source, report.job, report.version, pending.record)
    if report.frames_reused:
        runtime.show_notice(
            f"{report.frames_reused} of {report.frames_total} frames are kept from the version before."
        )
    if was_there is None:
        cancel(entry.report.job)


def cancel(job: str) -> None:
    """Have a job stopped for good; its finished frames stay."""
    _command(messages.CancelJobRequest(job))


def pause(job: str) -> None:
    """Have a job stopped for now."""
    _command(messages.PauseJobRequest(job))


def resume(job: str) -> None:
    """Have a stopped job go on."""
    runtime.session().follow(job)
    _command(messages.ResumeJobRequest(job))


def forget_pending(token: str) -> None:
    """Cancel what has not reached the engine; a job that it became meanwhile is cancelled when it answers."""
    runtime.job_list().pending.pop(token, None)


def _command(request: Any) -> None:
    def answered(_: Any, error: Optional[Exception]) -> None:
        # The job may have ended by itself in the meantime: its own event reports that.
        if error is not None and not isinstance(error, errors.StateConflict):
            runtime.show_error(error)

    runtime.run_task(lambda client: client.request(request, messages.JobReply), answered)


class _Stopped:
    """Whether the artist cancelled a request on its way; shows the progress of rendering."""

    def __init__(self, pending: Pending) -> None:
        self._pending = pending
        self._runtime = runtime.get()

    def is_set(self) -> bool:
        """Polled by the render thread."""
        return bool(self._pending.token) and self._pending.token not in self._runtime.job_list.pending

    def show_progress(self, done: int, total: int) -> None:
        """Called by the render thread with its progress."""
        self._pending.text = f"Rendering the strip, {done} of {total}"
        self._pending.fraction = done / total


def _render_plan(scene: Any, strip: Any, source: Any, folder: Path) -> StripRender:
    timing = source.timing
    handle = tempfile.mkdtemp(prefix="sparkvsr-")
    return StripRender(
        program=bpy.app.binary_path,
        blend=str(Path(handle) / "copy.blend"),
        scene=scene.name,
        strip=strip.name,
        folder=str(folder),
        first=timing.left,
        last=timing.right - 1,
        width=source.width,
        height=source.height,
    )


def save_copy(plan: StripRender) -> None:
    """Save the .blend as it stands for the second Blender, which renders the strip."""
    bpy.ops.wm.save_as_mainfile(filepath=plan.blend, copy=True, compress=False)
