"""One pass over a movie's packets: what each of them holds about itself, before anything is concluded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import av.error

from sparkvsr_engine.media.movies.frame_index.fields import FieldPairs
from sparkvsr_engine.media.movies.frame_index.keys import KeyRow, key_row
from sparkvsr_engine.media.movies.frame_index.losses import ByteLedger
from sparkvsr_engine.media.movies.frame_index.slice_checks import SliceChecks
from sparkvsr_engine.media.movies.frame_index.transport import PacketPlaces
from sparkvsr_engine.media.movies.picture_messages import READ_CODECS, MessageLedger

# Tracks that make a file as long as its header promises.
_TIMED = ("video", "audio", "subtitle")


@dataclass
class PacketScan:
    """What one pass over the packets yields: (ordinal, time) of frames, key packets, durations by time."""

    packets: int = 0
    frames: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    keys: list[KeyRow] = field(default_factory=list[KeyRow])
    durations: dict[int, int] = field(default_factory=dict[int, int])
    is_doubtful: bool = False
    decoded_at: int | None = None
    broken_at: int | None = None
    end_seconds: float = 0.0
    ledger: ByteLedger = field(default_factory=ByteLedger)
    messages: MessageLedger | None = None
    checks: SliceChecks | None = None
    places: PacketPlaces = field(default_factory=PacketPlaces)


def scan_packets(container: Any, stream: Any) -> PacketScan:
    """Read all packets of a container; ends where the file does, or within a packet."""
    scan = PacketScan()
    context = stream.codec_context
    scan.checks = SliceChecks() if context.name == "ffv1" else None
    extradata = bytes(context.extradata or b"")
    scan.messages = MessageLedger(context.name, extradata) if context.name in READ_CODECS else None
    pairs = FieldPairs(extradata) if context.name == "h264" else None
    hides = context.name == "vp8"
    streams = [candidate for candidate in container.streams if candidate.type in _TIMED]
    try:
        for packet in container.demux(*streams):
            if packet.pts is not None:
                end = (packet.pts + (packet.duration or 0)) * packet.time_base
                scan.end_seconds = max(scan.end_seconds, float(end))
            is_own = packet.stream is stream and packet.size
            scan.ledger.add(packet, scan.packets if is_own else None)
            if not is_own:
                continue
            if scan.messages is not None:
                scan.messages.add(packet)
            if scan.checks is not None:
                scan.checks.add(packet, scan.packets)
            if "mpegts" in container.format.name:
                scan.places.add(packet)
            is_frame = not packet.is_discard
            if pairs is not None and pairs.may_come:
                is_frame = not pairs.is_second(packet) and is_frame
            elif hides:
                # VP8 keeps pictures that are only referred to as packets of their own.
                is_frame = is_frame and bool(memoryview(packet)[0] & 0x10)
            _note(scan, packet, is_frame)
    except av.error.FFmpegError:
        # The file ends inside a packet: what came before it can be used, `first_damaged` has the rest.
        pass
    return scan


def _note(scan: PacketScan, packet: Any, is_frame: bool) -> None:
    ordinal, scan.packets = scan.packets, scan.packets + 1
    if packet.dts is not None:
        # A clock that falls back belongs to two recordings in one file.
        scan.is_doubtful |= scan.decoded_at is not None and packet.dts < scan.decoded_at
        scan.decoded_at = packet.dts
    if not is_frame:
        return
    if packet.pts is None:
        scan.is_doubtful = True
        return
    scan.frames.append((ordinal, packet.pts))
    # Of a file that is cut short the last packet may be there in part.
    scan.broken_at = packet.pts if packet.is_corrupt else None
    scan.durations[packet.pts] = packet.duration or 0
    if packet.is_keyframe:
        scan.keys.append(key_row(ordinal, packet))
