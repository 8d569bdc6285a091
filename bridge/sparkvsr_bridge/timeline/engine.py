"""The engine as a conform needs it: media described and shots rendered through a client.

with EngineProcess().ensure("my tool") as client:
    report = conform("cut.otio", "out.otio", ConformWishes(), Recipe(), describer(client), renderer(client))
"""

from __future__ import annotations

import queue
from typing import Callable, Optional

from ..client import EngineClient
from ..connections.wire import Envelope
from ..errors import JobCancelled
from ..media import MediaInfo, SourceMedia
from ..messages import (
    ENDED_STATES,
    DescribeJobRequest,
    DescribeMediaRequest,
    JobChanged,
    JobProgress,
    JobReply,
    JobReport,
    MediaReply,
    SubmitJobRequest,
)
from .media_files.media import Describe
from .requests import ShotRequest

_LOOK_SECONDS = 1.0
_ANSWER_SECONDS = 120.0


def describer(client: EngineClient) -> Describe:
    """Asks the engine what a medium is.

    Args:
        client: a connection to the engine.
    """

    def describe(path: str, frame: Optional[int]) -> MediaInfo:
        request = DescribeMediaRequest(SourceMedia(path, frame, frame))
        return client.request(request, MediaReply, _ANSWER_SECONDS).info

    return describe


def renderer(
    client: EngineClient, on_report: Callable[[JobReport], None] = lambda _: None
) -> Callable[[ShotRequest], JobReport]:
    """Has the engine render a shot and waits for its end.

    Args:
        client: a connection to the engine.
        on_report: gets every report on the way.
    """
    letters: queue.SimpleQueue[Envelope] = queue.SimpleQueue()
    client.add_listener(letters.put)

    def render(request: ShotRequest) -> JobReport:
        report = client.request(SubmitJobRequest(request.spec), JobReply, _ANSWER_SECONDS).report
        while report.state not in ENDED_STATES:
            report = _next_report(client, letters, report)
            on_report(report)
        if report.state == "failed" and report.error is not None:
            raise report.error.to_error()
        if report.state == "cancelled":
            raise JobCancelled(f"Job {report.job} was cancelled; conform again to go on.")
        return report

    return render


def _next_report(client: EngineClient, letters: queue.SimpleQueue[Envelope], report: JobReport) -> JobReport:
    try:
        message = letters.get(timeout=_LOOK_SECONDS).message
    except queue.Empty:
        return client.request(DescribeJobRequest(report.job, report.version), JobReply).report
    if isinstance(message, (JobChanged, JobProgress)) and message.report.job == report.job:
        return message.report
    return report
