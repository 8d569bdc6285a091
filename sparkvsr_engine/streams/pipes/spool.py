"""What comes out of a pipe beside its keyframes, kept on disk as one movie: the tracks that a result
carries.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import av
import av.error

from sparkvsr_engine.media.movies.frame_index.index import open_movie
from sparkvsr_engine.media.movies.small_streams.tag import TAG_NAME, is_keyframe_track


class Spool:
    """One Matroska file to which pieces are added in order; a context manager that closes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._out: Any = None
        self._streams: list[Any] = []
        self._last: dict[int, tuple[int, int]] = {}

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish the file."""
        if self._out is not None:
            self._out.close()
            self._out = None

    def add(self, piece: Path) -> None:
        """Add a piece's tracks but its keyframes; packets that an earlier piece had are left out.

        What cannot be read or written of a damaged piece is left out.
        """
        with open_movie(piece) as source:
            streams = [stream for stream in source.streams if _is_carried(stream)]
            if self._out is None:
                self._open(source, streams)
            # Another make-up of tracks is another stream, whose sound would fit to nothing.
            if [stream.type for stream in streams] != [stream.type for stream in self._streams]:
                return
            places = {stream.index: place for place, stream in enumerate(streams)}
            with contextlib.suppress(av.error.FFmpegError, ValueError):
                for packet in source.demux(*streams):
                    if packet.size and packet.pts is not None:
                        self._write(packet, places[packet.stream.index])

    def _open(self, source: Any, streams: list[Any]) -> None:
        self._out = av.open(str(self.path), "w", format="matroska", options={"avoid_negative_ts": "disabled"})
        words = {name: value for name, value in source.metadata.items() if name.upper() != TAG_NAME}
        self._out.metadata.update(words)
        for stream in streams:
            copy = self._out.add_stream_from_template(stream, opaque=True)
            copy.time_base = stream.time_base
            copy.metadata.update(stream.metadata)
            self._streams.append(copy)

    def _write(self, packet: Any, place: int) -> None:
        pts, dts = self._last.get(place, (-(1 << 62), -(1 << 62)))
        is_picture = self._streams[place].type == "video"
        if not is_picture and packet.pts <= pts:
            return
        # Pieces may reorder by different numbers of frames, so that one begins before its neighbour's end.
        # A file of one frame gives its packet no time to be decoded at.
        order = max(packet.pts if packet.dts is None else packet.dts, dts + 1)
        if order > packet.pts:
            return
        packet.dts = order
        self._last[place] = (packet.pts, order)
        packet.stream = self._streams[place]
        self._out.mux(packet)


def _is_carried(stream: Any) -> bool:
    return stream.type in ("video", "audio", "subtitle") and not is_keyframe_track(stream.metadata)
