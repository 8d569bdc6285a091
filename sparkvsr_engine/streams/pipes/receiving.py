"""What a piece of a pipe holds: its reduced frames, its keyframe, and packets of its other tracks.

A piece is written to a file and read as any movie is, so that damage in it is found and concealed by the
same means.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sparkvsr_bridge.errors import MediaUnreadable, SparkVSRError
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.core.arrays import Picture, Pixels
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.movies.small_streams.keyframe_track import decode_keyframes
from sparkvsr_engine.media.movies.small_streams.tag import KeyframeTrack
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.streams.pipes.chain import Piece

ToModel = Callable[[Pixels], Picture]


@dataclass(frozen=True, eq=False)
class ReceivedPiece:
    """Frames are numbered as in the whole stream.

    frames, keyframes: as the file has them, by number. path: its file, whose other tracks are still to be
    read.
    """

    info: ClipInfo
    track: KeyframeTrack
    path: Path
    frames: dict[int, Pixels] = field(default_factory=dict[int, Pixels])
    keyframes: dict[int, Pixels] = field(default_factory=dict[int, Pixels])
    warnings: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        """Number of its first frame."""
        return self.track.tag.start

    @property
    def stop(self) -> int:
        """The number behind its last frame that can be shown."""
        return max(self.frames) + 1 if self.frames else self.start


def receive(piece: Piece, path: Path) -> ReceivedPiece:
    """The pictures of a piece, as far as they can be decoded.

    Raises:
        MediaUnreadable: for a piece of which no picture can be had, or that is none of a small stream.
    """
    with media_faults(path, writing=True):
        path.write_bytes(piece.data)
    info = probe(SourceMedia(str(path)))
    track = info.keyframes
    if track is None:
        raise MediaUnreadable(
            "what came is no piece of a small stream; send one with 'sparkvsr pack SOURCE -o -'.",
            path=str(path),
        )
    start = track.tag.start
    frames = _frames(info, start)
    if not frames:
        raise MediaUnreadable("no picture of it can be decoded; send the stream again.", path=str(path))
    keyframes, warnings = _keyframes(info, track, start)
    return ReceivedPiece(info, track, path, frames, keyframes, warnings)


def _frames(info: ClipInfo, start: int) -> dict[int, Pixels]:
    frames: dict[int, Pixels] = {}
    with contextlib.closing(open_source(info, conceals=True)) as source:
        for number in info.span:
            try:
                frame = source.read(number)
            except MediaUnreadable:
                break
            # Time goes on over frames that are lost: the one before stays on.
            if not frame.is_concealed:
                frames[start + number] = frame.pixels
    return frames


def _keyframes(info: ClipInfo, track: KeyframeTrack, start: int) -> tuple[dict[int, Pixels], tuple[str, ...]]:
    missing = [frame for frame, _ in track.tag.keyframes if frame - start in track.missing]
    warnings = tuple(
        f"The keyframe at {frame} was lost; the next one or blind restoration takes its place."
        for frame in missing
    )
    try:
        decoded = {
            start + frame: pixels
            for frame, pixels in decode_keyframes(info.path, track, track.frames, info.colour)
        }
    except SparkVSRError as error:
        return {}, (*warnings, error.message)
    return decoded, warnings
