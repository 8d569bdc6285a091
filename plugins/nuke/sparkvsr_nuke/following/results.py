"""Brings nodes in line with what the engine reports: landing frames, states, labels. Main thread.

Nothing here makes an undo step or marks the script as modified: frames that land are no edit.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any, List, Optional

import nuke

from ..footage.read_facts import timing_of
from ..node.graph import ResultFiles, result_read, set_files
from ..node.labels import label_of
from ..node.quiet import one_undo, quietly
from ..node.script_nodes import all_nodes, node_of_token, state_of, write_state_quietly, write_status
from ..node.state import Version
from ..refusals import Refused
from ..requests.out_of_date import is_out_of_date
from ..requests.shot_requests import NodeRecord
from . import jobs

# A Read that changes empties Nuke's cache of it: not for every single frame.
_SHOW_SECONDS = 1.0
_LABEL_SECONDS = 1.0
_labels = {"at": 0.0}


def update_changed(is_final: bool = False) -> None:
    """Update the nodes of all jobs that changed. is_final: now, however short the last update is ago."""
    now = time.monotonic()
    for entry in jobs.job_list().changes():
        if entry.record is None:
            continue
        if entry.is_active and not is_final and now - entry.shown_at < _SHOW_SECONDS:
            jobs.job_list().mark(entry.key)
            continue
        entry.shown_at = now
        update_entry(entry)


def update_entry(entry: Any) -> None:
    """Update the node of one job: reload its frames, keep its state, write its label."""
    node = node_of_token(entry.record.origin)
    if node is None:
        return
    state = state_of(node)
    version = state.version(entry.record.version)
    if version is None:
        return
    views = tuple(
        dataclasses.replace(job, state=entry.report.state) if (job.job, job.job_version) == entry.key else job
        for job in version.jobs
    )
    version = dataclasses.replace(version, jobs=views)
    write_state_quietly(node, state.with_version(version))
    reload_version(node, version.number)
    update_label(node)


def reload_version(node: Any, number: int) -> None:
    """Have Nuke look at a version's files again."""
    read = result_read(node, number)
    if read is not None:
        with quietly():
            read["reload"].execute()


def update_labels() -> None:
    """Bring the labels of all nodes up to date, once a second at most; for the interface."""
    now = time.monotonic()
    if now - _labels["at"] < _LABEL_SECONDS:
        return
    _labels["at"] = now
    for node in all_nodes():
        update_label(node)


def update_label(node: Any) -> None:
    """The line under a node: version, progress, out of date."""
    state = state_of(node)
    version = state.version(int(node["result_version"].value()))
    if version is None:
        write_status(node, "no result yet" if not state.versions else "")
        return
    entries = [entry for entry in _entries(version) if entry is not None]
    write_status(node, label_of(version, entries, is_out_of_date(node, version)))


def make_read(node: Any) -> Any:
    """An ordinary Read of the version shown, beside the node. Raises Refused without a result."""
    number = int(node["result_version"].value())
    inner, version = result_read(node, number), state_of(node).version(number)
    if inner is None or version is None:
        raise Refused("The node shows no result yet; use Upscale first.")
    width, height, aspect = version.size
    files = ResultFiles(
        version.pattern,
        timing_of(inner),
        width,
        height,
        aspect,
        bool(inner["premultiplied"].value()),
        bool(inner["auto_alpha"].value()),
    )
    with one_undo("SparkVSR Make Read"):
        with node.parent():
            read = nuke.nodes.Read()
        read.setName(f"{node.name()}_v{number:03d}")
        set_files(read, files)
        aspect_text = "" if aspect == 1 else f", pixel aspect {aspect:g}"
        read["label"].setValue(f"SparkVSR v{number:03d}{aspect_text}")
        read.setXYpos(int(node.xpos()) + 120, int(node.ypos()))
    return read


def follow_open_jobs(node: Any) -> None:
    """Watch the jobs that an earlier session sent and that had not ended when the script was saved."""
    from ..bridge_link import requests

    state = state_of(node)
    names: List[str] = []
    for version in state.versions:
        for job in version.jobs:
            is_listed = (job.job, job.job_version) in jobs.job_list().entries
            request = requests.ShotRequest.from_json(job.request) if job.is_open and not is_listed else None
            if request is not None:
                record = NodeRecord(state.token, version.number, job.view, request)
                jobs.job_list().restore(job.job, job.job_version, record, True, job.state)
                names.append(job.job)
    if names:
        current = jobs.session()
        for name in names:
            current.follow(name)
        from ..bridge_link import watching

        jobs.run_task(lambda client: watching.watch_jobs(client, names), _take_watched)


def take_in(news: Any) -> None:
    """News of the engine that nodes show: ended jobs are watched no more."""
    from ..bridge_link import messages, watching

    if not isinstance(news, messages.JobChanged):
        return
    # Without a session nothing is asked for either.
    entry = watching.forget_ended(news, jobs.job_list(), jobs.runtime().session)
    if entry is not None:
        watching.request_trust(jobs.host_session(), entry, jobs.redraw)
    if news.report.state == "failed" and news.report.error is not None:
        jobs.show_info(news.report.error.message)


def _take_watched(watched: Any, error: Optional[Exception]) -> None:
    from ..bridge_link import messages, watching

    if error is not None:
        jobs.show_error(error)
        return
    for problem in watching.take_in_watched(watched, jobs.job_list(), jobs.session()):
        jobs.show_info(jobs.sentence_of(problem))
    for each in watched:
        if each.report is not None:
            take_in(messages.JobChanged(each.report))


def _entries(version: Version) -> List[Any]:
    entries = jobs.runtime().job_list.entries if jobs.runtime().job_list is not None else {}
    return [entries.get((job.job, job.job_version)) for job in version.jobs]
