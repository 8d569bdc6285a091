"""From a planned shot to the job that renders it, and where its frames lie.

The folder's name holds medium, frames and everything asked for, so that the same request finds its frames
whatever clips are called, and no request finds another's. The engine decides
which frames are rendered anew: it recognises its own by content.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, replace
from typing import Optional

from ..media import SourceMedia
from ..settings import PRIORITIES, JobSpec, Keyframe, KeyframePolicy, OutputTarget, UpscaleSettings
from ..system.windows_names import is_device_name
from .records import ConformWishes, ShotPlan
from .results.write_back import ShotResult

RESULTS_FOLDER = "sparkvsr"
MOVIE_ENDINGS = (".mov", ".mp4", ".mkv", ".m4v", ".webm")
# Formats that hold what they are given; the result of a JPEG is no JPEG.
_KEPT_ENDINGS = (".png", ".tif", ".tiff", ".exr", ".dpx")
_LEAST_DIGITS = 4
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Recipe:
    """How shots are rendered. policy: of shots, None: by their markers, where there are none adaptive.

    ending: of results' files, such as `.exr` or `.mov`; empty: as the source, without loss.
    folder: where results lie; empty: beside the timeline that is written. priority: of the jobs.
    """

    settings: UpscaleSettings = UpscaleSettings()
    policy: Optional[KeyframePolicy] = None
    ending: str = ""
    codec: str = ""
    quality: int = 0
    folder: str = ""
    priority: str = PRIORITIES[0]


@dataclass(frozen=True)
class ShotRequest:
    """A shot's job and where its frames will lie."""

    shot: ShotPlan
    spec: JobSpec
    result: ShotResult


def request_of(shot: ShotPlan, recipe: Recipe, wishes: ConformWishes, output: str) -> ShotRequest:
    """The job of a shot.

    Args:
        shot: the shot.
        recipe: settings and targets of the jobs.
        wishes: how to conform.
        output: the timeline that will be written.
    """
    default = KeyframePolicy("manual" if shot.keyframes else "adaptive")
    # As it travels, so that a scale of 2 and one of 2.0 are the same request.
    recipe_settings = UpscaleSettings.from_dict(recipe.settings.to_dict())
    settings = replace(recipe_settings, policy=recipe.policy or default)
    source = SourceMedia(shot.medium.path, shot.first, shot.last)
    keyframes = tuple(Keyframe(frame) for frame in shot.keyframes)
    ending = recipe.ending or default_ending(shot, wishes)
    name = _name_of(shot)
    digest = _digest(
        source.to_dict(), settings.to_dict(), shot.keyframes, ending, recipe.codec, recipe.quality
    )
    home = recipe.folder or os.path.join(os.path.dirname(os.path.abspath(output)), RESULTS_FOLDER)
    folder = os.path.join(home, f"{name}_{shot.first}-{shot.last}_{digest}")
    digits = max(_LEAST_DIGITS, len(str(shot.last)))
    movie = os.path.join(folder, name + ending) if ending in MOVIE_ENDINGS else ""
    result = ShotResult(folder, f"{name}.", digits, ending, shot.first, shot.last, movie)
    path = movie or os.path.join(folder, f"{name}.%0{digits}d{ending}")
    # What lies in this folder is this request's own, or was damaged since: the engine compares content.
    target = OutputTarget(path, recipe.codec, recipe.quality, overwrite=True)
    return ShotRequest(shot, JobSpec(source, target, settings, keyframes, recipe.priority), result)


def default_ending(shot: ShotPlan, wishes: ConformWishes) -> str:
    """The source's own format where it loses nothing, else pictures; for Resolve movies with timecode.

    Args:
        shot: the shot.
        wishes: how to conform.
    """
    info = shot.medium.info
    if info.kind == "movie":
        if wishes.shape == "resolve" and info.timecode:
            return ".mov"
        return ".exr" if info.sample.startswith("float") else ".png"
    ending = os.path.splitext(shot.medium.path)[1].lower()
    if ending in _KEPT_ENDINGS:
        return ending
    return ".exr" if info.sample.startswith("float") else ".png"


def _name_of(shot: ShotPlan) -> str:
    """A name that is safe in URLs and patterns."""
    base = os.path.basename(shot.medium.path.rstrip("/"))
    stem = re.sub(r"[._-]*%0?\d*d$", "", os.path.splitext(base)[0])
    name = _UNSAFE.sub("_", stem).strip("._-")[:80] or "shot"
    # A cut is conformed on one system and opened on another.
    return f"{name}_" if is_device_name(name) else name


def _digest(*inputs: object) -> str:
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:10]
