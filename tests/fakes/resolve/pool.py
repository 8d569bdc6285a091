"""The media pool: bins, clips of real files, appending and importing with Resolve's traps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.resolve import otio_files, real_media
from tests.fakes.resolve.base import Marked, Object
from tests.fakes.resolve.items import TimelineItem

if TYPE_CHECKING:
    from tests.fakes.resolve.project import Project


class MediaPoolItem(Marked):
    """A clip. media: the real file, None for compound clips. start: of a subclip within its file."""

    def __init__(self, app, name, media, kind="Video", start=0):
        super().__init__(app)
        self.name, self.media, self.kind, self.start = name, media, kind, start
        self.values = dict(app.clip_defaults)
        if media is not None:
            self.values.update(_values_of(media, kind, start))
        else:
            self.values["Type"] = kind

    def GetName(self):
        return self.name

    def GetClipProperty(self, name=None):
        return dict(self.values) if name is None else self.values.get(name, "")

    def SetClipProperty(self, name, value):
        # 'Reel Name' returns True and may not keep it; a refused name returns False.
        if name in self.app.unset_properties:
            return True
        if name not in self.values:
            return False
        self.values[name] = value
        return True

    def GetMediaId(self):
        return f"media-{self.uid}"


def _values_of(media, kind, start):
    return {
        "File Path": media.shown_path,
        "FPS": str(float(media.rate)).removesuffix(".0"),
        "Frames": str(media.frames),
        "Start TC": media.timecode,
        "Resolution": f"{media.width}x{media.height}",
        "Type": kind,
        "Start": str(start),
        "End": str(start + media.frames - 1),
    }


class Folder(Object):
    """A bin."""

    def __init__(self, app, name):
        super().__init__(app)
        self.name, self.clips, self.folders = name, [], []

    def GetName(self):
        return self.name

    def GetClipList(self):
        return list(self.clips)

    def GetSubFolderList(self):
        return list(self.folders)


class MediaPool(Object):
    """The pool of one project."""

    def __init__(self, app, project: Project):
        super().__init__(app)
        self.project = project
        self.root = Folder(app, "Master")
        self.current = self.root

    def GetRootFolder(self):
        return self.root

    def GetCurrentFolder(self):
        return self.current

    def SetCurrentFolder(self, folder):
        self.current = folder
        return True

    def AddSubFolder(self, folder, name):
        below = Folder(self.app, name)
        folder.folders.append(below)
        return below

    def ImportMedia(self, items):
        clips = [self._import(item) for item in items]
        return [clip for clip in clips if clip is not None]

    def _import(self, item):
        if self.app.refuses_import:
            return None
        if isinstance(item, dict):
            rate = self.project.rate
            media = real_media.look(item["FilePath"], item["StartIndex"], item["EndIndex"], rate)
        else:
            media = real_media.look(item)
        return None if media is None else self.add(media)

    def add(self, media, kind="Video", start=0, name=""):
        """A clip of a real file in the bin that is open."""
        clip = MediaPoolItem(self.app, name or media.path.rsplit("/", 1)[-1], media, kind, start)
        self.current.clips.append(clip)
        return clip

    def DeleteClips(self, clips):
        for folder in (self.root, *self.root.folders):
            folder.clips = [clip for clip in folder.clips if clip not in clips]
        return True

    def CreateEmptyTimeline(self, name):
        if any(timeline.name == name for timeline in self.project.timelines):
            return None
        return self.project.add_timeline(name)

    def DeleteTimelines(self, timelines):
        self.project.timelines = [item for item in self.project.timelines if item not in timelines]
        return True

    def AppendToTimeline(self, clips):
        return [self._append(clip) for clip in clips]

    def _append(self, info: dict[str, Any]):
        """The end is exclusive, records are absolute; where something lies already it is dropped in
        silence.
        """
        timeline, clip = self.project.current, info["mediaPoolItem"]
        if not 1 <= info["trackIndex"] <= len(timeline.tracks):
            return None
        track = timeline.tracks[info["trackIndex"] - 1]
        item = TimelineItem(self.app, clip.name, clip, start=info["recordFrame"])
        item.source, item.duration = float(info["startFrame"]), info["endFrame"] - info["startFrame"]
        item.is_volatile = self.app.vanishing > 0
        self.app.vanishing -= item.is_volatile
        is_free = all(item.end <= second.start or second.end <= item.start for second in track.items)
        if is_free and item.duration > 0 and not track.is_locked:
            track.items.append(item)
            track.items.sort(key=lambda item: item.start)
        return item

    def ImportTimelineFromFile(self, path, options):
        return otio_files.import_file(self, path, options)
