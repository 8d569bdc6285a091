"""Colour spaces that files mean without naming them, found in a config by their usual names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.colours.meaning import Chromaticities, meaning_of
from sparkvsr_engine.media.colours.ocio import ColourConfig
from sparkvsr_engine.media.colours.tags import BT2020, SRGB_TAGS, ColourTags
from sparkvsr_engine.media.sequences.picture_files.pictures import Attribute

LINEAR_709 = "Linear Rec.709 (sRGB)"
# Names in ACES configs from 1.0.3 on, most usual first.
_SRGB = ("sRGB - Texture", "srgb_tx", "Utility - sRGB - Texture", "sRGB")
_LINEAR: dict[Chromaticities, tuple[str, ...]] = {
    primaries.AP1: ("ACEScg", "ACES - ACEScg", "lin_ap1"),
    primaries.AP0: ("ACES2065-1", "ACES - ACES2065-1", "lin_ap0"),
    primaries.REC709: (LINEAR_709, "lin_rec709", "lin_srgb", "Utility - Linear - sRGB"),
    primaries.REC2020: ("Linear Rec.2020", "lin_rec2020", "Utility - Linear - Rec.2020"),
    primaries.P3_D65: ("Linear P3-D65", "lin_p3d65", "Utility - Linear - P3-D65"),
}
_TAGS: tuple[tuple[tuple[str, ...], ColourTags], ...] = (
    (_SRGB, SRGB_TAGS),
    (("sRGB - Display",), SRGB_TAGS),
    (("Rec.1886 Rec.709 - Display",), ColourTags(1, 1, 1, full_range=False)),
    (("Gamma 2.4 Rec.709 - Texture",), ColourTags(1, 1, 1, full_range=False)),
    (("Rec.2100-PQ - Display",), ColourTags(9, 16, 9, full_range=False)),
    (("Display P3 - Display",), ColourTags(12, 13, 1, full_range=False)),
)


def space_of_primaries(chromaticities: Sequence[float]) -> str:
    """The usual name of linear light on these, empty where it has none."""
    return next((names[0] for names in _linear_names(chromaticities)), "")


def linear_space_of(config: ColourConfig, chromaticities: Chromaticities) -> str:
    """A config's space of linear light on these primaries, empty where it has none by a usual name."""
    return next(filter(None, map(config.find, _linear_names(chromaticities))), "")


def _linear_names(chromaticities: Sequence[float]) -> Iterator[tuple[str, ...]]:
    """Usual names of linear light on these primaries."""
    for usual_primaries, names in _LINEAR.items():
        if primaries.are_alike(usual_primaries, chromaticities):
            yield names


def any_linear_space(config: ColourConfig) -> tuple[str, Chromaticities] | None:
    """A config's space of linear light on primaries that are certain, and those; None where it has none."""
    spaces = (
        (linear_space_of(config, known_primaries), known_primaries)
        for known_primaries in (primaries.REC709, *_LINEAR)
    )
    return next((pair for pair in spaces if pair[0]), None)


def space_of(info: ClipInfo, config: ColourConfig) -> str:
    """The config's space of a source that the user named none of.

    Raises InvalidSettings where the file does not name one, or the config has no such space by a usual name.
    """
    space = ""
    if info.is_scene_linear:
        space = linear_space_of(config, tuple(info.chromaticities or primaries.REC709))
    elif not info.colour.is_hdr and info.colour.primaries != BT2020 and meaning_of(info).is_srgb:
        space = config.find(_SRGB)
    if not space:
        raise InvalidSettings(
            f"the colours of {info.path} are not labelled well enough; name its space with --input-colour."
        )
    return space


def usual_target(config: ColourConfig, source: str, is_linear: bool) -> str:
    """The space of a target that the user named none of.

    Args:
        config: the OpenColorIO config.
        source: name of the source's colour space.
        is_linear: its kind of file holds light.

    Raises:
        InvalidSettings: where the config has none by a usual name.
    """
    if config.is_scene_linear(source) == is_linear:
        return source
    space = linear_space_of(config, primaries.REC709) if is_linear else config.find(_SRGB)
    if not space:
        kind = "linear Rec.709" if is_linear else "sRGB"
        raise InvalidSettings(
            f"{config.location} has no {kind} space by a usual name; name the target's with --output-colour."
        )
    return space


def light_attributes(name: str) -> dict[str, Attribute]:
    """Header values that label a picture as linear light in the space of this usual name."""
    return _attributes(name, lambda names: names[0] == name)


def linear_attributes(config: ColourConfig, space: str) -> dict[str, Attribute]:
    """Header values that label a picture as in this space of a config."""
    return _attributes(space, lambda names: config.find(names) == space)


def _attributes(space: str, is_space: Callable[[tuple[str, ...]], bool]) -> dict[str, Attribute]:
    attributes = {"oiio:ColorSpace": Attribute("string", space)}
    for usual_primaries, names in _LINEAR.items():
        if is_space(names):
            attributes["chromaticities"] = Attribute("float[8]", tuple(usual_primaries))
    return attributes


def tags_of_space(config: ColourConfig, space: str) -> ColourTags:
    """A movie's tags that label its values as in this space; unspecified where there are none."""
    return next((tags for names, tags in _TAGS if config.find(names) == space), ColourTags())
