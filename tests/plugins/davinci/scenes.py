"""A cut for scenarios: a stand-in Resolve with real movies whose every frame carries its number, a real
engine.

What is seen at a record frame is read out of the picture the stand-in shows there, so a slip by one frame is
seen.
"""

from __future__ import annotations

import dataclasses
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.fakes.media import number_in, write_movie, write_sequence
from tests.fakes.resolve import real_media
from tests.fakes.resolve.application import Application
from tests.fakes.resolve.items import TimelineItem
from tests.fakes.resolve.pool import MediaPoolItem

RATE = Fraction(24)
# Quick and exact: the pictures come back as they were, twice as large.
OPTIONS = {"scale": 2.0, "model": "identity", "policy": {"name": "none"}}


@dataclasses.dataclass
class Scene:
    """One project with one timeline that starts at 01:00:00:00. news: what the run reported on its way."""

    app: Application
    folder: Path
    program: Path
    host: Any = None
    engine: Any = None
    news: list[Any] = dataclasses.field(default_factory=list)
    cancelled: bool = False
    uid_of_project: str = ""

    @property
    def project(self):
        return self.app.project

    @property
    def timeline(self):
        return self.app.project.current

    @property
    def start(self) -> int:
        return self.timeline.start

    def movie(self, name: str = "plate.mov", frames: int = 30, timecode: str = "10:00:00:00", **changes: Any):
        """A movie in the media pool; frame n carries the number n."""
        path = write_movie(self.folder / name, frames=frames, rate=RATE, timecode=timecode, **changes)
        media = real_media.look(str(path))
        assert media is not None
        return self.project.pool.add(media)

    def sequence(self, first: int = 1001, frames: int = 20) -> MediaPoolItem:
        """Numbered pictures; each carries its own number."""
        pattern = write_sequence(self.folder / "seq", "plate.%04d.png", range(first, first + frames))
        media = real_media.look(str(pattern), first, first + frames - 1, RATE)
        assert media is not None
        return self.project.pool.add(media)

    def clip(
        self, media: Any, at: int = 0, source: int = 0, duration: int = 8, **values: Any
    ) -> TimelineItem:
        """A clip on the first track; at: frames from the timeline's start. source: its first frame in the
        medium.
        """
        name = values.pop("name", media.name if media is not None else "clip")
        item = TimelineItem(self.app, name, media, self.start + at, duration, values.pop("kind", "clip"))
        item.source = float(source)
        for field, value in values.items():
            setattr(item, field, value)
        track = self.timeline.tracks[0]
        track.items.append(item)
        track.items.sort(key=lambda neighbour: neighbour.start)
        return item

    def marker(self, owner: Any, frame: int, name: str = "KEY") -> None:
        """A marker as the colorist sets it."""
        assert owner.AddMarker(frame, "Blue", name, "", 1, "")

    def numbers(self, item: TimelineItem) -> list[int]:
        """What the record frames of an item show, as it is seen."""
        return [self.number_at(record) for record in range(item.start, item.end)]

    def number_at(self, record: int) -> int:
        """The number in the picture at an absolute record frame."""
        return number_in(self.project.picture_at(record))

    def open(self) -> Scene:
        """The plugin's side: the process that talks to Resolve, and the engine."""
        from sparkvsr_resolve.bridge_link import EnginePlace
        from sparkvsr_resolve.connections.host import open_host
        from sparkvsr_resolve.connections.python_probe import HostPython
        from sparkvsr_resolve.runs.engine import Engine

        self.host = open_host(HostPython(sys.executable, "3.11", sys.base_prefix))
        self.engine = Engine(EnginePlace(program=str(self.program), name="test"), lambda: self.cancelled)
        return self

    def close(self) -> None:
        """End both."""
        if self.host is not None:
            self.host.close()
            self.engine.close()

    def wishes(self, **values: Any) -> Any:
        """What is asked, twice as large and quick by default."""
        from sparkvsr_resolve.plans.wishes import Wishes

        defaults = {
            "scope": "timeline",
            "handles": 2,
            "options": OPTIONS,
            "results": str(self.folder / "results"),
        }
        return Wishes(**{**defaults, **values})

    def plan(self, **values: Any) -> Any:
        """The plan of what is asked."""
        from sparkvsr_resolve.plans.planning import plan_run
        from sparkvsr_resolve.program import knowledge_of

        self.uid_of_project = self.project.uid
        knowledge = knowledge_of(self.host, self.engine, self.project.uid)
        return plan_run(self.host.timeline(), self.wishes(**values), knowledge)

    def run(self, **values: Any) -> Any:
        """Plan and carry out; the report."""
        return self.carry_out(self.plan(**values), **values)

    def carry_out(self, plan: Any, **values: Any) -> Any:
        """Carry a plan out; results are noted down under the project that was planned for."""
        from sparkvsr_resolve.runs.running import Run

        memory = self.memory(self.uid_of_project)
        run = Run(self.host, self.engine, memory, self.wishes(**values), self.note, lambda: self.cancelled)
        return run.carry_out(plan)

    def memory(self, project: str) -> Any:
        """What is noted down of a project's results."""
        from sparkvsr_resolve.bridge_link import folders
        from sparkvsr_resolve.runs.memory import Memory

        return Memory(folders.home_folder(), project)

    def note(self, news: Any) -> None:
        """Keep what the run reports."""
        self.news.append(news)
