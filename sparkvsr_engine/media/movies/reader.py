"""Frames of a movie by number: in order at decoding speed, anywhere else by an exact seek."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ClipInfo, Frame
from sparkvsr_engine.media.colours.tags import judged_rows
from sparkvsr_engine.media.faults import FrameDamaged, media_faults
from sparkvsr_engine.media.movies.frame_index.reading import read_index
from sparkvsr_engine.media.movies.runs import PictureRun
from sparkvsr_engine.media.movies.yuv import RgbReader
from sparkvsr_engine.media.orientation import upright

log = logging.getLogger(__name__)

# Keyframes decoding is tried from, one earlier each time: some are none, or need pictures before them.
_KEYS_TRIED = 3


class MovieReader:
    """A `FrameSource`. Not to be shared by threads; `prefetch.PrefetchedSource` reads ahead in its own.

    The index has the key packet a frame needs; every picture is identified by the packet it came of, so that
    neither frames a decoder drops nor seeks that land elsewhere can shift the numbering.
    """

    def __init__(self, info: ClipInfo, conceals: bool = False) -> None:
        """conceals: frames that cannot be decoded show what the decoder makes of them, or a neighbour."""
        self._path = Path(info.path)
        self._conceals = conceals
        self._span = info.available
        self._index = read_index(self._path)
        self._rgb = RgbReader(info.colour, judged_rows(info.width, info.height))
        self._orientation = info.orientation
        self._shape = (info.height, info.width)
        self._run: PictureRun | None = None
        self._decoded: Iterator[tuple[int, Any]] = iter(())
        self._next: tuple[int, Any] | None = None
        self._reached = -1
        self._threads = "AUTO"
        self._lost: set[int] = set(self._index.lost | self._index.damaged)
        self._stand_in: Frame | None = None

    @property
    def span(self) -> FrameSpan:
        """Every frame there is."""
        return self._span

    def read(self, number: int) -> Frame:
        """Frame `number`: uint16 for YUV, else the file's own depth; full-range RGB(A), upright.

        Raises MediaUnreadable for a frame outside, FrameDamaged for one that cannot be decoded; others can
        still be read.
        """
        if number not in self._span:
            raise MediaUnreadable(
                f"{self._path} has no frame {number}; it has {self._span.first}-{self._span.last}.",
                frame=number,
            )
        if number >= self._index.frames:
            raise self._missing(number)
        frame = self._decode(number)
        if frame is not None and not frame.is_concealed:
            return frame
        if not self._conceals:
            raise self._damaged(number)
        return frame or self._concealed(number)

    def _decode(self, number: int) -> Frame | None:
        """A frame as far as it can be decoded, None where nothing of it can."""
        with media_faults(self._path, writing=False):
            picture = self._find(number)
        if picture is None:
            return None
        pixels = upright(self._rgb.rgb(picture), self._orientation)
        if pixels.shape[:2] != self._shape:
            raise MediaUnreadable(
                f"frame {number} of {self._path} is {pixels.shape[1]}x{pixels.shape[0]}, but the movie starts"
                f" with {self._shape[1]}x{self._shape[0]}; narrow --frames to frames of one size.",
                frame=number,
            )
        return Frame(
            number,
            pixels,
            self._index.seconds_at(number),
            bool(picture.is_corrupt),
            bool(picture.interlaced_frame),
        )

    def _concealed(self, number: int) -> Frame:
        """The nearest frame before that can be decoded in the place of one that cannot; else one after it."""
        for near in chain(range(number - 1, -1, -1), range(number + 1, self._index.frames)):
            if near in self._lost:
                continue
            if self._stand_in is None or self._stand_in.number != near:
                self._stand_in = self._decode(near) or self._stand_in
            if self._stand_in is not None and self._stand_in.number == near:
                return Frame(number, self._stand_in.pixels, self._index.seconds_at(number), is_concealed=True)
        raise self._damaged(number)

    def close(self) -> None:
        """Close the file; the next read opens it again."""
        if self._run is not None:
            self._run.close()
            self._run = None
        self._decoded, self._next, self._reached = iter(()), None, -1

    def _find(self, number: int) -> Any:
        """The decoded picture of a frame, None when the decoder does not give one."""
        if number in self._lost:
            return None
        if self._lies_ahead(number):
            picture = self._advance(number)
            if picture is not None and not picture.is_corrupt:
                return picture
            self._doubt_threads(number)
        return self._search(number)

    def _lies_ahead(self, number: int) -> bool:
        """Whether decoding on from here is the shortest way to a frame."""
        if self._run is None or number <= self._reached:
            return False
        return self._index.keyframe_before(number) <= self._reached + 1

    def _advance(self, number: int) -> Any:
        while True:
            ahead = self._next or next(self._decoded, None)
            if ahead is None or ahead[0] > number:
                # A frame beyond the wanted one is kept: the one after a damaged frame is read without a seek.
                self._next = ahead
                return None
            self._next, self._reached = None, ahead[0]
            if ahead[0] == number:
                return ahead[1]

    def _search(self, number: int) -> Any:
        """Decode a frame from the keyframe before it, or from an earlier one where it takes that.

        Earlier ones where the decoder does not take the first for a keyframe, or shows nothing yet at the
        frame.
        """
        nearest = self._index.key_before(number)
        picture: Any = None
        for key in [*range(nearest, max(nearest - _KEYS_TRIED, -1), -1), -1]:
            picture = self._picture_from(key, number)
            if (picture is None or picture.is_corrupt) and self._doubt_threads(number):
                picture = self._picture_from(key, number)
            assert self._run is not None
            if self._run.is_verified and (picture is not None or key <= nearest - _KEYS_TRIED + 1):
                break
        if picture is None:
            self._note_lost(number)
        return picture

    def _note_lost(self, number: int) -> None:
        """Whatever was passed over on the way to the next one is lost with it."""
        following = self._next[0] if self._next is not None else self._index.frames
        self._lost |= set(range(max(self._reached + 1, number), following)) | {number}

    def _picture_from(self, key: int, number: int) -> Any:
        self.close()
        self._run = PictureRun(self._path, self._index, key, self._threads)
        self._decoded = iter(self._run)
        self._reached = int(self._index.keyframes[key]) - 1 if key >= 0 else -1
        return self._advance(number)

    def _doubt_threads(self, number: int) -> bool:
        """A decoder with threads over frames loses healthy frames too when a damaged one is among them."""
        if self._threads != "AUTO":
            return False
        log.info("%s: frame %d was not decoded; going on without threads over frames", self._path, number)
        self._threads = "SLICE"
        return True

    def _damaged(self, number: int) -> FrameDamaged:
        return FrameDamaged(
            f"frame {number} of {self._path} cannot be decoded: the file is damaged there; copy or export it"
            f" again, or use --on-damage conceal{self._around(number)}.",
            path=str(self._path),
            frame=number,
        )

    def _missing(self, number: int) -> MediaUnreadable:
        before = f", or use --frames {self._span.first}-{number - 1}" if number > self._span.first else ""
        return MediaUnreadable(
            f"frame {number} of {self._path} is missing: the file is cut short there; copy or export it"
            f" again{before}.",
            path=str(self._path),
            frame=number,
        )

    def _around(self, number: int) -> str:
        """The ranges of frames on either side, as an advice."""
        first, last = self._span.first, self._span.last
        before = f"--frames {first}-{number - 1}" if number > first else ""
        after = f"--frames {number + 1}-{last}" if number < last else ""
        named = " and ".join(part for part in (before, after) if part)
        return f", or render {named}" if named else ""
