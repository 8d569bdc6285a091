"""Messages that lie in a movie's pictures: closed captions and HDR10+, found in packets and put into others.

Both are registered user data (ITU-T T.35). H.264 and HEVC keep it as supplemental information (annex D of
ITU-T H.264 and H.265), MPEG-2 as user data (ATSC A/53 part 4). Nothing is decoded here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

CAPTIONS, DYNAMIC_LIGHT = "captions", "dynamic light"
# How a message of each kind begins: country, provider and the provider's own word.
_STARTS = {CAPTIONS: b"\xb5\x00\x31GA94\x03", DYNAMIC_LIGHT: b"\xb5\x00\x3c\x00\x01\x04"}
# What is looked for in a packet: no byte of these is ever escaped, and MPEG-2 leaves the country out.
_MARKS = {CAPTIONS: b"GA94\x03", DYNAMIC_LIGHT: _STARTS[DYNAMIC_LIGHT]}
_MPEG2_USER_DATA = b"\0\0\1\xb2"
_START_CODE = b"\0\0\1"
# Registered user data among a codec's supplemental messages.
_REGISTERED = 4


@dataclass(frozen=True)
class _Units:
    """How a codec marks its units. message: type of one with supplemental messages; header: its bytes."""

    message: int
    header: bytes

    def kind(self, unit: bytes) -> int:
        return unit[0] >> 1 & 63 if len(self.header) == 2 else unit[0] & 31

    def is_picture(self, unit: bytes) -> bool:
        return self.kind(unit) < 32 if len(self.header) == 2 else 1 <= self.kind(unit) <= 5


_UNITS = {"h264": _Units(6, b"\x06"), "hevc": _Units(39, b"\x4e\x01")}
READ_CODECS = frozenset({*_UNITS, "mpeg2video"})
"""FFmpeg's names of the codecs whose packets are understood."""
_WRITERS = {
    "libx264": frozenset({CAPTIONS}),
    "h264_nvenc": frozenset({CAPTIONS}),
    "libx265": frozenset({CAPTIONS, DYNAMIC_LIGHT}),
    "hevc_nvenc": frozenset({CAPTIONS, DYNAMIC_LIGHT}),
}


def kept_messages(kinds: frozenset[str], codec: str, encoder: str, is_hdr: bool) -> frozenset[str]:
    """Which kinds of messages come along from a codec to an encoder.

    Args:
        kinds: kinds of messages.
        codec: of the source.
        encoder: name of the encoder in FFmpeg.
        is_hdr: the result is PQ or HLG.
    """
    if codec not in READ_CODECS:
        return frozenset()
    written_kinds = kinds & _WRITERS.get(encoder, frozenset())
    return written_kinds if is_hdr else written_kinds - {DYNAMIC_LIGHT}


def message_warnings(left_out: frozenset[str]) -> tuple[str, ...]:
    """Sentences about kinds that do not come along."""
    sentences: list[str] = []
    if CAPTIONS in left_out:
        sentences.append(
            "The closed captions in the picture (CEA-608/708) are not carried over; choose --codec libx264 or"
            " libx265 to keep them, or extract them first, for example with CCExtractor."
        )
    if DYNAMIC_LIGHT in left_out:
        sentences.append(
            "The dynamic HDR metadata (HDR10+) is not carried over, the static one is where it can be; choose"
            " --codec libx265 to keep it."
        )
    return tuple(sentences)


@dataclass
class MessageLedger:
    """Which kinds of messages a stream's packets hold. codec: one of `READ_CODECS`; extradata: its header."""

    codec: str
    extradata: bytes
    kinds: set[str] = field(default_factory=set[str])

    def add(self, packet: Any) -> None:
        """Search one packet for the kinds that no packet before it held."""
        missing_kinds = [kind for kind in _MARKS if kind not in self.kinds]
        if missing_kinds:
            content = _beside_pictures(bytes(packet), self.codec, self.extradata)
            self.kinds |= {kind for kind in missing_kinds if _MARKS[kind] in content}


