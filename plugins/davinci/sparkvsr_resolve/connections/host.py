# SPDX-License-Identifier: Apache-2.0
"""Resolve as the rest of the plugin uses it: one method per call, with the time each may take."""

from __future__ import annotations

import os
from typing import Any, Dict

from ..exchange.facts import ResolveFacts, TimelineFacts
from ..exchange.records import from_plain, to_plain
from ..exchange.requests import (
    MediaImport,
    MediaImported,
    RenderRequest,
    RenderStarted,
    RenderStatus,
    TakePlaced,
    TakeRequest,
    TimelineImport,
    TimelineImported,
    TrackPlaced,
    TrackRequest,
)
from .process import HostProcess
from .python_probe import HostPython, host_command, host_environment

STATE_SECONDS = 5.0
READ_SECONDS = 20.0
CHANGE_SECONDS = 60.0
LONG_SECONDS = 600.0


class Host:
    """Resolve behind its process. All methods wait, and raise what `HostProcess.call` raises."""

    def __init__(self, process: HostProcess, patience: float = 1.0) -> None:
        """patience: what every time-out is multiplied with."""
        self.process = process
        self._patience = patience

    def state(self) -> ResolveFacts:
        """What is open."""
        return from_plain(ResolveFacts, self._call("state", {}, STATE_SECONDS))

    def timeline(self) -> TimelineFacts:
        """Everything of the timeline in front."""
        return from_plain(TimelineFacts, self._call("timeline", {}, READ_SECONDS))

    def import_media(self, request: MediaImport) -> MediaImported:
        """A result into the media pool."""
        return from_plain(MediaImported, self._call("import_media", to_plain(request), CHANGE_SECONDS))

    def add_take(self, request: TakeRequest) -> TakePlaced:
        """A result as a take of its clip."""
        return from_plain(TakePlaced, self._call("add_take", to_plain(request), CHANGE_SECONDS))

    def place_on_track(self, request: TrackRequest) -> TrackPlaced:
        """Results on a new track."""
        return from_plain(TrackPlaced, self._call("place_on_track", to_plain(request), LONG_SECONDS))

    def export_timeline(self, path: str) -> str:
        """The timeline in front as .otio."""
        return str(self._call("export_timeline", {"path": path}, LONG_SECONDS))

    def import_timeline(self, request: TimelineImport) -> TimelineImported:
        """An .otio as a new timeline."""
        return from_plain(TimelineImported, self._call("import_timeline", to_plain(request), LONG_SECONDS))

    def start_render(self, request: RenderRequest) -> RenderStarted:
        """A range through the Deliver page."""
        return from_plain(RenderStarted, self._call("start_render", to_plain(request), CHANGE_SECONDS))

    def render_status(self, job: str) -> RenderStatus:
        """How that render stands."""
        return from_plain(RenderStatus, self._call("render_status", {"job": job}, CHANGE_SECONDS))

    def end_render(self, started: RenderStarted, is_stopped: bool) -> bool:
        """Take the render out of the queue; whether the artist's settings are back."""
        values = {"started": to_plain(started), "is_stopped": is_stopped}
        return bool(self._call("end_render", values, CHANGE_SECONDS))

    def export_still(self, timeline: str, timecode: str, path: str) -> str:
        """The frame at a timecode as a still."""
        values = {"timeline": timeline, "timecode": timecode, "path": path}
        return str(self._call("export_still", values, CHANGE_SECONDS))

    def measure(self, media: str) -> Dict[str, str]:
        """The self-test's measurements."""
        return dict(self._call("measure", {"media": media}, CHANGE_SECONDS))

    def close(self) -> None:
        """End the process."""
        self.process.kill()

    def _call(self, name: str, arguments: Dict[str, Any], seconds: float) -> Any:
        return self.process.call(name, arguments, seconds * self._patience)


def open_host(python: HostPython, patience: float = 1.0) -> Host:
    """Resolve behind a process of its own, which this Python runs. patience: as Host's."""
    return Host(HostProcess(host_command(python), host_environment(python, os.environ)), patience)
