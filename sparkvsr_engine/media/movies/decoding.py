"""Pictures with the packets they came of: a decoder that is given numbered packets and hands the numbers on.

Times do not identify the packet a picture came of: they may be missing, doubled, guessed, or other after a
seek.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import av
import av.error

log = logging.getLogger(__name__)


@dataclass
class Refusals:
    """What went wrong while pictures were decoded: ordinals of packets the decoder refused."""

    packets: list[int] = field(default_factory=list[int])


@dataclass(eq=False)
class _Mark:
    """What a packet is marked with: an object of its own.

    PyAV keeps marks by their identity, for all decoders of the process alike. Small numbers are the same
    object everywhere: the first packet that was given back took the mark of all others of that number away.
    """

    ordinal: int


SLICE = "SLICE"
# Of frames decoded side by side one may wait for ever for a damaged one before it (FFmpeg 8); slices do not.
_SLICES_ALONE = ("ffv1",)
# Decoders that see the alpha WebM keeps beside the picture; FFmpeg's own do not.
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def decoder_for(stream: Any, threads: str, fast: bool = False) -> Any:
    """What decodes a stream's packets, for `pictures`; before the stream's first picture.

    Args:
        stream: a stream of PyAV.
        threads: AUTO, or SLICE for a decoder that loses no healthy picture beside a damaged one.
        fast: pictures will be counted, not looked at.
    """
    context = stream.codec_context
    words = {name.lower(): value for name, value in stream.metadata.items()}
    name = _ALPHA_DECODERS.get(context.name, "") if words.get("alpha_mode") == "1" else ""
    if name and name in av.codecs_available:
        decoder = av.CodecContext.create(name, "r")
        decoder.extradata = context.extradata
        decoder.copy_opaque = True
        return decoder
    stream.thread_type = SLICE if context.name in _SLICES_ALONE else threads
    context.copy_opaque = True
    if fast:
        context.options = {"skip_loop_filter": "all", "skip_idct": "all"}
    return stream


def packets_of(container: Any, stream: Any, first: int = 0) -> Iterator[tuple[int, Any]]:
    """(ordinal, packet) of a stream's packets that hold anything, from where the container stands.

    Ends where the file does, or ends inside a packet.

    Args:
        container: the opened file.
        stream: a stream of PyAV.
        first: ordinal of the first packet.
    """
    ordinal, packets = first, container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError as error:
            log.debug("%s: reading ends early: %s", container.name, error)
            return
        if packet is None:
            return
        if packet.size:
            yield ordinal, packet
            ordinal += 1


def pictures(
    decoder: Any, packets: Iterator[tuple[int, Any]], refusals: Refusals | None = None
) -> Iterator[tuple[int | None, Any]]:
    """(ordinal of its packet, picture) of everything that can be decoded, in the order it is shown.

    The ordinal is None where a decoder does not hand it on.

    Args:
        decoder: as `decoder_for` gives it.
        packets: ordinals and packets in the file's order.
        refusals: collects packets that cannot be decoded, None for none.
    """
    refused = Refusals() if refusals is None else refusals
    try:
        for ordinal, packet in packets:
            packet.opaque = _Mark(ordinal)
            yield from _decoded(decoder, packet, ordinal, refused)
        yield from _decoded(decoder, None, -1, refused)
    finally:
        # A decoder that is let go amid a movie waits for its threads while it holds Python's lock (PyAV 18),
        # and they wait for that lock to give marks back: AV1's hung for ever. Flushing waits without it.
        getattr(decoder, "codec_context", decoder).flush_buffers()


def _decoded(decoder: Any, packet: Any, ordinal: int, refused: Refusals) -> Iterator[tuple[int | None, Any]]:
    try:
        pictures = decoder.decode(packet)
    except av.error.EOFError:
        return
    except av.error.FFmpegError as error:
        log.debug("packet %s cannot be decoded: %s", ordinal, error)
        refused.packets.append(ordinal)
        return
    for picture in pictures:
        yield (None if picture.opaque is None else picture.opaque.ordinal), picture
