"""A whole job in one call, for `nuke -t`: there is no timer, so the calling script polls. Main thread."""

from __future__ import annotations

from typing import Any, List

from .following import jobs, results
from .node.script_nodes import state_of
from .refusals import Refused
from .requests import submission

_ACTIVE = ("queued", "running", "paused")


def render(node: Any, is_revision: bool = False) -> str:
    """Send a node's job and wait for its end; returns the result's pattern. Raises RuntimeError."""
    if results.take_in not in jobs.runtime().on_news:
        jobs.runtime().on_news.append(results.take_in)
    try:
        token = submission.revise(node) if is_revision else submission.upscale(node)
    except Refused as error:
        raise RuntimeError(str(error)) from error
    jobs.wait(lambda: token not in jobs.runtime().steps)
    failure = jobs.error_of(token)
    if failure is not None:
        raise RuntimeError(jobs.sentence_of(failure)) from failure
    version = state_of(node).latest
    if version is None:
        raise RuntimeError("The node was removed while its job was sent.")
    keys = [(job.job, job.job_version) for job in version.jobs]
    jobs.wait(lambda: not any(entry.report.state in _ACTIVE for entry in _entries(keys)))
    results.update_changed(is_final=True)
    for entry in _entries(keys):
        if entry.report.state != "finished":
            reason = (
                entry.report.error.message if entry.report.error else f"The job was {entry.report.state}."
            )
            raise RuntimeError(reason)
    return version.pattern


def _entries(keys: List[Any]) -> List[Any]:
    return [entry for key, entry in jobs.job_list().entries.items() if key in keys]
