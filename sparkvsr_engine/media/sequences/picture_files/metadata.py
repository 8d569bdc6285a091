"""What goes into the headers of written pictures: the source's own metadata, as far as it stays true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.sequences.picture_files.pictures import Attribute, read_header
from sparkvsr_engine.media.sequences.standing_in import nearest_whole
from sparkvsr_engine.media.timecode import Timecode

Attributes = Mapping[str, Attribute]

# SMPTE ST 2065-4: a file of that layout, uncompressed; writers refuse the flag in any other.
_ACES = "acesImageContainerFlag"
# Facts about how the source's bytes lie in its file; they do not hold for the picture that is written.
_LAYOUT = frozenset(
    {
        "Orientation",
        "compression",
        "planarconfig",
        "name",
        "Software",
        "textureformat",
        "wrapmodes",
        "tileWidth",
        "ResolutionUnit",
        "XResolution",
        "YResolution",
        "ExposureProgram",
        _ACES,
    }
)
_LAYOUT_PREFIXES = (
    "oiio:",
    "openexr:",
    "tiff:",
    "png:",
    "jpeg:",
    "dpx:ImageDescriptor",
    "dpx:EndOf",
    "dpx:Version",
    "dpx:Packing",
    "dpx:Encoding",
    "dpx:Signal",
    "dpx:UserData",
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
_COLOUR_PREFIXES = (
    "oiio:ColorSpace",
    "oiio:Gamma",
    "dpx:Transfer",
    "dpx:Colorimetric",
)
# What is true only of a file that holds the layers it names.
_OF_LAYERS = ("multiView", "cryptomatte/")

# What counts pixels of the picture: two corners, the last pixel included, or one number for all sides.
_WINDOWS = ("cropWindow", "originalDataWindow")
_MARGIN = "overscan"

TIMECODE = "smpte:TimeCode"
RATES = ("framesPerSecond", "FramesPerSecond", "dpx:FrameRate", "dpx:TemporalFrameRate")
"""What formats call it: the OpenEXR standard's name, the same as OpenImageIO lists it, DPX's two."""
PIXEL_ASPECT = "PixelAspectRatio"
CICP = "CICP"


class FrameMetadata:
    """The attributes of every frame of one output.

    keeps_colour: whether the written values mean the same colours as the source's; when they do not, the
        source's colour attributes are left out and `colour` labels the values.
    pixel_aspect: of the result. carries_layers: whether the source's other layers come along.
    extension: of the result's files, which decides how they call what a source calls otherwise.
    enlarged: result's width and height over the source's.
    """

    def __init__(
        self,
        info: ClipInfo,
        keeps_colour: bool,
        colour: Attributes | None = None,
        pixel_aspect: Fraction | None = None,
        carries_layers: bool = False,
        extension: str = ".exr",
        enlarged: tuple[Fraction, Fraction] = (Fraction(1), Fraction(1)),
    ) -> None:
        self._enlarged = enlarged
        self._info = info
        self._keeps_colour = keeps_colour
        self._attributes = dict(colour or {})
        self._carries_layers = carries_layers
        self._rate = _rate_as(extension, info.rate)
        if pixel_aspect is not None and pixel_aspect != info.pixel_aspect:
            self._attributes[PIXEL_ASPECT] = Attribute("float", float(pixel_aspect))

    def of(self, number: int) -> dict[str, Attribute]:
        """Attributes of frame `number`, in the source's numbers.

        A sequence's frames bring their own; a movie's get its rate, pixel aspect and timecode. A damaged
        frame gets those of the frame it shows, counted on.
        Raises MediaUnreadable when the source's frame is gone.
        """
        pattern = self._info.pattern
        if pattern is None:
            attributes = _of_movie(self._info, number)
        else:
            shown_number, header = nearest_whole(
                number, self._info.available, lambda at: read_header(pattern.path_of(at))
            )
            attributes = self.still_true(
                _counted_on(header.attributes, number - shown_number, self._info.rate)
            )
        rate = {} if set(self._rate) & set(attributes) else self._rate
        return {**attributes, **rate, **self._attributes}

    def still_true(self, attributes: Attributes) -> dict[str, Attribute]:
        """Those of a source's attributes that hold for the result."""
        valid = {
            name: _enlarged(name, attribute, self._enlarged)
            for name, attribute in attributes.items()
            if self._holds(name)
        }
        return {**valid, **_environment(attributes), **self._implied_primaries(attributes)}

    def _implied_primaries(self, attributes: Attributes) -> dict[str, Attribute]:
        """Those of an ACES container that does not name them: its flag, which does, is left out."""
        if not self._keeps_colour or _ACES not in attributes or "chromaticities" in attributes:
            return {}
        return {"chromaticities": Attribute("float[8]", primaries.AP0)}

    def _holds(self, name: str) -> bool:
        if is_colour(name):
            return self._keeps_colour
        if name.startswith(_OF_LAYERS):
            return self._carries_layers
        return not _is_layout(name)


def _enlarged(name: str, attribute: Attribute, by: tuple[Fraction, Fraction]) -> Attribute:
    """What counts pixels of a source, in those of its result; a margin grows by the larger of both sides."""
    if by == (1, 1):
        return attribute
    if name in _WINDOWS and attribute.kind in ("vector2i[2]", "box2i"):
        left, top, right, bottom = np.ravel(attribute.value).tolist()
        last = ((right + 1) * by[0] - 1, (bottom + 1) * by[1] - 1)
        corners = tuple(round(value) for value in (left * by[0], top * by[1], *last))
        return replace(attribute, value=corners)
    if name == _MARGIN and attribute.kind == "int":
        return replace(attribute, value=round(attribute.value * max(by)))
    return attribute


def _of_movie(info: ClipInfo, number: int) -> dict[str, Attribute]:
    attributes: dict[str, Attribute] = {}
    if info.pixel_aspect != 1:
        attributes[PIXEL_ASPECT] = Attribute("float", float(info.pixel_aspect))
    start = Timecode.parse(info.timecode)
    if start:
        code = start.advanced(number - info.available.start, info.rate or Fraction(24))
        attributes[TIMECODE] = Attribute("timecode", (code.pack(), 0))
    return attributes


def _counted_on(attributes: Attributes, frames: int, rate: Fraction | None) -> Attributes:
    """The attributes with the timecode of that many frames later."""
    code = attributes.get(TIMECODE)
    if not frames or code is None or code.kind != "timecode":
        return attributes
    later = Timecode.unpack(int(code.value[0])).advanced(frames, rate or Fraction(24))
    return {**attributes, TIMECODE: Attribute("timecode", (later.pack(), *code.value[1:]))}


def _rate_as(extension: str, rate: Fraction | None) -> dict[str, Attribute]:
    """Frames per second as files of this kind write it."""
    if rate and extension == ".exr":
        return {RATES[0]: Attribute("rational", (rate.numerator, rate.denominator))}
    return {"dpx:FrameRate": Attribute("float", float(rate))} if rate and extension == ".dpx" else {}


def _environment(attributes: Attributes) -> dict[str, Attribute]:
    """That a picture is a whole surrounding; without its smaller levels, which are not written."""
    kind = attributes.get("textureformat")
    if kind is None or "Environment" not in str(kind.value):
        return {}
    return {"textureformat": kind, "openexr:levelmode": Attribute("int", 0)}


def is_colour(name: str) -> bool:
    """Whether an attribute labels the values as colours."""
    return name in _COLOUR or name.startswith(_COLOUR_PREFIXES)


def _is_layout(name: str) -> bool:
    return name in _LAYOUT or name.startswith(_LAYOUT_PREFIXES)
