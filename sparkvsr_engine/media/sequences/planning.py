"""How a source's frames become numbered pictures, and what of its files comes along or is left out."""

from __future__ import annotations

from fractions import Fraction

from sparkvsr_engine.core.arrays import FloatPixels
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.media.base import ClipInfo, OutputRequest
from sparkvsr_engine.media.colour import ColourPlan, plan_colour
from sparkvsr_engine.media.sequences.numbering import NumberedPattern
from sparkvsr_engine.media.sequences.picture_files.carrying import Carriage
from sparkvsr_engine.media.sequences.picture_files.formats import format_of, sample_for
from sparkvsr_engine.media.sequences.picture_files.metadata import FrameMetadata
from sparkvsr_engine.media.sequences.writer import PicturesPlan

_LAYERED = ".exr"


def plan_pictures(
    info: ClipInfo, request: OutputRequest, pattern: NumberedPattern
) -> tuple[PicturesPlan, ColourPlan, tuple[str, ...]]:
    """What is written, by which colours, and sentences about what is left out.

    Args:
        info: the source as its headers describe it.
        request: the target, and what of it is named.
        pattern: how the files are named.

    Raises:
        InvalidSettings: where a value makes no sense.
    """
    target = request.target
    kind = format_of(target.path)
    sample = sample_for(target.path, info.sample, info.bit_depth)
    colour = plan_colour(info, target.path, sample, request.colours)
    keeps_alpha = info.has_alpha and kind.has_alpha
    carriage = _carriage(info, request, pattern, colour)
    geometry = Geometry(info.width, info.height, request.width, request.height)
    metadata = FrameMetadata(
        info,
        colour.keeps_colour,
        colour.attributes,
        geometry.pixel_aspect(info.pixel_aspect),
        carries_layers=carriage is not None,
        extension=pattern.extension,
        enlarged=(Fraction(request.width, info.width), Fraction(request.height, info.height)),
    )
    plan = PicturesPlan(
        pattern=pattern,
        width=request.width,
        height=request.height,
        sample=sample,
        channels=4 if keeps_alpha else 3,
        metadata=metadata,
        quality=target.quality,
        bits=info.bit_depth,
        is_premultiplied=colour.target_premultiplied,
        source=info.pattern,
        source_span=info.available,
        conceals=request.conceals,
        carriage=carriage,
        is_grey=info.is_grey and request.keeps_grey,
        holds_grey=kind.has_grey,
    )
    warnings = (*colour.warnings, *layer_warnings(info, carriage is not None, pattern.extension))
    return plan, colour, (*warnings, *_alpha_warnings(info, keeps_alpha, pattern.extension))


def _alpha_warnings(info: ClipInfo, keeps_alpha: bool, extension: str) -> tuple[str, ...]:
    if keeps_alpha or not info.has_alpha:
        return ()
    return (f"{extension} keeps no alpha channel; write .png, .tif or .exr to keep it.",)


def layer_warnings(info: ClipInfo, is_carried: bool, extension: str) -> tuple[str, ...]:
    """What an artist should know about layers and overscan of the source, before rendering.

    Args:
        info: the source as its headers describe it.
        is_carried: whether layers come along.
        extension: ending of the file's name, with its dot.
    """
    warnings: list[str] = []
    if info.picture_layer:
        warnings.append(
            f"The layer {info.picture_layer} is the picture; the result has it as its main layer."
        )
    contents = [*info.beside, *(["the overscan"] if info.has_overscan else [])]
    listed = ", ".join(contents[:12]) + (f" and {len(contents) - 12} more" if len(contents) > 12 else "")
    if contents and is_carried:
        warnings.append(f"Beside the picture {listed} come along, enlarged without the model.")
    elif contents and not info.can_carry:
        warnings.append(
            f"Beside the picture {listed} are left out: the files are turned upright, or are no EXR."
        )
    elif contents and extension != _LAYERED:
        warnings.append(
            f"Beside the picture {listed} are left out: {extension} holds no layers; write .exr to keep them."
        )
    elif contents:
        warnings.append(f"Beside the picture {listed} are left out; --layers all carries them along.")
    return tuple(warnings)


def _carriage(
    info: ClipInfo, request: OutputRequest, pattern: NumberedPattern, colour: ColourPlan
) -> Carriage | None:
    if not info.can_carry or request.target.layers == "main" or pattern.extension != _LAYERED:
        return None
    return Carriage(
        request.width,
        request.height,
        info.picture_channels,
        None if colour.keeps_colour else _Recolour(colour),
    )


class _Recolour:
    """Colours of a source's other layers as the result has them."""

    def __init__(self, colour: ColourPlan) -> None:
        self._colour = colour

    def __call__(self, colours: FloatPixels) -> FloatPixels:
        return self._colour.from_model(self._colour.to_model(colours), "float32")
