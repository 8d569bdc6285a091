"""Which way a clip's values take into model space and out again, decided once, before any pixel is read.

Model space is display-referred and bounded. Integers (movies, PNG, JPEG, TIFF) are in it already; PQ and
HLG are bounded codes too and stay as they are. Scene-linear floats are carried as ACEScct codes on their
own primaries. The same kind out as in gives the same values back. Where source and target differ in kind,
scene-linear becomes sRGB by primaries and the plain piecewise curve, nothing is tone-mapped, and back.
Colour spaces named by the user go through OpenColorIO instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.arrays import FloatPixels
from sparkvsr_engine.core.pictures.light_curve import LightCurve
from sparkvsr_engine.media.base import NO_WISH, ClipInfo, ColourWish
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.colours.curves import acescct_decode, acescct_encode, srgb_encode
from sparkvsr_engine.media.colours.labels import label_of
from sparkvsr_engine.media.colours.meaning import (
    Chromaticities,
    ColourMeaning,
    codes_kept,
    has_unread_profile,
    meaning_of,
    on_primaries,
)
from sparkvsr_engine.media.colours.ocio import ColourConfig, OcioTransform, colour_config
from sparkvsr_engine.media.colours.spaces import (
    LINEAR_709,
    light_attributes,
    linear_attributes,
    space_of,
    space_of_primaries,
    tags_of_space,
    usual_target,
)
from sparkvsr_engine.media.colours.tags import SRGB_TAGS, ColourTags
from sparkvsr_engine.media.pixels import (
    codes_to_finite,
    divide_alpha,
    from_float,
    multiply_alpha,
    split_alpha,
    to_finite,
)
from sparkvsr_engine.media.sequences.numbering import PICTURE_EXTENSIONS
from sparkvsr_engine.media.sequences.picture_files.pictures import Attribute

Step = Callable[[Any], FloatPixels]
ACESCCT = LightCurve(acescct_encode, acescct_decode)

# Formats in which alpha may be multiplied into the colours or not, so that a result is as its source is.
_KEEPING = (".tif", ".tiff")
# The built-in config's space that carries scene-linear light.
_LOG_CARRIER = "ACEScct"


@dataclass(frozen=True)
class ColourPlan:
    """How pixels go into model space and out again.

    enter: from a file's values to model space. light: from model space to values proportional to light
        (or to whatever alpha is multiplied with). finish: from there to the target's values. All on colours
        alone; None changes nothing.
    source_premultiplied, target_premultiplied: whether colours in the files are multiplied by alpha.
    source_codes_multiplied, target_codes_multiplied: whether it is codes that are, as in TIFF, not light.
    keeps_colour: whether the target's values mean what the source's do, so that the source's tags hold.
    curve: of scene-linear light, whose codes model space then holds; None for display values.
    tags: for a movie target. attributes: for a picture target; both label the values where the
        source's own tags do not.
    warnings: what an artist should know about colours before rendering.
    identity: changes whenever the way does; part of cache keys. reading: the same for the way in alone; empty
        where the user named no colour space.
    """

    identity: str
    enter: Step | None = None
    light: Step | None = None
    finish: Step | None = None
    source_premultiplied: bool = False
    target_premultiplied: bool = False
    source_codes_multiplied: bool = False
    target_codes_multiplied: bool = False
    keeps_colour: bool = True
    curve: LightCurve | None = None
    tags: ColourTags = SRGB_TAGS
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    warnings: tuple[str, ...] = ()
    reading: str = ""

    @property
    def keeps_values(self) -> bool:
        """Whether a pixel nobody changes has the same values in the target as in the source."""
        return self.keeps_colour and self.source_premultiplied == self.target_premultiplied

    def to_model(self, pixels: NDArray[Any]) -> FloatPixels:
        """float32 [H, W, 3 or 4] in model space, a new array, from a frame as its file has it.

        Alpha is only scaled to 0..1. What is no number is 0 on every way, infinities are bounded.
        """
        if self.enter is None:
            return codes_to_finite(pixels)
        colours = self.enter(pixels[..., :3])
        return (
            colours
            if pixels.shape[2] == 3
            else np.concatenate([colours, codes_to_finite(pixels[..., 3:])], axis=2)
        )

    def from_model(self, pixels: FloatPixels, sample: str) -> NDArray[Any]:
        """A frame in `sample` format, a new array, from float32 [H, W, 3 or 4] in model space."""
        colours, alpha = split_alpha(pixels)
        as_it_is = alpha is None or self.source_premultiplied == self.target_premultiplied
        if self.light is None and self.finish is None and as_it_is:
            return from_float(pixels, sample)
        is_multiplied = self.source_premultiplied
        if alpha is not None and self.source_codes_multiplied and self.light is not None:
            # Multiplied codes are no codes of multiplied light: without this edges come out dark.
            colours, is_multiplied = divide_alpha(colours, alpha), False
        if self.light is not None:
            colours = self.light(colours)
        multiplies = self.target_premultiplied and not (
            self.target_codes_multiplied and self.finish is not None
        )
        if alpha is not None and is_multiplied != multiplies:
            colours = (multiply_alpha if multiplies else divide_alpha)(colours, alpha)
        if self.finish is not None:
            colours = self.finish(colours)
        if alpha is not None and multiplies != self.target_premultiplied:
            colours = multiply_alpha(colours, alpha)
        return from_float(colours if alpha is None else np.concatenate([colours, alpha], axis=2), sample)


def plan_colour(info: ClipInfo, target: Path | str, sample: str, wish: ColourWish = NO_WISH) -> ColourPlan:
    """The way from a source through model space to a target file written in `sample` format.

    Args:
        info: the source as its headers describe it.
        target: the target's path.
        sample: sample format of the target, such as `uint8`.
        wish: names of colour spaces that were given.

    Raises:
        InvalidSettings: for unknown names, a missing OpenColorIO where names were given, and for HDR video
            that is to become scene-linear without them.
    """
    extension = Path(target).suffix.lower()
    is_linear = extension in (".exr", ".hdr") or (sample.startswith("float") and info.is_scene_linear)
    premultiplied = info.has_alpha and (
        extension == ".exr" or (extension in _KEEPING and info.is_premultiplied)
    )
    if wish.source or wish.target:
        plan = _named_plan(info, is_linear, wish)
        are_codes = plan.target_codes_multiplied
    else:
        are_codes = not is_linear
        plan = _plain_plan(info, extension, is_linear)
        plan = replace(plan, warnings=(*plan.warnings, *_unused_config(wish)))
    return replace(
        plan,
        source_premultiplied=info.is_premultiplied,
        target_premultiplied=premultiplied,
        source_codes_multiplied=info.is_premultiplied and plan.curve is None,
        target_codes_multiplied=premultiplied and extension in _KEEPING and are_codes,
        identity=f"{plan.identity} alpha {info.is_premultiplied:d}{premultiplied:d}",
    )


def _unused_config(wish: ColourWish) -> tuple[str, ...]:
    """A sentence where a config is given for nothing. Raises InvalidSettings when it cannot be read."""
    if not wish.config:
        return ()
    colour_config(wish.config)
    return (
        f"The OpenColorIO config {wish.config} is not used for source and target: no colour space is named of"
        " either.",
    )


def _plain_plan(info: ClipInfo, extension: str, target_is_linear: bool) -> ColourPlan:
    if info.is_scene_linear and (target_is_linear or _names_linear_itself(info, extension)):
        is_as_source = info.sample.startswith("float") or not target_is_linear
        label = {} if is_as_source else _linear_label(info.chromaticities)
        return ColourPlan(
            "acescct",
            enter=_light_to_codes,
            light=acescct_decode,
            keeps_colour=not label,
            curve=ACESCCT,
            attributes=label,
            warnings=_unnamed_primaries(info, extension),
        )
    if info.is_scene_linear:
        return ColourPlan(
            f"acescct to srgb {info.chromaticities}",
            enter=_light_to_codes,
            light=acescct_decode,
            finish=_DisplayEncode(info.chromaticities or primaries.REC709),
            keeps_colour=False,
            curve=ACESCCT,
            warnings=(
                f"{info.path} holds linear light, which {extension} is written without: it becomes sRGB, and"
                " colours brighter than white or outside its gamut are clipped; write .exr to keep them.",
            ),
        )
    meaning = meaning_of(info)
    if target_is_linear:
        return _to_linear(info, meaning)
    label = label_of(info, meaning, extension)
    if label is not None:
        warnings = _unnamed_codes(info, extension)
        return ColourPlan("as it is", tags=label.tags, attributes=label.attributes, warnings=warnings)
    return ColourPlan(
        f"{meaning.identity} to srgb",
        light=meaning.to_light,
        finish=_DisplayEncode(meaning.chromaticities),
        keeps_colour=False,
        warnings=(
            f"{extension} cannot label the colours of {info.path}; they are converted to sRGB, and colours"
            " outside its gamut are clipped.",
        ),
    )


def _names_linear_itself(info: ClipInfo, extension: str) -> bool:
    """Whether integers that are tagged as linear light come to a file of the same kind."""
    return extension == ".dpx" and info.pattern is not None and info.pattern.extension == extension


def _unnamed_primaries(info: ClipInfo, extension: str) -> tuple[str, ...]:
    """A sentence where light on primaries of its own comes to a file that cannot name them."""
    source_chromaticities = info.chromaticities
    if (
        source_chromaticities is None
        or extension == ".exr"
        or primaries.are_alike(source_chromaticities, primaries.REC709)
    ):
        return ()
    return (
        f"The light of {info.path} is on primaries that {extension} cannot name; it is written unchanged:"
        " name --input-colour and --output-colour to convert it.",
    )


def _unnamed_codes(info: ClipInfo, extension: str) -> tuple[str, ...]:
    """A sentence where codes of a kind of their own come to a file that cannot label them."""
    codes = codes_kept(info)
    names_hdr = extension == ".png" or extension not in PICTURE_EXTENSIONS
    if not codes or (names_hdr if info.colour.is_hdr else extension == ".dpx"):
        return ()
    return (
        f"The codes of {info.path} are {codes}, which {extension} cannot label; they are written unchanged:"
        " name --input-colour and --output-colour to convert them.",
    )


def _to_linear(info: ClipInfo, meaning: ColourMeaning) -> ColourPlan:
    """Codes to light on primaries that have a name: their own, else Rec.709's."""
    if info.colour.is_hdr:
        raise InvalidSettings(
            f"{info.path} is {info.colour.describe()} video; to write it as scene-linear pictures name"
            " --input-colour and --output-colour, such as 'Rec.2100-PQ - Display' and 'ACEScg'."
        )
    unread: tuple[str, ...] = ()
    if codes := codes_kept(info):
        unread = (
            f"The codes of {info.path} are {codes} and are taken for sRGB; name their space with"
            " --input-colour.",
        )
    if has_unread_profile(info):
        unread = (f"The colour profile in {info.path} cannot be read; its colours are taken for sRGB.",)
    space = space_of_primaries(meaning.chromaticities)
    steps = "srgb" if meaning.is_srgb else meaning.identity
    return ColourPlan(
        f"{steps} to linear",
        light=meaning.to_light if space else _Chain(meaning.to_light, _OnRec709(meaning.chromaticities)),
        keeps_colour=False,
        attributes=light_attributes(space or LINEAR_709),
        warnings=unread,
    )


