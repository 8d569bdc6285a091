"""One picture file through OpenImageIO: its header, and its pixels as the file has them.

Alpha stays as it is stored (PNG's is not multiplied in, EXR's is), pixels come upright and lie in the
display window. Not here: writing (`media.images`), colour (`media.colour`), what lies beside the picture
(`carrying`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.media.faults import FrameDamaged, PictureFault, picture_faults
from sparkvsr_engine.media.file_names import require_text_name
from sparkvsr_engine.media.orientation import UPRIGHT, swaps_sides, upright
from sparkvsr_engine.media.sequences.numbering import PICTURE_EXTENSIONS
from sparkvsr_engine.media.sequences.picture_files.alpha_words import (
    STRAIGHT_ALPHA,
    alpha_is_straight,
    alpha_is_unsaid,
    is_grey_with_alpha,
)
from sparkvsr_engine.media.sequences.picture_files.channels import ChannelChoice, choose_picture
from sparkvsr_engine.media.sequences.picture_files.header_text import items_outside_header, readable_text
from sparkvsr_engine.media.sequences.picture_files.layers import Layer, PartNames

SAMPLE_OF = {"uint8": "uint8", "uint16": "uint16", "half": "float16", "float": "float32"}
OIIO_OF = {sample: kind for kind, sample in SAMPLE_OF.items()}
_SIDES = ("width", "height")
# Far beyond what fits into memory; damaged headers claim more.
_MOST_PIXELS = 1 << 32
# Formats a frame does not travel in go to the next one that holds every value of theirs that matters.
_WIDENED = {"int8": "uint8", "int16": "uint16", "uint": "uint16", "int": "uint16", "double": "float"}
_LEAST_GAMMA = 0.1
# TIFF's words for colours that come as they are stored, under the names of R, G and B.
_LAB = ("CIELAB", "ICCLAB", "ITULAB")


@dataclass(frozen=True)
class Attribute:
    """One named value of a picture's header.

    kind: OpenImageIO's name of its type; described: the type itself, where a name does not lead back to it.
    """

    kind: str
    value: Any
    described: Any = field(default=None, compare=False)


@dataclass(frozen=True)
class Window:
    """Where a part's pixels lie, and what of that is shown; both in pixels, on one grid."""

    x: int
    y: int
    width: int
    height: int
    full_x: int
    full_y: int
    full_width: int
    full_height: int

    @property
    def is_whole(self) -> bool:
        """Whether the pixels are what is shown, no more and no less."""
        return self.pixels == self.display

    @property
    def has_overscan(self) -> bool:
        """Whether some pixels lie outside what is shown."""
        (left, top, right, bottom), display = self.pixels, self.display
        return left < display[0] or top < display[1] or right > display[2] or bottom > display[3]

    @property
    def pixels(self) -> tuple[int, int, int, int]:
        """The edges of the pixels: left, top, right, bottom."""
        return self.x, self.y, self.x + self.width, self.y + self.height

    @property
    def display(self) -> tuple[int, int, int, int]:
        """The edges of what is shown: left, top, right, bottom."""
        return self.full_x, self.full_y, self.full_x + self.full_width, self.full_y + self.full_height


@dataclass(frozen=True, eq=False)
class PictureParts:
    """Every part of a file, the layers beside its picture, and which views and cryptomattes it names."""

    names: tuple[PartNames, ...]
    windows: tuple[Window, ...]
    attributes: tuple[Mapping[str, Attribute], ...]
    beside: tuple[Layer, ...] = ()


@dataclass(frozen=True, eq=False)
class PictureHeader:
    """What a picture's header holds; width and height are of the upright display window, in pixels.

    stored: the type of its values in the file, by OpenImageIO's word. has_pages: it holds more pictures
    of its size behind the first one. container: OpenImageIO's name of its format.
    """

    path: Path
    width: int
    height: int
    sample: str
    bit_depth: int
    channels: ChannelChoice
    orientation: int
    attributes: Mapping[str, Attribute]
    parts: PictureParts
    stored: str = ""
    has_pages: bool = False
    container: str = ""

    @property
    def has_unsaid_alpha(self) -> bool:
        """Whether the file leaves open if its colours are multiplied by its alpha."""
        names = self.parts.names[self.channels.part].channels
        return self.channels.has_alpha and alpha_is_unsaid(self.container, len(names))

    @property
    def window(self) -> Window:
        """Of the part that holds the picture."""
        return self.parts.windows[self.channels.part]

    @property
    def channel_samples(self) -> tuple[str, ...]:
        """The picture's channels' own types, in RGB(A) order; empty where all have that of the frame."""
        samples = self.parts.names[self.channels.part].samples
        picture_samples = tuple(samples[index] for index in self.channels.indices)
        return () if set(picture_samples) <= {OIIO_OF[self.sample]} else picture_samples

    def number(self, name: str) -> float | None:
        """A numeric attribute, None when it is absent."""
        attribute = self.attributes.get(name)
        return float(attribute.value) if attribute and isinstance(attribute.value, (int, float)) else None

    def text(self, name: str) -> str:
        """A text attribute, empty when it is absent."""
        attribute = self.attributes.get(name)
        return attribute.value if attribute and isinstance(attribute.value, str) else ""


