"""Items of a timeline: clips with speeds and takes, and what only looks like a clip."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tests.fakes.resolve.base import Marked

KINDS = ("clip", "transition", "title", "generator", "adjustment")


@dataclass
class Take:
    """A take; end is exclusive."""

    media: Any
    start: float
    end: float


class TimelineItem(Marked):
    """An item. source: frame of its medium (within a subclip) at its start. speed: 2 is twice as fast,
    negative backwards. grade: gain of its pictures. is_from_xml: its source frames read 0/0.
    """

    def __init__(self, app, name, media, start=0, duration=0, kind="clip"):
        super().__init__(app)
        self.name, self.kind, self.start, self.duration = name, kind, start, duration
        self.pool_item = media
        self.source, self.speed, self.grade = 0.0, 1.0, 1.0
        self.is_enabled, self.is_volatile, self.is_from_xml = True, False, False
        self.is_curved = False
        self.takes: list[Take] = []
        self.selected = 0
        self.comps = 1 if kind == "title" else 0
        self.values = {} if kind == "transition" else {"Scaling": 0, "ZoomX": 1.0, "Opacity": 100.0}

    @property
    def end(self):
        """Exclusive."""
        return self.start + self.duration

    @property
    def shown_media(self):
        """Of the take that is selected."""
        return self.takes[self.selected - 1].media if self.takes else self.pool_item

    @property
    def shown_source(self):
        """Frame of that medium at the item's start."""
        return self.takes[self.selected - 1].start if self.takes else self.source

    @property
    def shown_speed(self):
        """Of the take that is selected: some Resolve may run added takes at 100 %."""
        return self.speed if self.selected <= 1 or self.app.takes_keep_speed else 1.0

    def frame_at(self, record):
        """The frame of the shown file at a record frame, from 0."""
        base = self.shown_media.start + self.shown_source
        return math.floor(base + (record - self.start) * self.shown_speed)

    def GetName(self):
        return self.name

    def GetStart(self, subframe_precision=False):
        return self.start

    def GetEnd(self, subframe_precision=False):
        return self.end

    def GetDuration(self, subframe_precision=False):
        return self.duration

    def GetLeftOffset(self, subframe_precision=False):
        """In the warped domain: the position in the medium over the speed."""
        return int(abs(self.shown_source / self.shown_speed)) if self.shown_media is not None else 0

    def GetSourceStartFrame(self):
        if self.shown_media is None or self.is_from_xml:
            return 0
        # One frame off, as it may be: the difference to the end is right.
        return int(self.shown_source) + 1

    def GetSourceEndFrame(self):
        if self.shown_media is None or self.is_from_xml:
            return 0
        return int(self.shown_source + self.duration * self.shown_speed) + 1

    def GetProperty(self, name=None):
        return dict(self.values) if name is None else self.values.get(name)

    def SetProperty(self, name, value):
        if name not in self.values:
            return False
        self.values[name] = value
        return True

    def GetFusionCompCount(self):
        return self.comps

    def GetClipEnabled(self):
        return self.is_enabled

    def GetMediaPoolItem(self):
        return self.shown_media

    def AddTake(self, media, start=None, end=None):
        if media.media is None or self.app.refuses_takes:
            return False
        if not self.takes:
            self.takes = [Take(self.pool_item, self.source, self.source + self.duration * abs(self.speed))]
            self.selected = 1
        self.takes.append(Take(media, float(start or 0), float(media.media.frames if end is None else end)))
        return True

    def GetTakesCount(self):
        return len(self.takes)

    def GetSelectedTakeIndex(self):
        return self.selected

    def GetTakeByIndex(self, index):
        if not 1 <= index <= len(self.takes):
            return {}
        take = self.takes[index - 1]
        return {"mediaPoolItem": take.media, "startFrame": int(take.start), "endFrame": int(take.end)}

    def SelectTakeByIndex(self, index):
        if not 1 <= index <= len(self.takes):
            return False
        self.selected = index
        take = self.takes[index - 1]
        # A take that is shorter than the item shortens it.
        self.duration = min(self.duration, int((take.end - take.start) / abs(self.shown_speed)))
        return True

    def DeleteTakeByIndex(self, index):
        if not 1 <= index <= len(self.takes) or index == self.selected:
            return False
        original = self.takes[0]
        del self.takes[index - 1]
        self.selected = min(self.selected, len(self.takes))
        if len(self.takes) == 1:
            self.duration = max(self.duration, int((original.end - original.start) / abs(self.speed)))
            self.takes, self.selected = [], 0
        return True

    def FinalizeTake(self):
        take = self.takes[self.selected - 1]
        self.pool_item, self.source, self.takes, self.selected = take.media, take.start, [], 0
        return True

    def CopyGrades(self, items):
        for item in items:
            item.grade = self.grade
        return not self.app.refuses_grades