def messages_in(content: bytes, codec: str, extradata: bytes, kinds: frozenset[str]) -> list[bytes]:
    """The messages of these kinds in a packet, without escapes.

    Args:
        content: the packet's bytes.
        codec: name of the codec in FFmpeg.
        extradata: the codec's own header.
        kinds: kinds of messages.
    """
    if not any(_MARKS[kind] in content for kind in kinds):
        return []
    if codec == "mpeg2video":
        candidates = _mpeg2_messages(content)
    else:
        units = _UNITS[codec]
        candidates = (
            message
            for unit in _split(content, _length_bytes(codec, extradata))
            if unit and units.kind(unit) == units.message
            for message in _supplemental(_unescaped(unit[len(units.header) :]))
        )
    starts = tuple(_STARTS[kind] for kind in kinds)
    return [message for message in candidates if message.startswith(starts)]


def with_messages(content: bytes, codec: str, extradata: bytes, messages: list[bytes]) -> bytes:
    """A packet of H.264 or HEVC with messages before its picture; as it is where that cannot be found.

    Args:
        content: the packet's bytes.
        codec: name of the codec in FFmpeg.
        extradata: the codec's header that does not travel in packets.
        messages: without escapes.
    """
    units, length = _UNITS[codec], _length_bytes(codec, extradata)
    if not messages or not length:
        return content
    body = b"".join(
        bytes([_REGISTERED]) + b"\xff" * (len(message) // 255) + bytes([len(message) % 255]) + message
        for message in messages
    )
    return _before_picture(content, units, length, units.header + _escaped(body + b"\x80"))


def _before_picture(content: bytes, units: _Units, length: int, unit: bytes) -> bytes:
    at = 0
    for present in _split(content, length):
        if present and units.is_picture(present):
            return content[:at] + len(unit).to_bytes(length, "big") + unit + content[at:]
        at += length + len(present)
    return content


def units_of(content: bytes, codec: str, extradata: bytes) -> Iterator[bytes]:
    """The units of a packet.

    Args:
        content: of the packet.
        codec: FFmpeg's name of it, H.264 or HEVC.
        extradata: the codec's own header.
    """
    return _split(content, _length_bytes(codec, extradata))


def _beside_pictures(content: bytes, codec: str, extradata: bytes) -> bytes:
    """A packet without its pictures, which are most of it; all of it where units do not name their size."""
    units = _UNITS.get(codec)
    length = _length_bytes(codec, extradata) if units else 0
    if units is None or not length:
        return content
    return b"\xff".join(unit for unit in _split(content, length) if unit and not units.is_picture(unit))


def _length_bytes(codec: str, extradata: bytes) -> int:
    """Bytes of the number before each unit; 0 where start codes stand between them (annex B)."""
    place = 4 if codec == "h264" else 21
    return (extradata[place] & 3) + 1 if len(extradata) > place and extradata[0] == 1 else 0


def _split(content: bytes, length: int) -> Iterator[bytes]:
    """The units of a packet."""
    if not length:
        for piece in content.split(_START_CODE)[1:]:
            yield piece.rstrip(b"\0")
        return
    at = 0
    while at + length <= len(content):
        size = int.from_bytes(content[at : at + length], "big")
        yield content[at + length : at + length + size]
        at += length + size


def _supplemental(body: bytes) -> Iterator[bytes]:
    """The registered user data of one unit; what is cut off ends it."""
    at = 0
    while at + 2 < len(body):
        kind, at = _number(body, at)
        size, at = _number(body, at)
        if at + size > len(body):
            return
        if kind == _REGISTERED:
            yield body[at : at + size]
        at += size


def _number(body: bytes, at: int) -> tuple[int, int]:
    value = 0
    while at < len(body) and body[at] == 255:
        value, at = value + 255, at + 1
    return (value + body[at], at + 1) if at < len(body) else (value, at)


def _mpeg2_messages(content: bytes) -> Iterator[bytes]:
    for piece in content.split(_MPEG2_USER_DATA)[1:]:
        yield b"\xb5\x00\x31" + piece.split(_START_CODE)[0].rstrip(b"\0")


def _unescaped(body: bytes) -> bytes:
    return body.replace(b"\0\0\3", b"\0\0")


def _escaped(body: bytes) -> bytes:
    """No start code may come about: after two zeros a number up to 3 is preceded by a 3."""
    escaped = bytearray()
    zeros = 0
    for byte in body:
        if zeros >= 2 and byte <= 3:
            escaped.append(3)
            zeros = 0
        escaped.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(escaped)