class _OnRec709:
    """Light on some primaries on those of Rec.709."""

    def __init__(self, source: Chromaticities) -> None:
        self._source = source

    def __call__(self, light: FloatPixels) -> FloatPixels:
        return on_primaries(light, self._source, primaries.REC709)


def _linear_label(chromaticities: Sequence[float] | None) -> dict[str, Attribute]:
    """Header values for linear light on these primaries, None for what is meant where nothing is named."""
    chosen = tuple(chromaticities or primaries.REC709)
    name = space_of_primaries(chosen)
    label = {"chromaticities": Attribute("float[8]", chosen)}
    return label | ({"oiio:ColorSpace": Attribute("string", name)} if name else {})


def _light_to_codes(pixels: NDArray[Any]) -> FloatPixels:
    """Light as a file has it, floats or integers that are tagged as linear, to ACEScct codes."""
    return acescct_encode(pixels if pixels.dtype.kind == "f" else to_finite(pixels))


class _DisplayEncode:
    """Linear light on some primaries to sRGB codes, what lies outside its gamut or range cut off."""

    def __init__(self, source: Sequence[float]) -> None:
        alike = primaries.are_alike(source, primaries.REC709)
        self._matrix = None if alike else primaries.conversion(source, primaries.REC709)

    def __call__(self, linear: FloatPixels) -> FloatPixels:
        if self._matrix is not None:
            linear = cast("FloatPixels", cv2.transform(linear, self._matrix))
        return srgb_encode(np.clip(linear, np.float32(0), np.float32(1)))


