"""What a numbered sequence is, from the header of its first frame."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.colours.meaning import FILM_LOG, chromaticities_of_name
from sparkvsr_engine.media.colours.tags import UNTAGGED, ColourTags
from sparkvsr_engine.media.orientation import UPRIGHT
from sparkvsr_engine.media.sequences.numbering import NumberedPattern
from sparkvsr_engine.media.sequences.picture_files.alpha_words import STRAIGHT_ALPHA
from sparkvsr_engine.media.sequences.picture_files.layers import Layer
from sparkvsr_engine.media.sequences.picture_files.metadata import CICP, PIXEL_ASPECT, RATES, TIMECODE
from sparkvsr_engine.media.sequences.picture_files.pictures import PictureHeader, read_header
from sparkvsr_engine.media.sequences.picture_files.png_chunks import png_chromaticities
from sparkvsr_engine.media.sequences.standing_in import nearest_whole
from sparkvsr_engine.media.timecode import Timecode

EXR = (".exr", ".sxr")
_LOSSES = {
    "int8": "values below 0 become black",
    "int16": "values below 0 become black",
    "int": "values below 0 become black, bits beyond the 16 highest are lost",
    "uint": "bits beyond the 16 highest are lost",
    "double": "digits beyond 7 are lost",
}


def describe_sequence(
    path: str, pattern: NumberedPattern, available: FrameSpan, span: FrameSpan, identity: str
) -> ClipInfo:
    """The clip of a sequence whose frames are known to be there; the first frame of `span` is looked at,
    where that is damaged the nearest whole one.

    Args:
        path: the file's path.
        pattern: how the files are named.
        available: the frames that the source has.
        span: the frames asked for.
        identity: of the source, a part of content keys.

    Raises:
        MediaUnreadable: where the source cannot be read.
    """
    looked_at, header = nearest_whole(span.first, span, lambda number: read_header(pattern.path_of(number)))
    rate = _rate(header)
    return ClipInfo(
        path=path,
        kind="sequence",
        width=header.width,
        height=header.height,
        available=available,
        span=span,
        rate=rate,
        sample=header.sample,
        bit_depth=header.bit_depth,
        pixel_format=f"{pattern.extension[1:]} {header.sample}",
        identity=identity,
        pattern=pattern,
        duration=len(available) / rate if rate else None,
        has_alpha=header.channels.has_alpha,
        is_premultiplied=header.channels.has_alpha and STRAIGHT_ALPHA not in header.attributes,
        is_grey=header.channels.is_grey,
        picture_layer=_renamed_layer(header),
        picture_channels=picture_channels(header),
        channel_samples=header.channel_samples,
        beside=layer_names(header),
        can_carry=pattern.extension in EXR and header.orientation == UPRIGHT,
        has_overscan=header.window.has_overscan,
        colour=_tags(header),
        colour_space=_colour_space(header),
        chromaticities=_chromaticities(header),
        profile=_profile(header),
        pixel_aspect=Fraction(header.number(PIXEL_ASPECT) or 1).limit_denominator(1000),
        timecode=_timecode(header, rate, available.start - looked_at),
        notes=tuple(_notes(header)),
    )


def describe_picture(path: Path) -> ClipInfo:
    """A picture by itself, of any name, as a clip of one frame; raises MediaUnreadable."""
    pattern = NumberedPattern(path.parent, path.stem, 0, path.suffix, only=path.name)
    alone = FrameSpan(0, 1)
    return describe_sequence(str(path), pattern, alone, alone, "")


def _notes(header: PictureHeader) -> Iterator[str]:
    """What of a picture's kind is not carried over."""
    if header.has_pages:
        yield (
            f"{header.path} has several pages, of which the first alone is read; save the others as files of"
            " their own."
        )
    if header.has_unsaid_alpha:
        yield (
            f"{header.path} does not mark whether its colours are multiplied by its alpha channel; they are"
            " taken as multiplied."
        )
    if loss := _LOSSES.get(header.stored):
        yield f"{header.path} holds {header.stored} values, which are read as {header.sample}: {loss}."