def read_header(path: Path) -> PictureHeader:
    """Look at a picture's header.

    Raises MediaUnreadable, of which FrameDamaged where the file's content is to blame.
    """
    with picture_faults(path), opened(path) as image:
        return header_of(path, image)


def read_picture(path: Path) -> tuple[PictureHeader, Pixels]:
    """Header and pixels: [H, W, 3 or 4] in the file's own sample format, upright, in the display window.

    A grey picture comes as three equal channels.
    Raises MediaUnreadable, of which FrameDamaged where the file's content is to blame.
    """
    with picture_faults(path), opened(path) as image:
        header = header_of(path, image)
        choice = header.channels
        kind = oiio.TypeDesc(OIIO_OF[header.sample])
        stored = image.read_image(choice.part, 0, choice.first, choice.stop, kind)
        if stored is None or image.has_error:
            raise PictureFault(image.geterror() or "its pixels cannot be decoded")
        pixels = _picked(np.asarray(stored), choice)
        return header, upright(_in_display_window(pixels, header.window), header.orientation)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The open picture; raises PictureFault and OSError."""
    # Opening through the system first gives its reasons (missing, no permission), which OpenImageIO hides.
    path.open("rb").close()
    require_text_name(path)
    config = oiio.ImageSpec()
    config.attribute(STRAIGHT_ALPHA, 1)
    image = oiio.ImageInput.open(str(path), config)
    if image is None:
        reason = oiio.geterror() or "unknown format"
        if path.suffix.lower() not in PICTURE_EXTENSIONS:
            raise MediaUnreadable(
                f"{path} is of a format that is not read as a picture; save it as .png, .tif or .exr.",
                path=str(path),
            )
        raise PictureFault(reason)
    try:
        yield image
    finally:
        image.close()


def _specs(image: Any) -> list[Any]:
    """The header of every part, its largest picture. Parts of one EXR, but the first of other files alone."""
    specs = [image.spec()]
    if image.format_name() == "openexr":
        while image.seek_subimage(len(specs), 0):
            specs.append(image.spec())
        image.geterror()  # Asking for a part that is not there leaves an error behind.
        image.seek_subimage(0, 0)
    return specs


def _require_flat(path: Path, specs: Sequence[Any]) -> None:
    if any(spec.deep for spec in specs):
        raise MediaUnreadable(f"{path} holds deep pixels; flatten it first.", path=str(path))


def _require_rgb(path: Path, spec: Any) -> None:
    if spec.get_string_attribute("tiff:ColorSpace") in _LAB:
        sentence = f"{path} holds L*a*b* colours, which are not read; save it as RGB."
        raise MediaUnreadable(sentence, path=str(path))


def _shown_size(window: Window, orientation: int) -> tuple[int, int]:
    width, height = window.full_width, window.full_height
    return (height, width) if swaps_sides(orientation) else (width, height)


def _bits(spec: Any, sample: str) -> int:
    """Bits a channel; some files have the bits of a whole pixel in their place."""
    whole_bits = np.dtype(sample).itemsize * 8
    return min(spec.get_int_attribute("oiio:BitsPerSample", 0) or whole_bits, whole_bits)


def header_of(path: Path, image: Any) -> PictureHeader:
    """The header of an open picture; raises MediaUnreadable and PictureFault."""
    specs = _specs(image)
    width, height = (max(max(getattr(s, side), getattr(s, f"full_{side}")) for s in specs) for side in _SIDES)
    if width * height > _MOST_PIXELS:
        raise FrameDamaged(
            f"{path} claims to be {width}x{height}: its header is damaged; copy or export it again.",
            path=str(path),
        )
    _require_flat(path, specs)
    _require_rgb(path, specs[0])
    absent = items_outside_header(path)
    container = image.format_name()
    attributes = tuple(_attributes(spec, absent) | _alpha_word(spec, container) for spec in specs)
    parts = tuple(_names(spec, container) for spec in specs)
    first = attributes[0]
    choice = choose_picture(parts, _views(first), _cryptomattes(attributes), str(path))
    channels = choice.channels
    spec = specs[channels.part]
    sample = _sample(parts[channels.part], channels)
    orientation = spec.get_int_attribute("Orientation", UPRIGHT)
    windows = tuple(_window(spec) for spec in specs)
    window = windows[channels.part]
    width, height = _shown_size(window, orientation)
    bits = _bits(spec, sample)
    every = PictureParts(parts, windows, attributes, choice.beside)
    part_attributes = attributes[channels.part]
    stored = str(spec.format)
    pages = _has_pages(image, specs[0])
    return PictureHeader(
        path,
        width,
        height,
        sample,
        bits,
        channels,
        orientation,
        part_attributes,
        every,
        stored,
        pages,
        container,
    )


def _has_pages(image: Any, first: Any) -> bool:
    """Whether a TIFF or GIF goes on behind its first picture; a smaller one behind it is its thumbnail."""
    if image.format_name() not in ("tiff", "gif") or not image.seek_subimage(1, 0):
        image.geterror()
        return False
    second = image.spec()
    image.seek_subimage(0, 0)
    return (second.width, second.height) == (first.width, first.height)


def _attributes(spec: Any, absent: frozenset[str]) -> dict[str, Attribute]:
    absent |= _wrong_gamma(spec, absent)
    items = [item for item in spec.extra_attribs if item.name not in absent]
    return {item.name: Attribute(str(item.type), _value(item.value), item.type) for item in items}


def _alpha_word(spec: Any, container: str) -> dict[str, Attribute]:
    is_straight = alpha_is_straight(container, spec.nchannels)
    return {STRAIGHT_ALPHA: Attribute("int", 1)} if is_straight else {}


def _wrong_gamma(spec: Any, absent: frozenset[str]) -> frozenset[str]:
    """A gamma that is none, read from outside a header or left empty, and what was concluded from it."""
    gamma = spec.get_float_attribute("oiio:Gamma", 1.0)
    if "oiio:Gamma" in absent or not _LEAST_GAMMA <= gamma <= 1 / _LEAST_GAMMA:
        return frozenset({"oiio:Gamma", "oiio:ColorSpace"}) if "oiio:Gamma" in spec else frozenset()
    return frozenset()


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_value(part) for part in cast("tuple[Any, ...]", value))
    return readable_text(value) if isinstance(value, str) else value


def _names(spec: Any, container: str) -> PartNames:
    kinds = spec.channelformats or [spec.format] * spec.nchannels
    is_grey = is_grey_with_alpha(container, spec.nchannels)
    return PartNames(
        ("Y", "A") if is_grey else tuple(spec.channelnames),
        tuple(str(kind) for kind in kinds),
        spec.get_string_attribute("oiio:subimagename"),
        spec.get_string_attribute("view"),
    )


def _views(attributes: Mapping[str, Attribute]) -> tuple[str, ...]:
    views = attributes.get("multiView")
    if views is None:
        return ()
    return (views.value,) if isinstance(views.value, str) else tuple(str(view) for view in views.value)


def _cryptomattes(attributes: Sequence[Mapping[str, Attribute]]) -> frozenset[str]:
    """The layers that headers name as cryptomattes, without the numbers of their ranks."""
    return frozenset(
        str(attribute.value).rpartition(".")[2].rstrip("0123456789")
        for part in attributes
        for name, attribute in part.items()
        if name.startswith("cryptomatte/") and name.endswith("/name")
    )


def _sample(names: PartNames, choice: ChannelChoice) -> str:
    """The format frames travel in: the widest of the picture's own channels, whatever lies beside them."""
    kinds = [names.samples[index] for index in choice.indices]
    samples = [SAMPLE_OF.get(_WIDENED.get(kind, kind)) for kind in kinds]
    for sample in samples:
        if sample is None:
            raise PictureFault(f"pixels of type {kinds[samples.index(None)]} are not supported")
    return max((sample for sample in samples if sample), key=list(SAMPLE_OF.values()).index)


def _window(spec: Any) -> Window:
    return Window(
        spec.x,
        spec.y,
        spec.width,
        spec.height,
        spec.full_x,
        spec.full_y,
        spec.full_width or spec.width,
        spec.full_height or spec.height,
    )


def _picked(stored: Pixels, choice: ChannelChoice) -> Pixels:
    """The chosen channels of [H, W, stored channels]."""
    if stored.ndim == 2:
        stored = stored[..., None]
    indices = [index - choice.first for index in choice.indices]
    if indices == list(range(stored.shape[2])):
        return stored
    return np.ascontiguousarray(stored[..., indices])


def _in_display_window(pixels: Pixels, window: Window) -> Pixels:
    """Pixels of the data window placed in the display window, black around."""
    if window.is_whole:
        return pixels
    left, top = window.x - window.full_x, window.y - window.full_y
    canvas = np.zeros((window.full_height, window.full_width, pixels.shape[2]), pixels.dtype)
    rows = slice(max(top, 0), max(min(top + window.height, window.full_height), 0))
    columns = slice(max(left, 0), max(min(left + window.width, window.full_width), 0))
    part = pixels[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    canvas[rows, columns] = part
    return canvas
