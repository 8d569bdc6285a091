"""Frames of a numbered sequence by number."""

from __future__ import annotations

from bridge.errors import MediaUnreadable
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ClipInfo, Frame
from sparkvsr_engine.media.sequences.numbering import NumberedPattern
from sparkvsr_engine.media.sequences.pictures import PictureHeader, read_header, read_picture


class SequenceReader:
    """A `FrameSource`; every frame is its own file, so any order costs the same."""

    def __init__(self, info: ClipInfo) -> None:
        if info.pattern is None:
            raise ValueError("a sequence reader needs a clip with a pattern")
        self._info = info
        self._pattern: NumberedPattern = info.pattern

    @property
    def span(self) -> FrameSpan:
        """Every frame there is."""
        return self._info.available

    def read(self, number: int) -> Frame:
        """Frame `number` in the file's own sample format, RGB(A), upright.

        Raises MediaUnreadable when it is missing, damaged, or of another size or depth than the first frame.
        """
        if number not in self.span:
            raise MediaUnreadable(
                f"{self._pattern} has no frame {number}; it has {self.span.first}-{self.span.last}.",
                frame=number,
            )
        header, pixels = read_picture(self._pattern.path_of(number))
        _require_alike(self._info, number, header)
        return Frame(
            number, pixels, (number - self.span.start) / self._info.rate if self._info.rate else None
        )

    def close(self) -> None:
        """Nothing stays open between reads."""


def check_sizes(info: ClipInfo) -> None:
    """Look at the headers of all frames in `info.span`, so that an odd one is found before the work starts.

    A movie needs no such look. Raises MediaUnreadable.
    """
    if info.pattern is None:
        return
    for number in info.span:
        _require_alike(info, number, read_header(info.pattern.path_of(number)))


def _require_alike(info: ClipInfo, number: int, header: PictureHeader) -> None:
    if (header.width, header.height) != (info.width, info.height):
        raise MediaUnreadable(
            f"frame {number} ({header.path}) is {header.width}x{header.height}, but the sequence is"
            f" {info.width}x{info.height}; give all frames one size or narrow --frames.",
            frame=number,
        )
    if header.channels.has_alpha != info.has_alpha:
        wording = (
            ("has an alpha channel", "has none")
            if header.channels.has_alpha
            else ("has no alpha channel", "has")
        )
        raise MediaUnreadable(
            f"frame {number} ({header.path}) {wording[0]}, but the first frame {wording[1]};"
            " give all frames the same channels or narrow --frames.",
            frame=number,
        )