def _named_plan(info: ClipInfo, target_is_linear: bool, wish: ColourWish) -> ColourPlan:
    config = colour_config(wish.config)
    source = config.canonical_name(wish.source) if wish.source else space_of(info, config)
    target = (
        config.canonical_name(wish.target) if wish.target else usual_target(config, source, target_is_linear)
    )
    is_linear = config.is_scene_linear(source)
    # Alpha is multiplied in light: where only the source is linear, its values are gone through on the way.
    between = target if config.is_scene_linear(target) or not is_linear else source
    way = _named_way(config, source, between, is_linear)
    finish = config.transform(between, target)
    files = _files_of(way.inwards, way.onwards, finish)
    reading = " ".join(filter(None, (config.identity, f"{source} via {way.carrier}", _files_of(way.inwards))))
    return ColourPlan(
        " ".join(filter(None, ("ocio", config.identity, f"{source} via {way.carrier} to {target}", files))),
        enter=way.enter,
        light=way.light,
        finish=finish,
        target_codes_multiplied=not config.is_scene_linear(target),
        keeps_colour=source == target,
        curve=ACESCCT if is_linear else None,
        reading=reading,
        tags=info.colour if source == target and info.kind == "movie" else tags_of_space(config, target),
        attributes={} if source == target else linear_attributes(config, target),
    )


