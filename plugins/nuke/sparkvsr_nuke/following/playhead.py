"""Sends the engine the frame the artist looks at, so that it is rendered first. Main thread."""

from __future__ import annotations

import time
from typing import Any, Dict, Optional, Tuple

import nuke

from ..footage.frame_mapping import UnclearMapping
from ..footage.read_facts import timing_of
from ..node.graph import result_read
from ..node.script_nodes import node_of_token
from . import jobs

_SECONDS = 0.5
_sent: Dict[str, Any] = {"frame": None, "at": 0.0}


def send() -> None:
    """Send the frame under the playhead to the running job, where it changed; twice a second at most."""
    job_list = jobs.runtime().job_list
    if job_list is None or time.monotonic() - _sent["at"] < _SECONDS:
        return
    _sent["at"] = time.monotonic()
    running = [entry for entry in job_list.active() if entry.report.state == "running" and entry.record]
    place = _place(running[0]) if running else None
    if place is None or place == _sent["frame"]:
        return
    _sent["frame"] = place
    job, number = place

    def work(client: Any) -> Any:
        from ..bridge_link import messages

        return client.request(messages.SetPlayheadRequest(job, number), messages.OkReply)

    # Where the playhead does not arrive the job goes on all the same.
    jobs.run_task(work, lambda _value, _error: None)


def _place(entry: Any) -> Optional[Tuple[str, int]]:
    """The job and its frame at the script's current one; None where the node shows none."""
    node = node_of_token(entry.record.origin)
    read = result_read(node, entry.record.version) if node is not None else None
    if read is None:
        return None
    try:
        number = timing_of(read).file_frame(int(nuke.frame()))
    except UnclearMapping:
        return None
    request = entry.record.request
    return None if number is None else (entry.report.job, min(max(number, request.first), request.last))
