"""How many bytes a stream's tracks take at a quality, measured by encoding a few excerpts of the source."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.movies.frame_index.index import open_movie
from sparkvsr_engine.media.movies.writing.codecs import Encoding
from sparkvsr_engine.media.movies.writing.segments import write_segment
from sparkvsr_engine.streams.encodings import crf_step, quality_range, with_crf

# Excerpts of the base track that are encoded, and keyframes.
EXCERPTS, EXCERPT_FRAMES, SAMPLED_KEYFRAMES = 3, 48, 4
CORRECTIONS = 4
"""How often a track is encoded again for its bytes to fit, at most."""
_LEAST_USED = 0.98
# Parts of an encoder's range between the values that are measured.
_RUNGS = 8


@dataclass(frozen=True)
class PacketBytes:
    """Bytes and number of packets that decoding can start at, and of all others."""

    key_bytes: int = 0
    keys: int = 0
    other_bytes: int = 0
    other_packets: int = 0

    @property
    def total(self) -> int:
        """Bytes of all packets."""
        return self.key_bytes + self.other_bytes

    @property
    def packets(self) -> int:
        """How many packets there are."""
        return self.keys + self.other_packets

    def __add__(self, more: PacketBytes) -> PacketBytes:
        return PacketBytes(
            self.key_bytes + more.key_bytes,
            self.keys + more.keys,
            self.other_bytes + more.other_bytes,
            self.other_packets + more.other_packets,
        )


def packet_bytes(path: Path) -> PacketBytes:
    """What the pictures of a segment take."""
    with open_movie(path) as container:
        packets = [(packet.is_keyframe, packet.size) for packet in container.demux(video=0) if packet.size]
    keys = [size for is_key, size in packets if is_key]
    return PacketBytes(
        sum(keys), len(keys), sum(size for _, size in packets) - sum(keys), len(packets) - len(keys)
    )


def excerpts_of(
    spans: Sequence[FrameSpan], count: int = EXCERPTS, frames: int = EXCERPT_FRAMES
) -> list[FrameSpan]:
    """Beginnings of the longest spans, in order; all of them where there are few frames.

    Args:
        spans: what excerpts are taken from; at least one.
        count: the most excerpts there may be.
        frames: the most frames of an excerpt.
    """
    longest = sorted(spans, key=len, reverse=True)[:count]
    if len(longest) < count and len(longest[0]) > 2 * frames:
        whole = longest[0]
        longest.append(FrameSpan(whole.start + len(whole) // 2, whole.stop))
    return sorted(
        (FrameSpan(span.start, min(span.stop, span.start + frames)) for span in longest),
        key=lambda s: s.start,
    )


class RateMeter:
    """Bytes of the two tracks by quality, estimated from excerpts; every quality is encoded once.

    small, full: read a frame for the base track and for a keyframe. segments: spans the base track is
    encoded in.
    """

    def __init__(
        self,
        folder: Path,
        small: Callable[[int], NDArray[Any]],
        full: Callable[[int], NDArray[Any]],
        segments: Sequence[FrameSpan],
    ) -> None:
        self._folder, self._small, self._full = folder, small, full
        self._segments = len(segments)
        self._frames = sum(len(span) for span in segments)
        self._excerpts = excerpts_of(segments)
        self._measured: dict[str, PacketBytes] = {}

    def base_bytes(self, encoding: Encoding) -> float:
        """Of the whole base track."""
        measured = self._measure(encoding, [map(self._small, span) for span in self._excerpts])
        bytes_of_key = measured.key_bytes / max(measured.keys, 1)
        bytes_of_other = measured.other_bytes / max(measured.other_packets, 1)
        # Every excerpt begins with a key packet, and so does every segment.
        share = (measured.keys - len(self._excerpts)) / max(measured.packets, 1)
        keys = self._segments + max(0, round(self._frames * share))
        return bytes_of_key * keys + bytes_of_other * (self._frames - keys)

    def keyframe_bytes(self, encoding: Encoding, frames: Sequence[int]) -> float:
        """Of keyframes at these frames."""
        if not frames:
            return 0.0
        step = max(1, len(frames) // SAMPLED_KEYFRAMES)
        sampled = list(frames)[::step][:SAMPLED_KEYFRAMES]
        # Each by itself: sets of keyframes share frames.
        total = sum(self._measure(encoding, [map(self._full, [frame])], frame).total for frame in sampled)
        return total / len(sampled) * len(frames)

    def _measure(
        self, encoding: Encoding, groups: Sequence[Iterable[NDArray[Any]]], label: int | None = None
    ) -> PacketBytes:
        name = repr((encoding, label))
        if name not in self._measured:
            path = self._folder / f"trial{_suffix(encoding)}"
            measured = PacketBytes()
            for pictures in groups:
                write_segment(path, pictures, encoding)
                measured += packet_bytes(path)
            path.unlink(missing_ok=True)
            self._measured[name] = measured
        return self._measured[name]


def crf_for_bytes(encoding: Encoding, budget: float, bytes_at: Callable[[Encoding], float]) -> float:
    """The constant-quality value at which a track takes about `budget` bytes.

    It is the encoder's best where the track takes fewer at any value, the worst where it takes more. Bytes
    are measured at a few values of a fixed ladder, which all searches share; between two of them they follow
    a power law.

    Args:
        encoding: how the track is encoded; its own quality does not count.
        budget: bytes that the whole track may take.
        bytes_at: bytes of the whole track with an encoding; they fall as the value rises.
    """
    best, worst = quality_range(encoding.codec)
    ladder = [best + (worst - best) * at / _RUNGS for at in range(_RUNGS + 1)]

    def bytes_of(rung: int) -> float:
        return max(bytes_at(with_crf(encoding, ladder[rung])), 1.0)

    low, high = 0, _RUNGS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if bytes_of(middle) <= budget else (middle, high)
    # The best value takes the longest to encode; it is asked for only where it may fit.
    if not low and bytes_of(0) <= budget:
        return best
    above, below = math.log(bytes_of(low)), math.log(bytes_of(high))
    if math.exp(below) > budget:
        return worst
    part = (above - math.log(budget)) / max(above - below, 1e-9)
    return round(ladder[low] + part * (ladder[high] - ladder[low]), 2)


def fitted_crf(encoding: Encoding, crf: float, budget: float, bytes_at: Callable[[Encoding], float]) -> float:
    """A value at which a track takes no more than `budget` bytes and hardly fewer.

    A few corrections of `crf` are tried; the last one is returned where none of them reaches that.

    Args:
        encoding: how the track is encoded; its own quality does not count.
        crf: the value that is corrected.
        budget: bytes that the whole track may take.
        bytes_at: bytes of the whole track with an encoding.
    """
    for _ in range(CORRECTIONS):
        used_bytes = bytes_at(with_crf(encoding, crf))
        if is_used(used_bytes, budget):
            break
        better = corrected_crf(encoding, crf, used_bytes, budget)
        if better == crf:
            break
        crf = better
    return crf


def is_used(used_bytes: float, budget: float) -> bool:
    """Whether a track takes no more than the bytes it may, and hardly fewer."""
    return _LEAST_USED * budget <= used_bytes <= budget


def corrected_crf(encoding: Encoding, crf: float, used_bytes: float, budget: float) -> float:
    """A constant-quality value from the bytes that another one gave.

    Bytes double about every 6 steps, every 9 of AV1.

    Args:
        encoding: how the track is encoded; its own quality does not count.
        crf: the value that was tried.
        used_bytes: bytes that the track took at it.
        budget: bytes that the track should take.
    """
    best, worst = quality_range(encoding.codec)
    steps = (9.0 if encoding.codec == "libsvtav1" else 6.0) * math.log2(
        max(used_bytes, 1.0) / max(budget, 1.0)
    )
    step = crf_step(encoding.codec)
    rounded = (math.ceil if steps > 0 else math.floor)(steps / step) * step
    return min(max(crf + rounded, best), worst)


def _suffix(encoding: Encoding) -> str:
    return ".mkv" if encoding.container == "matroska" else ".mp4"
