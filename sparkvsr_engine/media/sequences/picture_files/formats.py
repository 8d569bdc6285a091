"""What each picture format can hold, and how it is best written. Plain tables; no file is touched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import InvalidSettings


@dataclass(frozen=True)
class PictureFormat:
    """samples: the sample formats it holds. has_grey: it holds pictures of one channel, with alpha where it
    has that. options: how OpenImageIO is to write it.
    """

    samples: tuple[str, ...]
    has_alpha: bool = True
    has_grey: bool = True
    is_lossy: bool = False
    options: tuple[tuple[str, Any], ...] = ()


# Measured on 1080p: level 1 with the SUB filter writes 2 to 3 times as fast as the default set of filters,
# and its files are no larger than theirs.
_PNG = PictureFormat(("uint8", "uint16"), options=(("png:compressionLevel", 1), ("png:filter", 16)))
_TIFF = PictureFormat(("uint8", "uint16", "float32"), options=(("compression", "lzw"),))
# Level 1 of zip takes two thirds of the time of the usual level 4; its files are 1 % larger.
_EXR = PictureFormat(("float16", "float32"), options=(("compression", "zip:1"),))
_JPEG = PictureFormat(("uint8",), has_alpha=False, is_lossy=True)

FORMATS: dict[str, PictureFormat] = {
    ".png": _PNG,
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".exr": _EXR,
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": PictureFormat(("uint8",), has_grey=False, is_lossy=True),
    ".dpx": PictureFormat(("uint8", "uint16"), has_alpha=False),
    ".tga": PictureFormat(("uint8",), has_grey=False),
    ".bmp": PictureFormat(("uint8",), has_alpha=False),
    ".hdr": PictureFormat(("float32",), has_alpha=False, has_grey=False),
}

_DEFAULT_LOSSY_QUALITY = 95
_JPEGS = (".jpg", ".jpeg")
# From here on a JPEG keeps colours at its full size.
_FULL_CHROMA_QUALITY = 90


def format_of(path: Path | str) -> PictureFormat:
    """The format of a file name.

    Raises InvalidSettings for one that is not written here, with those that are.
    """
    extension = Path(path).suffix.lower()
    picture_format = FORMATS.get(extension)
    if picture_format is None:
        raise InvalidSettings(
            f"{path} cannot be written as a picture; use one of {', '.join(sorted(FORMATS))}"
            " (or .mp4, .mov, .mkv)."
        )
    return picture_format


def sample_for(path: Path | str, source_sample: str, source_bits: int) -> str:
    """The sample format frames of such a source are written in: no fewer bits, where the format can.

    Floats become 16-bit integers in a format without floats, integers become half in one without integers.

    Args:
        path: of the target.
        source_sample: sample format of the source.
        source_bits: bits a channel of the source.
    """
    samples = format_of(path).samples
    if source_sample in samples and (source_sample != "uint8" or source_bits <= 8):
        return source_sample
    is_deep = source_bits > 8
    wishes = {
        "uint8": ("uint8", "float16"),
        "uint16": ("uint16", "float16"),
        "float16": ("float16", "float32", "uint16"),
        "float32": ("float32", "uint16"),
    }["uint16" if source_sample == "uint8" and is_deep else source_sample]
    return next((wish for wish in wishes if wish in samples), samples[0])


def write_options(path: Path | str, quality: int, bits: int) -> dict[str, Any]:
    """OpenImageIO's attributes for writing `path`; quality 1..100 acts on lossy formats, 0 is their default.

    Args:
        path: of the target.
        quality: 1..100; 0 is the default.
        bits: of the source, so that a 10-bit DPX stays one.
    """
    picture_format = format_of(path)
    options = dict(picture_format.options)
    if picture_format.is_lossy:
        options["CompressionQuality"] = quality or _DEFAULT_LOSSY_QUALITY
    if Path(path).suffix.lower() in _JPEGS:
        # OpenImageIO would halve colours whatever the quality: red letters on blue lose their edges.
        is_fine = options["CompressionQuality"] >= _FULL_CHROMA_QUALITY
        options["jpeg:subsampling"] = "4:4:4" if is_fine else "4:2:0"
    if Path(path).suffix.lower() == ".dpx" and bits in (10, 12):
        options["oiio:BitsPerSample"] = bits
    return options
