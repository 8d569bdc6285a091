"""A timeline that was dropped: what would be pulled, then every shot rendered and the cut written again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_bridge.reports import JobReport
from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_bridge.system.installing import install_command
from sparkvsr_window.model.core import JOBS, Core
from sparkvsr_window.model.documents.targets import free_name


@dataclass(frozen=True)
class Pull:
    """A shot of the timeline. first, last: frames that are rendered, handles included."""

    clips: tuple[str, ...]
    source: str
    first: int
    last: int
    keyframes: tuple[int, ...]


@dataclass(frozen=True)
class ConformState:
    """A timeline in hand.

    pulls: None while it is read. left_out: clip and reason. finished: how many shots are rendered.
    progress: of the shot in hand, for people. output: the timeline that was written, empty before.
    """

    path: str
    pulls: tuple[Pull, ...] | None = None
    left_out: tuple[tuple[str, str], ...] = ()
    is_running: bool = False
    finished: int = 0
    progress: str = ""
    output: str = ""


@dataclass(frozen=True)
class _ShotNews:
    """From the thread that renders: how the shot in hand stands."""

    path: str
    report: JobReport


class Conforming:
    """Reads and renders timelines, on threads of their own."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.state: ConformState | None = None
        core.on_news.append(self._take_in)

    def open(self, path: str) -> None:
        """Read a timeline and find what it uses of which medium."""
        if self.state is not None and self.state.is_running:
            self._core.inform(
                f"{self.state.path} is being conformed; drop the next one when it is done.", "error"
            )
            return
        self._set(ConformState(path))
        self._core.link.run(lambda client: _plan(client, path), self._planned, self._failed, beside=True)

    def render(self, scale: float) -> None:
        """Render every shot and write the timeline with the results, beside the one that was read."""
        state = self.state
        if state is None or not state.pulls or state.is_running:
            return
        path = Path(state.path)
        output = str(free_name(path.parent, path.stem, ".otio", Path.exists))
        self._set(replace(state, is_running=True, finished=0, output=""))
        place, post = self._core.link.place, self._core.link.post
        settings = UpscaleSettings(scale=scale)

        def post_report(report: JobReport) -> None:
            post(_ShotNews(state.path, report))

        self._core.link.run(
            lambda _: _render(place, state.path, output, settings, post_report),
            self._rendered,
            self._failed,
            beside=True,
        )

    def close(self) -> None:
        """Put the timeline away; a conform that runs goes on."""
        if self.state is not None and not self.state.is_running:
            self.state = None
            self._core.touch(JOBS)

    def _set(self, state: ConformState) -> None:
        self.state = state
        self._core.touch(JOBS)

    def _planned(self, plan: Any) -> None:
        if self.state is None:
            return
        pulls = tuple(
            Pull(shot.clips, shot.medium.path, shot.first, shot.last, shot.keyframes) for shot in plan.shots
        )
        left_out = tuple((clip.clip, clip.reason) for clip in plan.skipped)
        self._set(replace(self.state, pulls=pulls, left_out=left_out))
        for note in plan.notes:
            self._core.inform(note)
        self._core.inform(
            f"{Path(self.state.path).name}: {len(pulls)} shots, {len(left_out)} clips left out."
        )

    def _rendered(self, report: Any) -> None:
        if self.state is None:
            return
        left_out = tuple((clip.clip, clip.reason) for clip in report.skipped)
        self._set(
            replace(
                self.state,
                is_running=False,
                finished=len(report.shots),
                left_out=left_out,
                output=report.output,
                progress="",
            )
        )
        self._core.inform(f"The conformed timeline is {report.output}.")

    def _failed(self, error: Exception) -> None:
        if self.state is not None and self.state.pulls is None:
            self.state = None
        elif self.state is not None:
            self._set(replace(self.state, is_running=False, progress=""))
        self._core.touch(JOBS)
        self._core.fail(error)

    def _take_in(self, news: object) -> None:
        state = self.state
        if not isinstance(news, _ShotNews) or state is None or news.path != state.path:
            return
        report = news.report
        finished = state.finished + (report.state == "finished")
        progress = f"{Path(report.source).name}: {report.frames_done} of {report.frames_total}"
        self._set(replace(state, finished=finished, progress=progress))


def _plan(client: Any, path: str) -> Any:
    with _timelines():
        from sparkvsr_bridge.timeline.conforming import opened
        from sparkvsr_bridge.timeline.engine import describer
        from sparkvsr_bridge.timeline.records import ConformWishes

        with opened(path, "", ConformWishes(), describer(client)) as timeline:
            return timeline.plan


def _render(
    place: Any, path: str, output: str, settings: UpscaleSettings, on_report: Callable[[JobReport], None]
) -> Any:
    """With a client of its own: its events are for the shots alone."""
    with _timelines(), contextlib.closing(place.open()) as client:
        from sparkvsr_bridge.timeline.conforming import conform
        from sparkvsr_bridge.timeline.engine import describer, renderer
        from sparkvsr_bridge.timeline.records import ConformWishes
        from sparkvsr_bridge.timeline.requests import Recipe

        recipe = Recipe(settings)
        return conform(path, output, ConformWishes(), recipe, describer(client), renderer(client, on_report))


@contextlib.contextmanager
def _timelines() -> Generator[None]:
    try:
        yield
    except ImportError as error:
        raise ModelMissing(
            f"Timelines need OpenTimelineIO ({error}); install it: {install_command('sparkvsr[timeline]')}"
        ) from error
