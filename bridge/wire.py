"""Messages to ZeroMQ frames and back; `encode` and `decode` are exact inverses.

Frames: JSON header, JSON body, then raw buffers, each cut into parts of at most PART_BYTES because
larger messages fall off the allocator's fast path (measured: 2x slower at 50 MB).

Not here: sockets (`transport`), who may talk to whom (CURVE, `transport`).
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from .errors import MalformedMessage, ProtocolMismatch
from .messages import KIND_OF, MESSAGE_KINDS
from .records import Record
from .version import PROTOCOL_VERSION

PART_BYTES = 16 * 1024 * 1024
MAX_BUFFERS_BYTES = 2 * 1024 * 1024 * 1024

Buffer = Union[bytes, bytearray, memoryview]


@dataclasses.dataclass(frozen=True)
class Envelope:
    """One message with what goes around it.

    id: unique name of this message. reply_to: id of the request this answers or belongs to.
    message: None when `kind` is unknown here (a newer peer); the receiver decides.
    """

    kind: str
    id: str
    message: Optional[Record]
    reply_to: str = ""
    buffers: Tuple[Buffer, ...] = ()


def make_envelope(message: Record, reply_to: str = "", buffers: Sequence[Buffer] = ()) -> Envelope:
    """Wrap a message under a fresh id."""
    return Envelope(KIND_OF[type(message)], uuid.uuid4().hex, message, reply_to, tuple(buffers))


def encode(envelope: Envelope) -> List[Buffer]:
    """The frames of a message: header, body, buffer parts. Buffers are not copied."""
    if envelope.message is None:
        raise MalformedMessage(f"a message of unknown kind '{envelope.kind}' cannot be sent.")
    views = [memoryview(buffer).cast("B") for buffer in envelope.buffers]
    header: Dict[str, Any] = {
        "protocol": list(PROTOCOL_VERSION),
        "kind": envelope.kind,
        "id": envelope.id,
        "reply_to": envelope.reply_to,
        "buffers": [view.nbytes for view in views],
    }
    frames: List[Buffer] = [_dump(header), _dump(envelope.message.to_dict())]
    for view in views:
        frames.extend(view[start : start + PART_BYTES] for start in range(0, view.nbytes, PART_BYTES))
    return frames


def decode(frames: Sequence[Buffer]) -> Envelope:
    """The message in `frames`.

    Raises MalformedMessage for anything that is not well formed, ProtocolMismatch for another major.
    """
    if len(frames) < 2:
        raise MalformedMessage(f"a message has at least 2 frames, this one has {len(frames)}.")
    header, body = _load(frames[0], "header"), _load(frames[1], "body")
    check_protocol(header.get("protocol"))
    kind, message_id = header.get("kind"), header.get("id")
    if not isinstance(kind, str) or not isinstance(message_id, str):
        raise MalformedMessage("the header lacks its kind or id.")
    buffers = _join_parts(header.get("buffers", []), frames[2:])
    record = MESSAGE_KINDS.get(kind)
    message = record.from_dict(body) if record else None
    return Envelope(kind, message_id, message, str(header.get("reply_to", "")), buffers)


def peek_id(frames: Sequence[Buffer]) -> str:
    """The id in a header that may be broken otherwise, so that an error reply reaches its request."""
    try:
        return str(_load(frames[0], "header").get("id", ""))
    except (MalformedMessage, IndexError):
        return ""


def check_protocol(version: Any) -> None:
    """Raise ProtocolMismatch unless `version` is of our major."""
    try:
        major, minor = int(version[0]), int(version[1])
    except (TypeError, ValueError, IndexError, KeyError):
        raise MalformedMessage(f"the header's protocol version is {version!r}; it must be [major, minor].") from None
    if major != PROTOCOL_VERSION[0]:
        ours = ".".join(map(str, PROTOCOL_VERSION))
        raise ProtocolMismatch(
            f"The peer speaks protocol {major}.{minor}, this side {ours}; update the older of plugin and engine."
        )


def _join_parts(sizes: Any, parts: Sequence[Buffer]) -> Tuple[Buffer, ...]:
    if not isinstance(sizes, list) or not all(isinstance(size, int) and size >= 0 for size in sizes):
        raise MalformedMessage("the header's buffer sizes are not a list of byte counts.")
    if sum(sizes) > MAX_BUFFERS_BYTES:
        raise MalformedMessage(f"{sum(sizes)} bytes of buffers; the limit is {MAX_BUFFERS_BYTES}.")
    joined: List[Buffer] = []
    rest = list(parts)
    for size in sizes:
        count = -(-size // PART_BYTES)
        own, rest = rest[:count], rest[count:]
        buffer: Buffer = own[0] if count == 1 and own else b"".join(own)
        if len(buffer) != size:
            raise MalformedMessage(f"a buffer of {size} bytes came with {len(buffer)}.")
        joined.append(buffer)
    if rest:
        raise MalformedMessage(f"{len(rest)} frames more than the header names.")
    return tuple(joined)


def _dump(value: Dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _load(frame: Buffer, what: str) -> Dict[str, Any]:
    try:
        value = json.loads(bytes(frame))
    except (ValueError, UnicodeDecodeError) as error:
        raise MalformedMessage(f"the message's {what} is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise MalformedMessage(f"the message's {what} is not a JSON object.")
    return value
