"""SparkVSR from Python: jobs of the engine as calls, and frames in memory restored without an engine.

    import sparkvsr

    sparkvsr.upscale("clip.mp4", "clip_4x.mp4")

    with sparkvsr.connect() as engine:
        job = engine.upscale("clip.mp4", "out/%04d.png", keyframes={12: "fixed.png"})
        for event in job:
            print(event)
        better = job.revise(guidance=0.5).wait()

    frames = sparkvsr.restore([frame_0, frame_1, frame_2], scale=2)

What is in `__all__` stays as it is between minor versions. Importing this loads neither torch nor pyzmq.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_bridge.media import MediaInfo, Region, SourceMedia
from sparkvsr_bridge.reports import JobReport, KeyframeChoice, ModelReport
from sparkvsr_bridge.settings import Keyframe, KeyframePolicy, OutputTarget, Revision, UpscaleSettings
from sparkvsr_bridge.version import __version__

if TYPE_CHECKING:
    from sparkvsr.arrays import restore
    from sparkvsr.engine import Engine, connect, upscale
    from sparkvsr.job import Job
    from sparkvsr.preview import Preview, PreviewPicture

__all__ = [
    "Engine",
    "Job",
    "JobReport",
    "Keyframe",
    "KeyframeChoice",
    "KeyframePolicy",
    "MediaInfo",
    "ModelReport",
    "OutputTarget",
    "Preview",
    "PreviewPicture",
    "Region",
    "Revision",
    "SourceMedia",
    "SparkVSRError",
    "UpscaleSettings",
    "__version__",
    "connect",
    "restore",
    "upscale",
]
_MODULES = {
    "Engine": "engine",
    "Job": "job",
    "Preview": "preview",
    "PreviewPicture": "preview",
    "connect": "engine",
    "restore": "arrays",
    "upscale": "engine",
}


def __getattr__(name: str) -> Any:
    """A public name, from its module when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
