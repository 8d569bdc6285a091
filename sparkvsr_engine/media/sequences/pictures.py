"""One picture file through OpenImageIO: its header, and its pixels as the file has them.

Alpha stays as it is stored (PNG's is not multiplied in, EXR's is), pixels come upright and lie in the
display window. Not here: writing (`media.images`), colour (`media.colour`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses

from bridge.errors import MediaUnreadable
from sparkvsr_engine.media.base import Pixels
from sparkvsr_engine.media.faults import PictureFault, media_faults
from sparkvsr_engine.media.orientation import UPRIGHT, swaps_sides, upright
from sparkvsr_engine.media.sequences.channels import ChannelChoice, choose_channels

SAMPLE_OF = {"uint8": "uint8", "uint16": "uint16", "half": "float16", "float": "float32"}
OIIO_OF = {sample: kind for kind, sample in SAMPLE_OF.items()}
# Formats a frame does not travel in go to the next one that holds every value of theirs that matters.
_WIDENED = {"int8": "uint8", "int16": "uint16", "uint32": "float", "int": "float", "double": "float"}


@dataclass(frozen=True)
class Attribute:
    """One named value of a picture's header; kind: OpenImageIO's name of its type."""

    kind: str
    value: Any


@dataclass(frozen=True, eq=False)
class PictureHeader:
    """What a picture's header says; width and height are of the upright display window, in pixels."""

    path: Path
    width: int
    height: int
    sample: str
    bit_depth: int
    channels: ChannelChoice
    orientation: int
    attributes: Mapping[str, Attribute]

    def number(self, name: str) -> float | None:
        """A numeric attribute, None when it is absent."""
        found = self.attributes.get(name)
        return float(found.value) if found and isinstance(found.value, (int, float)) else None

    def text(self, name: str) -> str:
        """A text attribute, empty when it is absent."""
        found = self.attributes.get(name)
        return found.value if found and isinstance(found.value, str) else ""


def read_header(path: Path) -> PictureHeader:
    """Look at a picture's header.

    Raises MediaUnreadable.
    """
    with media_faults(path, writing=False), _opened(path) as (_, spec):
        return _header(path, spec)


def read_picture(path: Path) -> tuple[PictureHeader, Pixels]:
    """Header and pixels: [H, W, 3 or 4] in the file's own sample format, upright, in the display window.

    A grey picture comes as three equal channels.
    Raises MediaUnreadable.
    """
    with media_faults(path, writing=False), _opened(path) as (image, spec):
        header = _header(path, spec)
        choice = header.channels
        stored = image.read_image(
            image.current_subimage(), 0, choice.first, choice.stop, oiio.TypeDesc(OIIO_OF[header.sample])
        )
        if stored is None or image.has_error:
            raise PictureFault(image.geterror() or "its pixels cannot be decoded")
        pixels = _picked(np.asarray(stored), choice)
        return header, upright(_in_display_window(pixels, spec), header.orientation)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """The open picture, at its first part that has colour, and that part's spec."""
    # Opening through the system first gives its reasons (missing, no permission), which OpenImageIO hides.
    path.open("rb").close()
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)
    image = oiio.ImageInput.open(str(path), config)
    if image is None:
        raise PictureFault(oiio.geterror() or "unknown format")
    try:
        yield image, _part_with_colour(image)
    finally:
        image.close()


def _part_with_colour(image: Any) -> Any:
    """The spec of the first part of a multi-part EXR with R, G and B; the first part when none has them."""
    part = 0
    while image.seek_subimage(part, 0):
        spec = image.spec()
        names = {name.rpartition(".")[2].upper() for name in spec.channelnames}
        if {"R", "G", "B"} <= names:
            return spec
        part += 1
    image.geterror()  # Asking for a part that is not there leaves an error behind.
    image.seek_subimage(0, 0)
    return image.spec()


def _header(path: Path, spec: Any) -> PictureHeader:
    if spec.deep:
        raise MediaUnreadable(f"{path} holds deep pixels; flatten it first.", path=str(path))
    kind = str(spec.format)
    sample = SAMPLE_OF.get(_WIDENED.get(kind, kind))
    if sample is None:
        raise PictureFault(f"pixels of type {kind} are not supported")
    attributes = {item.name: Attribute(str(item.type), item.value) for item in spec.extra_attribs}
    orientation = spec.get_int_attribute("Orientation", UPRIGHT)
    width, height = spec.full_width or spec.width, spec.full_height or spec.height
    if swaps_sides(orientation):
        width, height = height, width
    bits = spec.get_int_attribute("oiio:BitsPerSample", 0) or np.dtype(sample).itemsize * 8
    channels = choose_channels(spec.channelnames, str(path))
    return PictureHeader(path, width, height, sample, bits, channels, orientation, attributes)


def _picked(stored: Pixels, choice: ChannelChoice) -> Pixels:
    """The chosen channels of [H, W, stored channels]."""
    if stored.ndim == 2:
        stored = stored[..., None]
    indices = [index - choice.first for index in choice.indices]
    if indices == list(range(stored.shape[2])):
        return stored
    return np.ascontiguousarray(stored[..., indices])


def _in_display_window(pixels: Pixels, spec: Any) -> Pixels:
    """Pixels of the data window placed in the display window: black around, what lies outside is cut."""
    window = (spec.full_x, spec.full_y, spec.full_width or spec.width, spec.full_height or spec.height)
    if window == (spec.x, spec.y, spec.width, spec.height):
        return pixels
    left, top = spec.x - window[0], spec.y - window[1]
    canvas = np.zeros((window[3], window[2], pixels.shape[2]), pixels.dtype)
    rows = slice(max(top, 0), max(min(top + spec.height, window[3]), 0))
    columns = slice(max(left, 0), max(min(left + spec.width, window[2]), 0))
    taken = pixels[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    canvas[rows, columns] = taken
    return canvas