@dataclass(frozen=True)
class _NamedWay:
    """From a named space into model space and from there to the space `between`.

    carrier: what model space holds, for identities. inwards, onwards: what the steps are made of.
    """

    carrier: str
    enter: Step
    light: Step | None
    inwards: OcioTransform | None = None
    onwards: OcioTransform | None = None


def _files_of(*transforms: OcioTransform | None) -> str:
    """Identity of the files that these are made of."""
    return "".join(transform.identity for transform in transforms if transform is not None)


def _named_way(config: ColourConfig, source: str, between: str, is_linear: bool) -> _NamedWay:
    if is_linear and not config.is_built_in:
        # As without names: ACEScct's curve on the source's own primaries needs no space of the config.
        onwards = config.transform(source, between)
        return _NamedWay("curve", _light_to_codes, _Chain(acescct_decode, onwards), None, onwards)
    carrier = _LOG_CARRIER if is_linear else source
    inwards, onwards = config.transform(source, carrier), config.transform(carrier, between)
    enter = _Chain(to_finite if is_linear else codes_to_finite, inwards)
    return _NamedWay(carrier, enter, onwards, inwards, onwards)


class _Chain:
    """One step after another."""

    def __init__(self, first: Step, then: Step | None) -> None:
        self._first, self._then = first, then

    def __call__(self, pixels: Any) -> FloatPixels:
        converted = self._first(pixels)
        return converted if self._then is None else self._then(converted)
