"""Where pixels are: descriptions of files and of frames in memory, never the pixels themselves."""

from __future__ import annotations

import dataclasses
from typing import Optional, Tuple

from .records import Record, nested, require, require_choice, since

SAMPLE_FORMATS = {"uint8": 1, "uint16": 2, "float16": 2, "float32": 4}
"""Sample format -> bytes per sample."""

LONGEST_SIDE = 65_536
"""Pixels; more is a mistake, and the product of two sides stays far from any integer's limit."""


def require_forward(first_frame: int, last_frame: int) -> None:
    """Raise InvalidSettings when an inclusive range runs backwards.

    Args:
        first_frame: the first.
        last_frame: the last.
    """
    require(
        first_frame <= last_frame,
        f"the frame range {first_frame}-{last_frame} runs backwards; swap its ends.",
    )


@dataclasses.dataclass(frozen=True)
class SourceMedia(Record):
    """A movie file, a numbered pattern (`plate.%04d.exr`, `plate.####.png`) or a folder with one sequence.

    first_frame, last_frame: inclusive, in the source's own numbers (a sequence by its file numbers, a
        movie from 0); None means from the first or to the last frame there is.
    """

    path: str
    first_frame: Optional[int] = None
    last_frame: Optional[int] = None

    def __post_init__(self) -> None:
        require(bool(self.path), "the source is empty; name a movie, a numbered pattern or a folder.")
        if self.first_frame is not None and self.last_frame is not None:
            require_forward(self.first_frame, self.last_frame)


@dataclasses.dataclass(frozen=True)
class PixelFormat(Record):
    """Layout of one frame in memory: rows from the top, channels interleaved, native byte order.

    colour: a colour space name, empty for the host's display-referred sRGB.
    """

    width: int
    height: int
    channels: int = 3
    sample: str = "uint8"
    colour: str = ""

    def __post_init__(self) -> None:
        require(
            min(self.width, self.height) > 0 and max(self.width, self.height) <= LONGEST_SIDE,
            f"a frame of {self.width}x{self.height} cannot be; its sides have 1 to {LONGEST_SIDE} pixels.",
        )
        require(self.channels in (1, 2, 3, 4), f"{self.channels} channels; a frame has 1 to 4.")
        require_choice("sample format", self.sample, SAMPLE_FORMATS)

    @property
    def nbytes(self) -> int:
        """Bytes of one frame."""
        return self.width * self.height * self.channels * SAMPLE_FORMATS[self.sample]


@dataclasses.dataclass(frozen=True)
class ImageRef(Record):
    """One picture: by path, in shared memory, or in the message that carries this record.

    path: a file both sides can read.
    shared: name of a file in the shared memory folder that holds `format.nbytes` bytes.
    buffer: index of the message's buffer that holds the pixels.
    Exactly one of the three is set; `format` goes with the last two.
    """

    path: str = ""
    shared: str = ""
    buffer: Optional[int] = None
    format: Optional[PixelFormat] = nested(PixelFormat, default=None)

    def __post_init__(self) -> None:
        ways = [bool(self.path), bool(self.shared), self.buffer is not None]
        require(sum(ways) == 1, "a picture is given by path, by shared memory or by buffer: by one of them.")
        require(bool(self.path) == (self.format is None), "a picture in memory needs its pixel format.")


@dataclasses.dataclass(frozen=True)
class Region(Record):
    """A rectangle in output pixels, its left top corner and its size."""

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        require(
            min(self.x, self.y) >= 0 and min(self.width, self.height) > 0,
            f"the region {self.x},{self.y},{self.width},{self.height} is empty or starts outside the frame.",
        )


@dataclasses.dataclass(frozen=True)
class MediaInfo(Record):
    """What the source's headers hold.

    rate: frames per second as (numerator, denominator); (0, 1) when the source carries none.
    frames: number of frames from first_frame to last_frame.
    interlaced: a movie's frames are marked as two fields, whose combs would be taken for detail.
    timecode: of first_frame, with `;` before the frames where it drops some; None when the source has none.
    pixel_aspect: width over height of a pixel.
    keyframes: frames whose keyframes the source brings (a small stream); a job uses them unless its policy is
        one other than `adaptive` without a budget and `manual`.
    full_size: width and height of those keyframes, the size the source was made from; (0, 0) for others.
    """

    path: str
    kind: str
    width: int
    height: int
    first_frame: int
    last_frame: int
    rate: Tuple[int, int] = (0, 1)
    has_audio: bool = False
    has_alpha: bool = False
    sample: str = "uint8"
    colour: str = ""
    variable_rate: bool = False
    interlaced: bool = False
    timecode: Optional[str] = None
    pixel_aspect: Tuple[int, int] = (1, 1)
    keyframes: Tuple[int, ...] = since(1, ())
    full_size: Tuple[int, int] = since(1, (0, 0))

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return self.last_frame - self.first_frame + 1
