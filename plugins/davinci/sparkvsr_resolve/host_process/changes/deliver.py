# SPDX-License-Identifier: Apache-2.0
"""A part of the timeline through the Deliver page, for clips whose medium the engine cannot open.

Settings sit on top of the preset that is loaded, so a stock one is loaded first, and the artist's own
settings are kept as a preset meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Final, Tuple

from ...exchange.requests import RenderRequest, RenderStarted, RenderStatus
from .. import newer
from ..failures import refused
from ..finding import in_front, project_of

if TYPE_CHECKING:
    from fusionscript import Project, RenderSettings, Resolve

KEPT_SETTINGS = "SparkVSR: settings before"
BASE_PRESET = "H.264 Master"
# Pictures as they are shown, with 16 bits; EXR would be taken for scene-linear.
_FORMATS = (("tif", ("RGB16LZW", "RGB16")), ("dpx", ("RGB10", "RGB16")))
_SINGLE_CLIP: Final = 1


def start_render(resolve: Resolve, request: RenderRequest) -> RenderStarted:
    """Queue and start the render of a range. Raises HostFailure."""
    project = project_of(resolve)
    in_front(project, request.timeline)
    if project.IsRenderingInProgress():
        raise refused("Resolve is rendering already; wait until its render queue has finished.")
    before = KEPT_SETTINGS if project.SaveAsNewRenderPreset(KEPT_SETTINGS) else ""
    try:
        format_, codec = _prepare(project, request)
        job = str(project.AddRenderJob() or "")
        if not job:
            raise refused("Resolve adds no render job; look at the Deliver page for what it asks.")
        if not project.StartRendering([job], False):
            project.DeleteRenderJob(job)
            raise refused("Resolve does not start to render; look at the Deliver page for what it asks.")
    except Exception:
        _restore(project, before)
        raise
    return RenderStarted(job, before, format_, codec)


def render_status(resolve: Resolve, job: str) -> RenderStatus:
    """How a render stands."""
    project = project_of(resolve)
    status: Dict[str, object] = dict(project.GetRenderJobStatus(job) or {})
    return RenderStatus(
        bool(project.IsRenderingInProgress()),
        str(status.get("JobStatus", "")),
        int(float(str(status.get("CompletionPercentage", 0) or 0))),
        str(status.get("Error", "")),
    )


def end_render(resolve: Resolve, started: RenderStarted, is_stopped: bool) -> bool:
    """Stop a render where that is asked, take its job out of the queue and bring the settings back."""
    project = project_of(resolve)
    if is_stopped:
        project.StopRendering()
    project.DeleteRenderJob(started.job)
    return _restore(project, started.before)


def _prepare(project: Project, request: RenderRequest) -> Tuple[str, str]:
    if not project.LoadRenderPreset(BASE_PRESET):
        raise refused(
            f"Resolve has no render preset '{BASE_PRESET}'; restore the presets of the Deliver page."
        )
    format_, codec = _format_and_codec(project)
    if not project.SetCurrentRenderFormatAndCodec(format_, codec):
        raise refused(f"Resolve does not render .{format_} with {codec}; update DaVinci Resolve.")
    project.SetCurrentRenderMode(_SINGLE_CLIP)
    settings: RenderSettings = {  # type: ignore[typeddict-item]
        "SelectAllFrames": False,
        "MarkIn": request.first,
        "MarkOut": request.last,
        "TargetDir": request.folder,
        "CustomName": request.name,
        "ExportVideo": True,
        "ExportAudio": False,
    }
    if not project.SetRenderSettings(settings):
        raise refused(f"Resolve refuses to render into {request.folder}; choose another folder for results.")
    return format_, codec


def _format_and_codec(project: Project) -> Tuple[str, str]:
    formats = set((project.GetRenderFormats() or {}).values())
    for format_, codecs_of_format in _FORMATS:
        codecs = set((project.GetRenderCodecs(format_) or {}).values()) if format_ in formats else set()
        codec = next((candidate for candidate in codecs_of_format if candidate in codecs), None)
        if codec is not None:
            return format_, codec
    raise refused("This Resolve renders neither TIFF nor DPX; update it.")


def _restore(project: Project, before: str) -> bool:
    if not before:
        return False
    is_loaded = bool(project.LoadRenderPreset(before))
    # Resolve 18 keeps it in the list: it cannot take a preset away.
    newer.delete_render_preset(project, before)
    return is_loaded
