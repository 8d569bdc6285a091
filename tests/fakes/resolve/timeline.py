"""Timelines: tracks, playhead, marks. Markers count from the start, records do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.fakes.resolve import otio_files
from tests.fakes.resolve.base import Marked


@dataclass
class Track:
    """A video track."""

    name: str
    items: list[Any] = field(default_factory=list)
    is_enabled: bool = True
    is_locked: bool = False


class Timeline(Marked):
    """A timeline; start: the record frame of its start timecode."""

    def __init__(self, app, project, name, start_timecode="01:00:00:00"):
        super().__init__(app)
        self.project, self.name = project, name
        self.tracks = [Track("Video 1")]
        self.settings: dict[str, str] = {}
        self.start_timecode = start_timecode
        self.start = frames_of(start_timecode, project.rate)
        self.playhead = self.start
        self.marks: dict[str, dict[str, int]] = {}
        self.selection: list[Any] = []

    @property
    def rate(self):
        return self.project.rate

    def top_item(self, record):
        """What is seen at a record frame."""
        for track in reversed(self.tracks):
            for item in track.items:
                is_seen = track.is_enabled and item.is_enabled and item.kind != "transition"
                if is_seen and item.start <= record < item.end:
                    return item
        return None

    def GetName(self):
        return self.name

    def GetStartFrame(self):
        return self.start

    def GetEndFrame(self):
        return max([self.start, *(item.end for track in self.tracks for item in track.items)])

    def GetStartTimecode(self):
        return self.start_timecode

    def GetSetting(self, name):
        return self.settings.get(name, self.project.settings.get(name, ""))

    def GetTrackCount(self, kind):
        return len(self.tracks) if kind == "video" else 0

    def GetTrackName(self, kind, index):
        return self.tracks[index - 1].name

    def SetTrackName(self, kind, index, name):
        self.tracks[index - 1].name = name
        return True

    def GetIsTrackEnabled(self, kind, index):
        return self.tracks[index - 1].is_enabled

    def GetIsTrackLocked(self, kind, index):
        return self.tracks[index - 1].is_locked

    def AddTrack(self, kind, options=None):
        if self.app.refuses_tracks:
            return False
        self.tracks.append(Track(f"Video {len(self.tracks) + 1}"))
        return True

    def GetItemListInTrack(self, kind, index):
        """From 21.0.4 on transitions are among them."""
        items = self.tracks[index - 1].items
        return [item for item in items if item.kind != "transition" or self.app.version >= (21, 0, 4)]

    def DeleteClips(self, items, ripple=False):
        if self.app.page != "edit":
            return False
        for track in self.tracks:
            track.items = [item for item in track.items if item not in items]
        return True

    def GetCurrentTimecode(self):
        return timecode_of(self.playhead, self.rate)

    def SetCurrentTimecode(self, text):
        frame = frames_of(text, self.rate)
        if not self.start <= frame < self.GetEndFrame():
            return False
        self.playhead = frame
        return True

    def GetCurrentVideoItem(self):
        return self.top_item(self.playhead)

    def GetSelectedClips(self):
        return list(self.selection)

    def GetMarkInOut(self):
        return {name: dict(values) for name, values in self.marks.items()}

    def Export(self, path, kind, subtype):
        return otio_files.export_file(self, path) if kind == self.app.constants["EXPORT_OTIO"] else False


def frames_of(text: str, rate: Fraction) -> int:
    """The frame that a timecode counts; drop-frame where it is written so."""
    nominal = round(rate)
    hours, minutes, seconds, frames = (int(text[place : place + 2]) for place in (0, 3, 6, 9))
    count = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    if text[8] == ";":
        dropped = nominal // 15
        minutes += hours * 60
        count -= dropped * (minutes - minutes // 10)
    return count


def timecode_of(frame: int, rate: Fraction) -> str:
    """Non-drop."""
    nominal = round(rate)
    seconds, frames = divmod(frame, nominal)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"
