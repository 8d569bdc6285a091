"""The source's other tracks (sound, subtitles, further pictures, data) on their way into the finished movie.

What becomes of each is settled before anything is rendered (`track_plans`). Times of a clock that starts
over go on where they had come to, as the picture's do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.movies.frame_index.index import open_movie
from sparkvsr_engine.media.movies.other_tracks.excerpts import EVERYTHING, Excerpt, StreamTimes
from sparkvsr_engine.media.movies.other_tracks.track_kinds import Track, make_track
from sparkvsr_engine.media.movies.other_tracks.track_plans import TracksPlan

__all__ = ["EVERYTHING", "Excerpt", "SourceTracks"]

# Packets of other tracks lie around the one a seek leads to, and behind the end of an excerpt.
_AROUND_SECONDS = 2


class SourceTracks:
    """All tracks but the picture of one source; a context manager that closes it.

    shifts: seconds to be added each time the source's clock started over, as in `MovieIndex`.
    """

    def __init__(
        self,
        path: Path | str,
        target: Any,
        plan: TracksPlan,
        excerpt: Excerpt,
        shifts: Sequence[Fraction] = (),
    ) -> None:
        self._path, self._target, self._excerpt, self._shifts = path, target, excerpt, shifts
        self._source = open_movie(path)
        self._tracks: dict[int, Track] = {}
        for track in plan.tracks:
            target_track = make_track(track, self._source.streams[track.index], target, excerpt.origin)
            if target_track is not None:
                self._tracks[track.index] = target_track
        self._packets = self._read()
        self._ahead: tuple[Fraction, Any] | None = None
        self._has_begun = False

    @property
    def warnings(self) -> list[str]:
        """Sentences about what could not be kept after all."""
        return [warning for track in self._tracks.values() for warning in track.warnings()]

    def __enter__(self) -> SourceTracks:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    def _begin(self) -> None:
        self._has_begun = True
        for track in self._tracks.values():
            self._target.mux(track.begin())
        self._ahead = next(self._packets, None)

    def mux_until(self, seconds: Fraction | None) -> None:
        """Write what belongs before a moment of the target's clock; None writes all that is left."""
        if not self._has_begun:
            self._begin()
        while self._ahead is not None:
            moment, packet = self._ahead
            if seconds is not None and moment > seconds:
                return
            self._target.mux(self._tracks[packet.stream.index].take(packet, moment))
            self._ahead = next(self._packets, None)
        if seconds is None:
            for track in self._tracks.values():
                self._target.mux(track.finish())

    def _read(self) -> Iterator[tuple[Fraction, Any]]:
        """(moment on the target's clock, packet) of every packet inside the excerpt, as the file has them."""
        streams = [self._source.streams[index] for index, track in self._tracks.items() if track.reads]
        if not streams:
            return
        excerpt = self._excerpt
        times = {stream.index: StreamTimes(self._shifts) for stream in streams}
        if excerpt.start is not None and not self._shifts:
            self._source.seek(int(max(excerpt.start - _AROUND_SECONDS, Fraction(0)) * av.time_base))
        with media_faults(self._path, writing=False):
            for packet in self._source.demux(*streams):
                if not packet.size:
                    continue
                start, end = times[packet.stream.index].of(packet)
                if excerpt.start is not None and end <= excerpt.start:
                    continue
                if excerpt.stop is not None and start >= excerpt.stop:
                    if start > excerpt.stop + _AROUND_SECONDS and not self._shifts:
                        return
                    continue
                yield start - excerpt.origin, packet
