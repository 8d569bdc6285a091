"""A folder of media that are named and described but hold nothing, and conforms that render nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import opentimelineio as otio

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import MediaInfo
from sparkvsr_bridge.reports import JobReport
from sparkvsr_bridge.timeline.conforming import conform, opened
from sparkvsr_bridge.timeline.records import ConformWishes
from sparkvsr_bridge.timeline.requests import Recipe

S = otio.schema


def rt(value, rate=24):
    return otio.opentime.RationalTime(value, rate)


def tr(start, duration, rate=24):
    return otio.opentime.TimeRange(rt(start, rate), rt(duration, rate))


@dataclass
class Shelf:
    """Media by path, as an engine would describe them; looks: how often each was looked at."""

    folder: Path
    media: dict[str, MediaInfo] = field(default_factory=dict)
    looks: Counter = field(default_factory=Counter)

    def movie(self, name, frames=100, rate=(24, 1), **more):
        """A movie; returns its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self.media[str(path)] = MediaInfo(str(path), "movie", 64, 48, 0, frames - 1, rate, **more)
        return path

    def sequence(self, pattern, numbers, rate=(0, 1), **more):
        """Numbered pictures; returns their pattern."""
        path = self.folder / pattern
        path.parent.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            (path.parent / (path.name % number)).touch()
        info = MediaInfo(str(path), "sequence", 64, 48, min(numbers), max(numbers), rate, **more)
        self.media[str(path)] = info
        return path

    def still(self, name, number=0):
        """One picture; returns its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self.media[str(path)] = MediaInfo(str(path), "sequence", 64, 48, number, number)
        return path

    def describe(self, path, frame):
        self.looks[path] += 1
        if path not in self.media:
            raise MediaUnreadable(f"{path} cannot be read.")
        return self.media[path]


def render_nothing(request):
    """A job that is done at once."""
    frames = request.shot.frames
    spec = request.spec
    return JobReport(
        "job", 1, "finished", spec.source.path, spec.output.path, frames, frames, frames_rendered=frames
    )


def cut_of(*items, name="cut", start=None):
    """A timeline of one track."""
    result = S.Timeline(name, global_start_time=start)
    track = S.Track("V1", kind=S.TrackKind.Video)
    track.extend(items)
    result.tracks.append(track)
    return result


def clip_of(url, source=None, available=None, name="a", effects=(), markers=()):
    """A clip of one file."""
    return S.Clip(
        name, S.ExternalReference(str(url), available), source, effects=list(effects), markers=list(markers)
    )


def plan_of(root, shelf, **wishes):
    """The plan of a timeline that is saved beside its media."""
    path = shelf.folder / "cut.otio"
    otio.adapters.write_to_file(root, str(path))
    with opened(str(path), "", ConformWishes(**wishes), shelf.describe) as timeline:
        return timeline.plan


def conformed(root, shelf, recipe=None, **wishes):
    """(report, timeline that was written) of a conform without pixels."""
    path, output = shelf.folder / "cut.otio", shelf.folder / "out.otio"
    otio.adapters.write_to_file(root, str(path))
    report = conform(
        str(path), str(output), ConformWishes(**wishes), recipe or Recipe(), shelf.describe, render_nothing
    )
    return report, otio.adapters.read_from_file(str(output))


def ends_of(plan):
    """First and last frame of each shot."""
    return [(shot.first, shot.last) for shot in plan.shots]
