"""Whether a display-referred target can label its colours, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.colours.meaning import ColourMeaning
from sparkvsr_engine.media.colours.tags import (
    BT709,
    SRGB_TAGS,
    SRGB_TRANSFER,
    UNSPECIFIED,
    UNTAGGED,
    ColourTags,
)
from sparkvsr_engine.media.sequences.numbering import PICTURE_EXTENSIONS
from sparkvsr_engine.media.sequences.picture_files.metadata import CICP
from sparkvsr_engine.media.sequences.picture_files.pictures import Attribute

# Formats a profile comes along to.
_PROFILED = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
_CODE_POINTS = {primaries.P3_D65: 12, primaries.P3_DCI: 11, primaries.REC2020: 9}
_MATRICES = {9: 9}


@dataclass(frozen=True)
class Label:
    """tags: for a movie target. attributes: for a picture target, beside the source's own."""

    tags: ColourTags = SRGB_TAGS
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])


def label_of(info: ClipInfo, meaning: ColourMeaning, extension: str) -> Label | None:
    """How a file of this kind labels the source's codes; None where it cannot.

    What is meant where nothing is named needs no label, and HDR video keeps its codes in any case.

    Args:
        info: the source as its headers describe it.
        meaning: what the source's codes mean.
        extension: ending of the file's name, with its dot.
    """
    is_movie_target = extension not in PICTURE_EXTENSIONS
    source_tags = SRGB_TAGS if info.kind == "sequence" and info.colour == UNTAGGED else info.colour
    if info.kind == "movie" and (is_movie_target or info.colour.is_hdr or extension == ".png"):
        return Label(source_tags, _code_points(info.colour))
    if meaning.is_srgb or info.colour.is_hdr:
        return Label(source_tags)
    if meaning.profile:
        return Label(source_tags) if extension in _PROFILED else None
    if meaning.power:
        # The source's own gamma comes along, beside the primaries that need no label.
        is_labelled = extension == ".png" and primaries.are_alike(meaning.chromaticities, primaries.REC709)
        return Label(source_tags) if is_labelled else None
    point = next(
        (code for at, code in _CODE_POINTS.items() if primaries.are_alike(at, meaning.chromaticities)), 0
    )
    if not point or not (is_movie_target or extension == ".png"):
        return None
    tags = ColourTags(point, SRGB_TRANSFER, _MATRICES.get(point, BT709), full_range=False)
    return Label(tags, _code_points(tags))


def _code_points(tags: ColourTags) -> dict[str, Attribute]:
    """A PNG's labels of codes that are not what a picture is taken for, BT.709 or sRGB."""
    if tags.primaries in (BT709, UNSPECIFIED) and not tags.is_hdr:
        return {}
    return {CICP: Attribute("int[4]", (tags.primaries, tags.transfer, 0, 1))}
