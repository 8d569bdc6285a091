"""Single pictures: keyframes an artist supplies, previews and keyframes the engine writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.media.base import sample_of
from sparkvsr_engine.media.faults import (
    PictureFault,
    make_folder,
    media_faults,
    replace_file,
    require_space,
)
from sparkvsr_engine.media.probe import animation_of
from sparkvsr_engine.media.sequences.picture_files.formats import write_options
from sparkvsr_engine.media.sequences.picture_files.pictures import OIIO_OF, Attribute, read_picture
from sparkvsr_engine.media.sequences.picture_files.png_chunks import add_texts
from sparkvsr_engine.storage.whole_files import partial_name

_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"


@dataclass(frozen=True, eq=False)
class ImageFile:
    """A picture as its file has it: [H, W, 3 or 4], upright, in the file's own sample format, full range.

    colour: the colour space its file names (OpenImageIO's word), empty when it names none.
    is_one_of_many: the file holds more pictures, of which this is the first.
    """

    pixels: Pixels
    has_alpha: bool
    is_grey: bool
    sample: str
    bit_depth: int
    colour: str
    attributes: Mapping[str, Attribute]
    is_one_of_many: bool = False


def read_image(path: Path | str) -> ImageFile:
    """Any picture OpenImageIO reads; its EXIF orientation is applied.

    Raises MediaUnreadable.
    """
    header, pixels = read_picture(Path(path))
    return ImageFile(
        pixels=pixels,
        has_alpha=header.channels.has_alpha,
        is_grey=header.channels.is_grey,
        sample=header.sample,
        bit_depth=header.bit_depth,
        colour=header.text("oiio:ColorSpace"),
        attributes=header.attributes,
        is_one_of_many=header.has_pages or bool(animation_of(Path(path))),
    )


def write_image(
    path: Path | str,
    pixels: Pixels,
    attributes: Mapping[str, Attribute] | None = None,
    *,
    quality: int = 0,
    bits: int = 0,
    is_premultiplied: bool = False,
) -> None:
    """Write a picture under a temporary name and rename it: `path` is never half written.

    Args:
        path: the file to write.
        pixels: [H, W] or [H, W, 1..4], uint8, uint16, float16 or float32; what the format can hold of these
            is the caller's affair (`sequences.picture_files.formats.sample_for`).
        attributes: header values to write.
        quality: 1..100 for lossy formats.
        bits: of the source, for DPX.
        is_premultiplied: colours are multiplied by alpha already; EXR takes them in no other way.

    Raises:
        OutputUnwritable: where the target cannot be written.
        DiskFull: where the disk is full.
        InvalidSettings: for an unknown extension.
    """
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and not 1 <= pixels.shape[2] <= 4):
        raise ValueError(f"a picture is {pixels.shape}; it has rows, columns and 1 to 4 channels")
    options = write_options(path, quality, bits)
    with finished_file(Path(path), pixels.nbytes) as partial:
        _write(partial, pixels, attributes or {}, options, is_premultiplied)


@contextmanager
def finished_file(final: Path, pixel_bytes: int) -> Iterator[Path]:
    """The temporary name to write a picture under; renamed when the block ends, removed when it fails.

    Raises OutputUnwritable, DiskFull.
    """
    partial = partial_name(final)
    require_space(final, largest_file(pixel_bytes))
    with media_faults(final, writing=True):
        try:
            # The system's own reasons for a file that cannot be made come from here, not from OpenImageIO.
            partial.open("wb").close()
            yield partial
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    replace_file(partial, final)


def write_alone(path: Path | str, pixels: Pixels) -> None:
    """Write a picture that stands for itself, its folder made; raises as `write_image` does."""
    make_folder(Path(path).parent)
    write_image(path, pixels)


def largest_file(pixel_bytes: int) -> int:
    """The most bytes a picture file of that many bytes of pixels takes: noise, headers, bookkeeping."""
    return pixel_bytes + pixel_bytes // 50 + (1 << 16)


def _write(
    path: Path,
    pixels: Pixels,
    attributes: Mapping[str, Attribute],
    options: Mapping[str, Any],
    is_premultiplied: bool,
) -> None:
    stacked = np.ascontiguousarray(pixels[..., None] if pixels.ndim == 2 else pixels)
    is_png = path.suffix.lower() == ".png"
    texts = _texts_beyond_ascii(attributes) if is_png else {}
    spec = _spec_of(stacked, {name: attributes[name] for name in attributes if name not in texts}, options)
    if stacked.shape[2] == 2:
        # OpenImageIO would call them R and G.
        spec.channelnames = ("Y", "A")
    if stacked.shape[2] in (2, 4):
        spec.alpha_channel = stacked.shape[2] - 1
        if not is_premultiplied:
            spec.attribute("oiio:UnassociatedAlpha", 1)
    output = oiio.ImageOutput.create(str(path))
    if output is None:
        raise PictureFault(oiio.geterror() or "no writer for this format")
    good = output.open(str(path), spec) and output.write_image(stacked)
    # Closing writes what is buffered: a full disk may show up only here.
    closed = output.close()
    if not (good and closed):
        raise PictureFault(output.geterror() or "writing failed")
    if is_png and not _ends_as_png(path):
        raise PictureFault("the file could not be written to its end")
    if texts:
        add_texts(path, texts)


def _texts_beyond_ascii(attributes: Mapping[str, Attribute]) -> dict[str, str]:
    return {
        name: attribute.value
        for name, attribute in attributes.items()
        if isinstance(attribute.value, str) and not attribute.value.isascii()
    }


def _ends_as_png(path: Path) -> bool:
    """Whether the last chunk is there: the PNG writer reports no error when the disk takes no more."""
    with path.open("rb") as file:
        file.seek(-len(_PNG_END), 2)
        return file.read() == _PNG_END


def _spec_of(pixels: Pixels, attributes: Mapping[str, Attribute], options: Mapping[str, Any]) -> Any:
    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, OIIO_OF[sample_of(pixels)])
    set_attributes(spec, attributes)
    for name, value in options.items():
        spec.attribute(name, value)
    return spec


def set_attributes(spec: Any, attributes: Mapping[str, Attribute]) -> None:
    """Give a picture's header these values."""
    for name, attribute in attributes.items():
        if attribute.kind == "string":
            spec.attribute(name, attribute.value)
        else:
            spec.attribute(name, attribute.described or oiio.TypeDesc(attribute.kind), attribute.value)
