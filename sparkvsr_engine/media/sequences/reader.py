"""Frames of a numbered sequence by number."""

from __future__ import annotations

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ClipInfo, Frame
from sparkvsr_engine.media.faults import FrameDamaged
from sparkvsr_engine.media.sequences.header_agreement import require_alike
from sparkvsr_engine.media.sequences.numbering import NumberedPattern
from sparkvsr_engine.media.sequences.picture_files.pictures import read_picture
from sparkvsr_engine.media.sequences.standing_in import nearest_whole


class SequenceReader:
    """A `FrameSource`; every frame is its own file, so any order costs the same."""

    def __init__(self, info: ClipInfo, conceals: bool = False) -> None:
        """conceals: frames whose files are damaged show the nearest one before them, else one after."""
        if info.pattern is None:
            raise ValueError("a sequence reader needs a clip with a pattern")
        self._info = info
        self._conceals = conceals
        self._pattern: NumberedPattern = info.pattern

    @property
    def span(self) -> FrameSpan:
        """Every frame there is."""
        return self._info.available

    def read(self, number: int) -> Frame:
        """Frame `number` in the file's own sample format, RGB(A), upright.

        Raises MediaUnreadable when it is missing or of another size or kind than the first frame,
        FrameDamaged when its file is damaged; others can still be read.
        """
        if number not in self.span:
            raise MediaUnreadable(
                f"{self._pattern} has no frame {number}; it has {self.span.first}-{self.span.last}.",
                frame=number,
            )
        source_number, pixels = (
            nearest_whole(number, self.span, self._pixels)
            if self._conceals
            else self._numbered_pixels(number)
        )
        seconds = (number - self.span.start) / self._info.rate if self._info.rate else None
        return Frame(number, pixels, seconds, is_concealed=source_number != number)

    def close(self) -> None:
        """Nothing stays open between reads."""

    def _numbered_pixels(self, number: int) -> tuple[int, Pixels]:
        try:
            return number, self._pixels(number)
        except FrameDamaged as error:
            raise damaged(error, number) from error

    def _pixels(self, number: int) -> Pixels:
        header, pixels = read_picture(self._pattern.path_of(number))
        require_alike(self._info, number, header)
        return pixels


def damaged(error: FrameDamaged, number: int) -> FrameDamaged:
    """The error of a frame whose damage is to end the job, with what else can be done."""
    advice = f"{error.message.rstrip('.')}, or use --on-damage conceal."
    return FrameDamaged(advice, **{**error.details, "frame": number})