def layer_names(header: PictureHeader) -> tuple[str, ...]:
    """The layers beside the picture, as people call them."""
    return tuple(dict.fromkeys(_name_of(layer, header) for layer in header.parts.beside))


def colour_words(header: PictureHeader) -> tuple[object, ...]:
    """All labels of colours in a header; equal for frames that mean the same."""
    return (
        _colour_space(header),
        _chromaticities(header),
        _profile(header),
        _tags(header),
        header.channels.has_alpha and STRAIGHT_ALPHA in header.attributes,
    )


def picture_channels(header: PictureHeader) -> tuple[str, ...]:
    """How the picture's channels are called when they are the main layer of a file."""
    choice = header.channels
    if not choice.is_grey:
        return ("R", "G", "B", "A")[: len(choice.indices)]
    part_channels = header.parts.names[choice.part].channels[
        choice.first if not choice.has_alpha else choice.indices[0]
    ]
    return (part_channels.rpartition(".")[2], "A")[: 1 + choice.has_alpha]


def _renamed_layer(header: PictureHeader) -> str:
    """The picture's layer where its channels bear its name, which a result's main layer does not."""
    choice = header.channels
    return choice.layer if "." in header.parts.names[choice.part].channels[choice.first] else ""


def _name_of(layer: Layer, header: PictureHeader) -> str:
    """A layer as people call it: its name, or its channels' where it is part of the main one."""
    names = header.parts.names[layer.part].channels
    return layer.label or "".join(names[index] for index in layer.indices)


def _rate(header: PictureHeader) -> Fraction | None:
    """Frames per second as EXR (a rational) or DPX (a float near one) has it."""
    for name in RATES:
        rate = header.attributes.get(name)
        if rate is not None and rate.kind == "rational" and rate.value[1]:
            return Fraction(int(rate.value[0]), int(rate.value[1]))
    number = next((number for name in RATES if (number := header.number(name))), 0.0)
    if not 1.0 <= number <= 1000.0:
        return None
    over_1001 = Fraction(round(number * 1.001) * 1000, 1001)
    return over_1001 if abs(number - over_1001) < 0.005 else Fraction(number).limit_denominator(1000)


def _colour_space(header: PictureHeader) -> str:
    """By OpenImageIO's word, which has none for the printing density of film scans."""
    is_density = header.text("dpx:Transfer") == "Printing density"
    return header.text("oiio:ColorSpace") or (FILM_LOG if is_density else "")


def _chromaticities(header: PictureHeader) -> tuple[float, ...] | None:
    """As the header has it, else as the colour space's name or PNG's own chunk does."""
    values = header.attributes.get("chromaticities")
    if values is not None:
        return tuple(float(value) for value in values.value)
    by_name = chromaticities_of_name(header.text("oiio:ColorSpace"))
    return by_name or (png_chromaticities(header.path) if header.path.suffix.lower() == ".png" else None)


def _profile(header: PictureHeader) -> bytes:
    profile = header.attributes.get("ICCProfile")
    # What is linear light is coded by no profile, though some programs embed one.
    if profile is None or header.sample.startswith("float"):
        return b""
    return np.asarray(profile.value, np.uint8).tobytes()


def _tags(header: PictureHeader) -> ColourTags:
    """The H.273 code points a PNG may have; its range is that of RGB and has no meaning for YUV."""
    code_points = header.attributes.get(CICP)
    if code_points is None or len(code_points.value) != 4:
        return UNTAGGED
    primaries, transfer, matrix = (int(value) for value in code_points.value[:3])
    return ColourTags(primaries, transfer, matrix)


def _timecode(header: PictureHeader, rate: Fraction | None, back_to_first: int) -> str:
    """The timecode of the first available frame, counted back from the frame that was looked at."""
    timecode = header.attributes.get(TIMECODE)
    if timecode is None or timecode.kind != "timecode":
        return ""
    here = Timecode.unpack(int(timecode.value[0]))
    return str(here.advanced(back_to_first, rate or Fraction(24)))
