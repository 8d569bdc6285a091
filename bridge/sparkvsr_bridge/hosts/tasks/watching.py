# SPDX-License-Identifier: Apache-2.0
"""Jobs of opened files watched again, and what a finished version is asked for."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any, Callable, List, Optional, Sequence

from ... import errors, messages
from ..job_list import JobEntry, JobList
from ..landing import Landed, landed_frames
from ..session import Session
from .host_session import HostSession

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class WatchedJob:
    """A job that the engine was asked to watch.

    report: how it stands; None where it cannot be watched, and `error` is why.
    landed: the frames that are there.
    """

    job: str
    report: Optional[messages.JobReport] = None
    landed: Optional[Landed] = None
    error: Optional[Exception] = None


def watch_jobs(client: Any, jobs: Sequence[str]) -> List[WatchedJob]:
    """Watch jobs; a task for the session's thread.

    Args:
        client: a connection to the engine, an `EngineClient`.
        jobs: names.
    """
    return [_watch(client, job) for job in jobs]


def take_in_watched(watched: Sequence[WatchedJob], job_list: JobList, session: Session) -> List[Exception]:
    """Bring the job list up to jobs that are watched again.

    Args:
        watched: as `watch_jobs` gave them.
        job_list: the host's list.
        session: the host's session.

    Returns:
        Why jobs cannot be watched; those are forgotten.
    """
    problems: List[Exception] = []
    for each in watched:
        if each.error is not None:
            session.forget(each.job)
            job_list.lose(each.job)
            problems.append(each.error)
        elif each.report is not None:
            job_list.take_in(messages.JobChanged(each.report))
            job_list.take_in(each.landed)
    return problems


def forget_ended(news: Any, job_list: JobList, session: Optional[Session]) -> Optional[JobEntry]:
    """Stop following a job whose latest version has ended.

    Args:
        news: one piece of news of the session.
        job_list: the host's list.
        session: the host's session, None before it is used.

    Returns:
        The entry of a version that has finished and whose trust is not there yet.
    """
    if not isinstance(news, messages.JobChanged) or session is None:
        return None
    report = news.report
    if report.state in messages.ENDED_STATES and report.version >= report.versions:
        session.forget(report.job)
    entry = job_list.entries.get((report.job, report.version))
    return entry if report.state == "finished" and entry is not None and not entry.trust else None


def request_trust(host_session: HostSession, entry: JobEntry, on_done: Callable[[], None]) -> None:
    """Have a finished version's trust per frame put into its entry; `on_done` is called when it is there.

    Args:
        host_session: the host's session.
        entry: the job.
        on_done: called in the main thread.
    """
    request = messages.ConfidenceRequest(entry.report.job, entry.report.version)

    def take_trust(reply: Any, error: Optional[Exception]) -> None:
        if error is not None:
            # A strip of colours is worth no message: engines of earlier versions have no such request.
            log.info("the trust of job %s is not available: %s", entry.report.job, error)
            return
        entry.trust = dict(zip(reply.frames, reply.trust))
        on_done()

    host_session.run_task(lambda client: client.request(request, messages.ConfidenceReply), take_trust)


def _watch(client: Any, job: str) -> WatchedJob:
    try:
        report = client.request(messages.WatchJobRequest(job), messages.JobReply).report
    except errors.RequestRejected as error:
        return WatchedJob(job, error=error)
    return WatchedJob(job, report, landed_frames(report))
