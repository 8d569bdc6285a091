"""From a click to a job: plan, ask the engine, render what has to be, send, add the version. Main thread.

What waits for the engine waits in the session's thread; every step here returns at once, but for rendering
a branch, which shows Nuke's own progress.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Any, Callable, Iterator, List, Mapping, Optional, Sequence

import nuke

from .. import commands
from ..following import jobs
from ..footage.sources import Source
from ..node.graph import ResultFiles, add_version
from ..node.quiet import one_undo
from ..node.script_nodes import (
    node_of_token,
    own_state,
    state_of,
    write_route,
    write_state,
    write_state_quietly,
)
from ..node.state import FARM, NodeState, Version, ViewJob
from ..refusals import Refused
from .outputs import renders_folder, target_of
from .planning import Plan, keyframe_pictures, plan_of, with_rendered_source
from .shot_requests import (
    NodeRecord,
    job_spec,
    keyframe_warnings,
    options_of,
    result_size,
    settings_digest,
    shot_request,
    views_that_differ,
)
from .versions import BadOutput, OutputPath, reserve, with_view


@dataclasses.dataclass(frozen=True)
class Prepared:
    """Everything of a job before it is sent. requests: per view that differs from the others."""

    plan: Plan
    source: Source
    state: NodeState
    requests: Mapping[str, Any]
    target: OutputPath


@dataclasses.dataclass(frozen=True)
class Placed:
    """A reserved version. targets: numbered pattern per view."""

    number: int
    pattern: str
    targets: Mapping[str, str]


_NEEDED_MINOR = 1
OnPrepared = Callable[[Prepared, str], None]


def upscale(node: Any) -> str:
    """Send a new job. Returns the token of the request. Raises Refused: nothing was changed then."""
    return prepare(node, _send_new)


def revise(node: Any) -> str:
    """Send a new version of the latest job, in which only what changed is rendered. Raises Refused."""
    latest = own_state(node).latest
    if latest is None or not any(job.job for job in latest.jobs):
        raise Refused("The node has no job to revise; use Upscale.")
    return prepare(node, _send_revision)


def prepare(node: Any, then: OnPrepared) -> str:
    """Plan the job, ask the engine what it needs, render the branches; `then(prepared, token)` follows.

    Raises Refused.
    """
    plan = plan_of(node)
    state = own_state(node)
    # Kept now: a second request before this one has arrived is of the same node, and so is the next one
    # after a branch's render that failed, which goes on where it ended.
    write_state_quietly(node, state)
    result_name = node.fullName()
    target_of(node, len(plan.views) > 1)

    def answered(context: Any, error: Optional[Exception]) -> None:
        with _reporting(token):
            if error is not None:
                raise error
            jobs.raise_if_cancelled(token)
            current = nuke.toNode(result_name)
            if current is None:
                raise Refused("The node was removed before its job was sent.")
            then(_prepared(current, plan, state, context), token)

    model = plan.settings.model
    token = jobs.run_task(lambda client: context_frames(client, model), answered)
    jobs.runtime().owners[token] = node.fullName()
    jobs.set_step(token, "Asking the engine")
    return token


def context_frames(client: Any, model: str) -> int:
    """How many neighbours of a frame a model looks at, on each side. Runs in the session's thread.

    Raises EngineTooOld for an engine that is too old for this plugin.
    """
    from ..bridge_link import messages

    client.require_minor(_NEEDED_MINOR, "what this plugin asks for")
    models = client.request(
        messages.ListModelsRequest(), messages.ModelListReply, timeout_seconds=120.0
    ).models
    report = next((entry for entry in models if entry.name == model), None)
    return int(getattr(report, "context_frames", None) or 0)


def _prepared(node: Any, plan: Plan, state: NodeState, context: int) -> Prepared:
    base = renders_folder(node, state.token)
    plan = with_rendered_source(node, plan, base, context)
    source = plan.source
    assert source is not None
    options = options_of(plan.settings, source, plan.colour)
    pictures = keyframe_pictures(node, plan, base)
    requests = {
        view: shot_request(plan.settings, source, view, options, pictures[view]) for view in plan.views
    }
    views = views_that_differ(requests)
    for text in (*source.warnings, *keyframe_warnings(plan.settings, source)):
        jobs.show_info(text)
    return Prepared(
        plan, source, state, {view: requests[view] for view in views}, target_of(node, len(views) > 1)
    )


def _send_new(prepared: Prepared, token: str) -> None:
    placed = place(prepared)
    specs = {view: job_spec(request, placed.targets[view]) for view, request in prepared.requests.items()}

    def work(client: Any) -> List[Any]:
        from ..bridge_link import messages

        return _all_or_none(client, [messages.SubmitJobRequest(spec) for spec in specs.values()], messages)

    _send(prepared, placed, work, token)


def _send_revision(prepared: Prepared, token: str) -> None:
    latest = prepared.state.latest
    earlier = {job.view: job for job in latest.jobs} if latest is not None else {}
    if set(earlier) != set(prepared.requests):
        raise Refused("The views changed since the latest version; use Upscale for a new job.")
    revisions = {view: _revision(earlier[view], request) for view, request in prepared.requests.items()}
    placed = place(prepared)

    def work(client: Any) -> List[Any]:
        from ..bridge_link import messages, settings

        requests = [
            messages.ReviseJobRequest(
                earlier[view].job,
                dataclasses.replace(
                    revision, output=settings.OutputTarget(placed.targets[view], layers="main")
                ),
            )
            for view, revision in revisions.items()
        ]
        return _all_or_none(client, requests, messages)

    _send(prepared, placed, work, token)


def _revision(job: ViewJob, request: Any) -> Any:
    from ..bridge_link import requests

    before = requests.ShotRequest.from_json(job.request)
    revision = requests.revision_between(before, request) if before is not None and job.job else None
    if revision is None:
        raise Refused(
            "Source, size, model, look or colour changed, which a revision cannot; use Upscale for a new job."
        )
    if not requests.is_change(revision):
        raise Refused("Nothing changed since the latest version; change a keyframe, guidance or the range.")
    return revision


def _all_or_none(client: Any, requests: Sequence[Any], messages: Any) -> List[Any]:
    """The reports of all requests; where one is refused, the jobs sent before it are cancelled."""
    reports: List[Any] = []
    try:
        for request in requests:
            report = client.request(request, messages.JobReply).report
            jobs.runtime().session.follow(report.job)
            reports.append(report)
    except Exception:
        for report in reports:
            with contextlib.suppress(Exception):
                client.request(messages.CancelJobRequest(report.job), messages.JobReply)
        raise
    return reports


def place(prepared: Prepared) -> Placed:
    """Reserve the next version. Raises Refused."""
    node = node_of(prepared.state)
    latest = (state_of(node) if node is not None else prepared.state).latest
    try:
        number, pattern = reserve(prepared.target, latest.number + 1 if latest is not None else 1)
    except BadOutput as error:
        raise Refused(str(error)) from error
    return Placed(number, pattern, {view: with_view(pattern, view) for view in prepared.requests})


def _send(prepared: Prepared, placed: Placed, work: Callable[[Any], Any], token: str) -> None:
    def answered(reports: Any, error: Optional[Exception]) -> None:
        with _reporting(token):
            if error is not None:
                with contextlib.suppress(OSError):
                    prepared.target.version_folder(placed.number).rmdir()
                raise error
            was_cancelled = token in jobs.runtime().cancelled
            accept(prepared, placed, reports)
            if was_cancelled:
                for report in reports:
                    commands.cancel(report.job)
        jobs.set_step(token, "")

    jobs.run_task(work, answered)
    jobs.set_step(token, "Sending the job")


def accept(prepared: Prepared, placed: Placed, reports: Optional[Sequence[Any]]) -> None:
    """Enter the jobs and add the version to the node, as one undo step.

    reports: one per view; None for a version that a farm renders.
    """
    width, height, aspect = result_size(prepared.plan.settings, prepared.source)
    views = tuple(_view_jobs(prepared, reports))
    source = prepared.source
    version = Version(
        placed.number,
        placed.pattern,
        views,
        (width, height, aspect),
        settings_digest(prepared.plan.settings),
        prepared.plan.source_digest,
        source.route,
        source.reason,
    )
    for job, report in zip(views, reports or ()):
        record = NodeRecord(prepared.state.token, placed.number, job.view, prepared.requests[job.view])
        jobs.job_list().accept(report, record)
    node = node_of(prepared.state)
    if node is None:
        jobs.show_info(f"The node is gone; version {placed.number} is written to {placed.pattern}.")
        return
    files = ResultFiles(
        placed.pattern, source.timing, width, height, aspect, source.premultiplied, source.auto_alpha
    )
    with one_undo(f"SparkVSR version {placed.number}"):
        add_version(node, placed.number, files)
        write_state(node, state_of(node).with_version(version))
    write_route(node, source.reason)
    jobs.show_info(f"{node.name()}: version {placed.number}. {source.reason}")


def _view_jobs(prepared: Prepared, reports: Optional[Sequence[Any]]) -> List[ViewJob]:
    if reports is None:
        return [ViewJob(view, "", 0, FARM, request.to_json()) for view, request in prepared.requests.items()]
    return [
        ViewJob(view, report.job, report.version, report.state, request.to_json())
        for (view, request), report in zip(prepared.requests.items(), reports)
    ]


def node_of(state: NodeState) -> Optional[Any]:
    """The node that a request was made for, renamed or not; None where it is gone."""
    named = nuke.toNode(state.name)
    return named if named is not None else node_of_token(state.token)


@contextlib.contextmanager
def _reporting(token: str) -> Iterator[None]:
    """Whatever goes wrong in the block is shown, and the request is over."""
    try:
        yield
    except Exception as error:
        jobs.fail(token, error)
