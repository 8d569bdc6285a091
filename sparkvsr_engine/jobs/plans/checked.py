"""A request that was checked against its source: what later steps trust, and ask nothing of again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.settings import JobSpec, Keyframe, UpscaleSettings
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.media.base import ClipInfo, ColourWish, OutputRequest
from sparkvsr_engine.media.opening import OutputPlan, plan_output
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.media.sequences.survey import surveyed
from sparkvsr_engine.references.named_colour import require_named_colours


@dataclass(frozen=True)
class CheckedRequest:
    """A request with what its source is and how its result is written; its keyframes lie inside the source.

    Attributes:
        spec: the request.
        info: the source, its `span` the frames asked for.
        geometry: sizes of source and output.
        output: how frames are written and brought into model space.
    """

    spec: JobSpec
    info: ClipInfo
    geometry: Geometry
    output: OutputPlan


def check_source(spec: JobSpec, work_folder: Path) -> CheckedRequest:
    """Probe the source of a request and plan how its frames are written.

    Args:
        spec: the request.
        work_folder: for what is not the result, such as a movie's segments.

    Raises:
        MediaUnreadable: what probing raises.
        InvalidSettings: for an output smaller than the source, a keyframe outside the frames asked for, an
            unknown name of a colour space, and what output planning raises.
    """
    settings = spec.settings
    info = surveyed(probe(spec.source), conceals_damage(settings))
    geometry = geometry_of(settings, info)
    require_keyframes_inside(spec.keyframes, info)
    request = OutputRequest(
        target=spec.output,
        span=info.span,
        width=geometry.width,
        height=geometry.height,
        work_folder=work_folder,
        colours=ColourWish.of(settings),
        # A colour picture propagated through a grey clip colours it: that is what it is for.
        keeps_grey=settings.look == "lock" or all(keyframe.image is None for keyframe in spec.keyframes),
        conceals=conceals_damage(settings),
    )
    require_named_colours(spec.keyframes, settings, info)
    output = plan_output(info, request)
    return CheckedRequest(spec, replace(info, reading=output.colour.reading), geometry, output)


def geometry_of(settings: UpscaleSettings, info: ClipInfo) -> Geometry:
    """The output size; raises InvalidSettings when it is smaller than the source."""
    geometry = Geometry.of_request(info.width, info.height, settings.scale, settings.width, settings.height)
    if geometry.width < info.width or geometry.height < info.height:
        raise InvalidSettings(
            f"the output {geometry.width}x{geometry.height} is smaller than the source"
            f" {info.width}x{info.height}; choose a scale of 1 or more."
        )
    return geometry


def require_keyframes_inside(keyframes: Sequence[Keyframe], info: ClipInfo) -> None:
    """Raise InvalidSettings for a keyframe outside the frames that are asked for."""
    for keyframe in keyframes:
        if keyframe.frame not in info.span:
            raise InvalidSettings(
                f"Keyframe {keyframe.frame} lies outside the frames {info.span.first}-{info.span.last};"
                " choose a frame inside, or widen --frames."
            )


def conceals_damage(settings: UpscaleSettings) -> bool:
    """Whether frames that cannot be decoded show their neighbours."""
    return settings.on_damage == "conceal"
