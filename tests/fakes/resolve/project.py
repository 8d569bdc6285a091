"""A project: its timelines, settings, stills and the Deliver page."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from tests.fakes.media import write_picture
from tests.fakes.resolve import real_media
from tests.fakes.resolve.base import Object
from tests.fakes.resolve.pool import MediaPool
from tests.fakes.resolve.timeline import Timeline

STOCK_PRESETS = ("H.264 Master", "ProRes 422 HQ")


class Project(Object):
    """An open project. rendered: what StartRendering did; presets: name -> settings."""

    def __init__(self, app, name, rate=Fraction(24), width=96, height=64):
        super().__init__(app)
        self.name, self.rate, self.width, self.height = name, rate, width, height
        self.settings = {
            "timelineFrameRate": str(float(rate)).removesuffix(".0"),
            "timelineResolutionWidth": str(width),
            "timelineResolutionHeight": str(height),
            "timelineInputResMismatchBehavior": "scaleToFit",
        }
        self.timelines: list[Timeline] = []
        self.current: Timeline | None = None
        self.pool = MediaPool(app, self)
        self.presets: dict[str, dict] = {preset: {} for preset in STOCK_PRESETS}
        self.render_settings: dict = {"format": "mp4", "codec": "H264", "artist": True}
        self.jobs: dict[str, dict] = {}

    def add_timeline(self, name, start_timecode="01:00:00:00"):
        """A new timeline, in front."""
        self.current = Timeline(self.app, self, name, start_timecode)
        self.timelines.append(self.current)
        return self.current

    def picture_at(self, record):
        """What is seen at a record frame, graded, at the timeline's size; black where there is nothing."""
        item = self.current.top_item(record)
        if item is None or item.shown_media is None:
            return np.zeros((self.height, self.width, 3), np.uint16)
        media = item.shown_media.media or item.shown_media.inner
        pixels = media.picture(item.frame_at(record)) * item.grade
        return real_media.at_size(np.clip(pixels, 0, 65535).astype(np.uint16), self.width, self.height)

    def GetName(self):
        return self.name

    def GetMediaPool(self):
        return self.pool

    def GetTimelineCount(self):
        return len(self.timelines)

    def GetTimelineByIndex(self, index):
        return self.timelines[index - 1] if 1 <= index <= len(self.timelines) else None

    def GetCurrentTimeline(self):
        return self.current

    def SetCurrentTimeline(self, timeline):
        self.current = timeline
        return True

    def GetSetting(self, name):
        return self.settings.get(name, "")

    def ExportCurrentFrameAsStill(self, path):
        write_picture(Path(path), self.picture_at(self.current.playhead))
        return True

    def SaveAsNewRenderPreset(self, name):
        if name in self.presets:
            return False
        self.presets[name] = dict(self.render_settings)
        return True

    def LoadRenderPreset(self, name):
        if name not in self.presets:
            return False
        self.render_settings = dict(self.presets[name])
        return True

    def DeleteRenderPreset(self, name):
        return self.presets.pop(name, None) is not None

    def GetRenderFormats(self):
        return {"TIFF": "tif", "DPX": "dpx", "MP4": "mp4"}

    def GetRenderCodecs(self, kind):
        return {"tif": {"RGB 16 bits LZW": "RGB16LZW", "RGB 16 bits": "RGB16"}, "mp4": {"H.264": "H264"}}.get(
            kind, {}
        )

    def SetCurrentRenderFormatAndCodec(self, kind, codec):
        if codec not in self.GetRenderCodecs(kind).values():
            return False
        self.render_settings.update(format=kind, codec=codec)
        return True

    def SetCurrentRenderMode(self, mode):
        self.render_settings["mode"] = mode
        return True

    def SetRenderSettings(self, settings):
        self.render_settings.update(settings)
        return True

    def AddRenderJob(self):
        job = f"job-{len(self.jobs) + 1}"
        self.jobs[job] = {**self.render_settings, "JobStatus": "Ready", "CompletionPercentage": 0}
        return job

    def StartRendering(self, jobs, isInteractiveMode=False):
        for job in jobs:
            self.jobs[job]["JobStatus"] = "Rendering"
        return True

    def IsRenderingInProgress(self):
        return any(job["JobStatus"] == "Rendering" for job in self.jobs.values())

    def StopRendering(self):
        for job in self.jobs.values():
            if job["JobStatus"] == "Rendering":
                job["JobStatus"] = "Cancelled"

    def GetRenderJobStatus(self, job):
        """Every second look finds it further; the last one finds the files."""
        values = self.jobs[job]
        if values["JobStatus"] == "Rendering":
            values["CompletionPercentage"] += 50
            if values["CompletionPercentage"] == 100:
                values["JobStatus"] = "Complete"
                if not self.app.renders_nothing:
                    self._write(values)
        return {name: values[name] for name in ("JobStatus", "CompletionPercentage")}

    def _write(self, job):
        """Settings that were made over no preset are the artist's own: another format, sound."""
        for record in range(job["MarkIn"], job["MarkOut"] + 1):
            path = Path(job["TargetDir"]) / f"{job['CustomName']}{record:08d}.{job['format']}"
            write_picture(path, self.picture_at(record))

    def DeleteRenderJob(self, job):
        return self.jobs.pop(job, None) is not None


class ProjectManager(Object):
    """Opens and saves; items of a call that failed are gone after saving."""

    def GetCurrentDatabase(self):
        return None if self.app.is_wedged else {"DbType": "Disk", "DbName": "Local Database"}

    def GetCurrentProject(self):
        return self.app.project

    def SaveProject(self):
        project = self.app.project
        if project.name == "Untitled Project":
            self.app.wait_for_dialog()
        for timeline in project.timelines:
            for track in timeline.tracks:
                track.items = [item for item in track.items if not item.is_volatile]
        self.app.saves += 1
        return True


class Resolve(Object):
    """The program."""

    def GetProductName(self):
        return "DaVinci Resolve Studio" if self.app.is_studio else "DaVinci Resolve"

    def GetVersion(self):
        return [*self.app.version, 4, ""]

    def GetVersionString(self):
        return ".".join(map(str, self.app.version))

    def GetProjectManager(self):
        return self.app.manager

    def GetCurrentPage(self):
        return self.app.page

    def OpenPage(self, page):
        self.app.page = page
        return True
