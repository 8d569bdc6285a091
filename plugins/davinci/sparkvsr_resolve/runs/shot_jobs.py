# SPDX-License-Identifier: Apache-2.0
"""From a clip's plan to the engine's request, with repaired stills as pictures of their keyframes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Dict, Mapping, Tuple

from ..bridge_link import requests, settings
from ..plans.clip_plans import ClipPlan


@dataclasses.dataclass(frozen=True)
class RenderedFrames:
    """What the Deliver page wrote: pattern of numbered pictures, and the first and last number."""

    pattern: str
    first: int
    last: int


def shot_request(
    clip: ClipPlan, options: Mapping[str, Any], stills: Mapping[Tuple[str, int], Path]
) -> requests.ShotRequest:
    """The request of a clip by path. options: as `UpscaleSettings.to_dict`."""
    keyframes = tuple(_keyframe(frame, stills.get((clip.source.path, frame))) for frame in clip.keyframes)
    return requests.ShotRequest(
        clip.source.path, clip.first_number, clip.last_number, settings_of(options, keyframes), keyframes
    )


def rendered_request(
    clip: ClipPlan, frames: RenderedFrames, options: Mapping[str, Any]
) -> requests.ShotRequest:
    """The request of a clip that was rendered; the pictures' numbers stand for its record frames."""
    offset = frames.first - clip.record
    keyframes = tuple(requests.ShotKeyframe(frame + offset) for frame in clip.keyframes)
    return requests.ShotRequest(
        frames.pattern, frames.first, frames.last, settings_of(options, keyframes), keyframes
    )


def settings_of(options: Mapping[str, Any], keyframes: Tuple[requests.ShotKeyframe, ...]) -> Dict[str, Any]:
    """The settings of a clip: marked keyframes alone where there are any, unless a policy is named."""
    asked = settings.UpscaleSettings.from_dict(dict(options))
    if "policy" not in options and keyframes:
        asked = dataclasses.replace(asked, policy=settings.KeyframePolicy("manual"))
    return dict(asked.to_dict())


def _keyframe(frame: int, picture: Any) -> requests.ShotKeyframe:
    if picture is None:
        return requests.ShotKeyframe(frame)
    return requests.ShotKeyframe(frame, str(picture), stamp=picture.stat().st_mtime_ns)
