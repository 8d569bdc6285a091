"""Stops jobs and lets them go on. Main thread; the requests go out in the session's thread."""

from __future__ import annotations

from typing import Any, List, Optional

from .following import jobs, results
from .node.script_nodes import state_of
from .node.state import ENDED
from .refusals import Refused


def cancel_node(node: Any) -> None:
    """Stop all jobs of a node for good; finished frames stay. Raises Refused where none runs."""
    was_on_its_way = jobs.cancel_requests(node.fullName())
    names = _job_names(node, lambda state: state not in ENDED)
    if not names and not was_on_its_way:
        raise Refused("No job of this node runs.")
    for name in names:
        cancel(name)


def resume_node(node: Any) -> None:
    """Go on with the latest version's stopped jobs. Raises Refused where there are none."""
    latest = state_of(node).latest
    names = [job.job for job in latest.jobs if job.job] if latest is not None else []
    stopped = [name for name in names if _state_of_job(node, name) in ("failed", "cancelled", "paused")]
    if not stopped:
        raise Refused("No job of this node's latest version is stopped.")
    results.follow_open_jobs(node)
    for name in stopped:
        resume(name)


def cancel(job: str) -> None:
    """Stop a job for good."""
    from .bridge_link import messages

    _command(messages.CancelJobRequest(job))


def pause(job: str) -> None:
    """Stop a job for now."""
    from .bridge_link import messages

    _command(messages.PauseJobRequest(job))


def resume(job: str) -> None:
    """Go on with a stopped job."""
    from .bridge_link import messages

    jobs.session().follow(job)
    _command(messages.ResumeJobRequest(job))


def _command(request: Any) -> None:
    from .bridge_link import errors, messages

    def answered(_: Any, error: Optional[Exception]) -> None:
        # The job may have ended by itself meanwhile; its own event reports that.
        if error is not None and not isinstance(error, errors.StateConflict):
            jobs.show_error(error)

    jobs.run_task(lambda client: client.request(request, messages.JobReply), answered)


def _job_names(node: Any, is_wanted: Any) -> List[str]:
    results.follow_open_jobs(node)
    names = [job.job for version in state_of(node).versions for job in version.jobs if job.job]
    return [name for name in dict.fromkeys(names) if is_wanted(_state_of_job(node, name))]


def _state_of_job(node: Any, name: str) -> str:
    """How a job's latest version stands: as the engine reported, else as the script was saved."""
    reports = [entry.report for entry in jobs.job_list().entries.values() if entry.report.job == name]
    if reports:
        return str(max(reports, key=lambda report: report.version).state)
    states = [job.state for version in state_of(node).versions for job in version.jobs if job.job == name]
    return states[-1]
