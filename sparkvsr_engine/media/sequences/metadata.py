"""What goes into the headers of written pictures: the source's own metadata, as far as it stays true."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.sequences.numbering import NumberedPattern
from sparkvsr_engine.media.sequences.pictures import Attribute, read_header
from sparkvsr_engine.media.timecode import Timecode

Attributes = Mapping[str, Attribute]

# Facts about how the source's bytes lie in its file; they do not hold for the picture that is written.
_LAYOUT = frozenset(
    {
        "Orientation",
        "compression",
        "planarconfig",
        "screenWindowCenter",
        "screenWindowWidth",
        "DateTime",
        "Software",
        "textureformat",
        "wrapmodes",
        "tileWidth",
        "ResolutionUnit",
        "XResolution",
        "YResolution",
        "ExposureProgram",
    }
)
_LAYOUT_PREFIXES = (
    "oiio:",
    "openexr:",
    "tiff:",
    "png:",
    "jpeg:",
    "dpx:",
    "bmp:",
    "webp:",
    "thumbnail",
    "ICCProfile:",
    "maketx:",
)

_COLOUR = frozenset(
    {
        "chromaticities",
        "colorInteropID",
        "ICCProfile",
        "CICP",
        "adoptedNeutral",
        "whiteLuminance",
    }
)
_COLOUR_PREFIXES = ("oiio:ColorSpace", "oiio:Gamma", "acesImageContainerFlag")

TIMECODE = "smpte:TimeCode"
RATE = "FramesPerSecond"
PIXEL_ASPECT = "PixelAspectRatio"
CICP = "CICP"


class FrameMetadata:
    """The attributes of every frame of one output.

    keeps_colour: whether the written values mean the same colours as the source's; when they do not, the
        source's colour attributes are left out and `colour` says what the values are.
    """

    def __init__(self, info: ClipInfo, keeps_colour: bool, colour: Attributes | None = None) -> None:
        self._info = info
        self._keeps_colour = keeps_colour
        self._colour = dict(colour or {})

    def of(self, number: int) -> dict[str, Attribute]:
        """Attributes of frame `number`, in the source's numbers.

        A sequence's frames bring their own; a movie's get its rate, pixel aspect and timecode.
        Raises MediaUnreadable when the source's frame is gone.
        """
        if self._info.pattern is None:
            found = _of_movie(self._info, number)
        else:
            found = _of_picture(self._info.pattern, number, self._keeps_colour)
        return {**found, **self._colour}


def _of_picture(pattern: NumberedPattern, number: int, keeps_colour: bool) -> dict[str, Attribute]:
    header = read_header(pattern.path_of(number))
    return {
        name: attribute
        for name, attribute in header.attributes.items()
        if (is_colour(name) and keeps_colour) or not (is_colour(name) or _is_layout(name))
    }


def _of_movie(info: ClipInfo, number: int) -> dict[str, Attribute]:
    found: dict[str, Attribute] = {}
    if info.rate:
        found[RATE] = Attribute("rational", (info.rate.numerator, info.rate.denominator))
    if info.pixel_aspect != 1:
        found[PIXEL_ASPECT] = Attribute("float", float(info.pixel_aspect))
    start = Timecode.parse(info.timecode)
    if start:
        code = start.advanced(number - info.available.start, info.rate or Fraction(24))
        found[TIMECODE] = Attribute("timecode", (code.pack(), 0))
    return found


def is_colour(name: str) -> bool:
    """Whether an attribute says what the values mean as colours."""
    return name in _COLOUR or name.startswith(_COLOUR_PREFIXES)


def _is_layout(name: str) -> bool:
    return name in _LAYOUT or name.startswith(_LAYOUT_PREFIXES)
