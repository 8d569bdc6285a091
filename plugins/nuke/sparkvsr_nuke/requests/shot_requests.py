"""From the node's settings and its planned source to the engine's requests. Pure Python, no Nuke."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any, Dict, Mapping, Sequence, Tuple

from ..footage.colours import ScriptColour
from ..footage.sources import Source
from ..frame_text import format_frames
from ..refusals import Refused

_SCALES = (1.0, 16.0)


@dataclasses.dataclass(frozen=True)
class KeyframePicture:
    """The artist's picture of one frame.

    stamp: when it was last saved (nanoseconds), so that an edit is a change. colour: its colour space.
    """

    path: str
    colour: str
    stamp: int


@dataclasses.dataclass(frozen=True)
class NodeRecord:
    """Where the frames of a job belong. origin: the node's token. version: of the node."""

    origin: str
    version: int
    view: str
    request: Any

    @property
    def frames(self) -> int:
        """Number of frames of the result."""
        return int(self.request.last - self.request.first + 1)


def result_size(settings: Any, source: Source) -> Tuple[int, int, float]:
    """Width, height and pixel aspect of the result. Raises Refused for a scale out of range."""
    picture = source.picture
    if settings.width:
        aspect = picture.pixel_aspect * (picture.width / settings.width) * (settings.height / picture.height)
        return settings.width, settings.height, round(aspect, 6)
    low, high = _SCALES
    if not low <= settings.scale <= high:
        raise Refused(f"The scale is {settings.scale:g}; set it to {low:g} to {high:g}.")
    # As the engine rounds: halves up.
    width, height = (int(side * settings.scale + 0.5) for side in (picture.width, picture.height))
    return width, height, picture.pixel_aspect


def options_of(settings: Any, source: Source, colour: ScriptColour) -> Dict[str, Any]:
    """The engine's settings, as `UpscaleSettings.to_dict` gives them. Raises InvalidSettings, Refused."""
    from ..bridge_link import settings as records

    width, height, _ = result_size(settings, source)
    values = {
        "width": width,
        "height": height,
        "model": settings.model,
        "guidance": settings.guidance,
        "look": settings.look,
        "damage": settings.damage,
        "learn": "auto" if settings.learns else "off",
        "isr": settings.keyframe_model,
        "policy": {"name": settings.policy},
        "input_colour": source.colour or colour.working,
        "output_colour": colour.working,
        "ocio_config": colour.config,
        "seed": settings.seed,
    }
    return dict(records.UpscaleSettings.from_dict(values).to_dict())


def shot_request(
    settings: Any, source: Source, view: str, options: Mapping[str, Any],
    pictures: Mapping[int, KeyframePicture],
) -> Any:  # fmt: skip
    """The ShotRequest of one view. pictures: script frame -> the artist's picture."""
    from ..bridge_link import requests

    keyframes = tuple(
        _keyframe(requests, source.numbers[frame], strength, pictures.get(frame))
        for frame, strength in sorted(settings.keyframes.items())
        if frame in source.numbers and settings.policy != "none"
    )
    return requests.ShotRequest(source.patterns[view], source.first, source.last, dict(options), keyframes)


def keyframe_warnings(settings: Any, source: Source) -> Tuple[str, ...]:
    """A sentence about keyframes that are left out."""
    outside = [frame for frame in settings.keyframes if frame not in source.numbers]
    if settings.policy == "none" and settings.keyframes:
        return ("'further keyframes' is none, so that no keyframe is used; choose manual to use yours.",)
    if outside:
        return (f"Keyframes outside the range are not used: {format_frames(outside)}.",)
    return ()


def job_spec(request: Any, target: str) -> Any:
    """The JobSpec of a request. target: numbered pattern of one view."""
    from ..bridge_link import settings as records

    spec = request.job_spec(target)
    # Other layers pass through the node; in the result they would only be read twice.
    return dataclasses.replace(spec, output=records.OutputTarget(target, layers="main"))


def settings_digest(settings: Any) -> str:
    """A short text that differs when any setting of the node does."""
    values = dataclasses.asdict(settings)
    text = json.dumps(values, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def views_that_differ(requests: Mapping[str, Any]) -> Sequence[str]:
    """The views to upscale: one for all where they ask for the same."""
    requests_json = {view: request.to_json() for view, request in requests.items()}
    return list(requests_json)[:1] if len(set(requests_json.values())) == 1 else list(requests_json)


def _keyframe(requests: Any, number: int, strength: float, picture: Any) -> Any:
    if picture is None:
        return requests.ShotKeyframe(number, "", strength)
    return requests.ShotKeyframe(number, picture.path, strength, picture.stamp, picture.colour)
