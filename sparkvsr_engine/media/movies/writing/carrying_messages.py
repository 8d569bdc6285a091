"""Captions and HDR10+ of a source's frames, put into the finished packets of the same frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import av

from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.movies.decoding import packets_of
from sparkvsr_engine.media.movies.frame_index.index import NO_FRAME, open_movie, video_stream
from sparkvsr_engine.media.movies.frame_index.reading import read_index
from sparkvsr_engine.media.movies.picture_messages import messages_in, with_messages

_CODECS = {"libx264": "h264", "h264_nvenc": "h264", "libx265": "hevc", "hevc_nvenc": "hevc"}
# Packets are asked for in decoding order, which runs this many frames ahead or behind at most.
_REORDERED = 40


class SourceMessages:
    """Messages of a movie's frames by their numbers, read on as they are asked for; a context manager.

    kinds: which messages. At most those of some eighty frames are held.
    """

    def __init__(self, path: Path, kinds: frozenset[str]) -> None:
        self._path, self._kinds, self._index = path, kinds, read_index(path)
        self._source = open_movie(path)
        self._stream = video_stream(self._source, path)
        self._packets = packets_of(self._source, self._stream)
        self._messages: dict[int, list[bytes]] = {}
        self._last = NO_FRAME
        self._highest = NO_FRAME

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    def of(self, number: int) -> list[bytes]:
        """The messages of a frame; empty for one without."""
        first = number - _REORDERED
        for past in [frame for frame in self._messages if frame < first]:
            del self._messages[past]
        with media_faults(self._path, writing=False):
            while self._highest < number + _REORDERED and self._read_on(first):
                continue
        return self._messages.get(number, [])

    def _read_on(self, first: int) -> bool:
        """One packet; of frames before `first` nothing is kept. False at the end of the movie."""
        pair = next(self._packets, None)
        if pair is None:
            return False
        ordinal, packet = pair
        number = self._index.number_of(ordinal)
        # The second field of a frame has a packet of its own.
        self._last = self._last if number == NO_FRAME else number
        self._highest = max(self._highest, self._last)
        if self._last < first:
            return True
        context = self._stream.codec_context
        read_messages = messages_in(bytes(packet), context.name, bytes(context.extradata or b""), self._kinds)
        if read_messages:
            self._messages.setdefault(self._last, []).extend(read_messages)
        return True


def carrying(packet: Any, encoder: str, extradata: bytes, messages: list[bytes]) -> Any:
    """The packet with messages in it, itself where there are none.

    Args:
        packet: a packet of PyAV.
        encoder: name of the encoder in FFmpeg.
        extradata: the codec's header that does not travel in packets.
        messages: without escapes.
    """
    if not messages:
        return packet
    larger = av.Packet(with_messages(bytes(packet), _CODECS[encoder], extradata, messages))
    larger.time_base, larger.pts, larger.dts = packet.time_base, packet.pts, packet.dts
    larger.duration, larger.is_keyframe = packet.duration, packet.is_keyframe
    return larger
