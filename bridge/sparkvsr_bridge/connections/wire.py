"""Messages to ZeroMQ frames and back; `encode` and `decode` are exact inverses.

Frames: JSON header, JSON body, then raw buffers, each cut into parts of at most PART_BYTES because
larger messages fall off the allocator's fast path (measured: 2x slower at 50 MB).

Not here: sockets (`transport`), who may talk to whom (CURVE, `transport`).
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from typing import Any, Dict, List, NoReturn, Optional, Sequence, Tuple, Union, cast

from ..errors import MalformedMessage, ProtocolMismatch, SparkVSRError
from ..messages import KIND_OF, MESSAGE_KINDS, ErrorReply
from ..records import Record
from ..reports import ErrorReport
from ..version import PROTOCOL_VERSION
from .fields import read_list, read_value

PART_BYTES = 16 * 1024 * 1024
MAX_JSON_BYTES = 16 * 1024 * 1024
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
    """Wrap a message under a fresh id.

    Args:
        message: the message's record.
        reply_to: id of the message that it answers; empty for none.
        buffers: the bytes that the message's pictures refer to.
    """
    return Envelope(KIND_OF[type(message)], uuid.uuid4().hex, message, reply_to, tuple(buffers))


def make_refusal(frames: Sequence[Buffer], error: SparkVSRError) -> Envelope:
    """The error reply to a message that `decode` refused; it finds its request by the header's id.

    Args:
        frames: the message that was refused.
        error: why.
    """
    return make_envelope(ErrorReply(ErrorReport.of(error)), reply_to=peek_id(frames))


def encode(envelope: Envelope) -> List[Buffer]:
    """The frames of a message: header, body, buffer parts. Buffers are not copied.

    Args:
        envelope: the message.

    Raises:
        MalformedMessage: for values JSON cannot carry and for buffers that are too large or not in one piece.
    """
    if envelope.message is None:
        raise MalformedMessage(f"a message of unknown kind '{envelope.kind}' cannot be sent.")
    views = [as_bytes(buffer) for buffer in envelope.buffers]
    _check_total(sum(view.nbytes for view in views))
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

    Args:
        frames: as they came from the socket.

    Raises:
        MalformedMessage: for anything that is not well formed, ProtocolMismatch for another major (whose body
            is not looked at), InvalidSettings for values of the right type that make no sense.
    """
    if len(frames) < 2:
        raise MalformedMessage(f"a message has at least 2 frames, this one has {len(frames)}.")
    header = _load(frames[0], "header")
    check_protocol(header.get("protocol"))
    kind = read_value("str", "header.kind", header.get("kind"))
    message_id = read_value("str", "header.id", header.get("id"))
    reply_to = read_value("str", "header.reply_to", header.get("reply_to", ""))
    buffers = _join_parts(header.get("buffers", []), frames[2:])
    body = _load(frames[1], "body")
    record = MESSAGE_KINDS.get(kind)
    message = record.from_dict(body) if record else None
    return Envelope(kind, message_id, message, reply_to, buffers)


def peek_id(frames: Sequence[Buffer]) -> str:
    """The id in a header that may be broken otherwise, so that an error reply reaches its request.

    Args:
        frames: the frames of the message as the socket gave them.
    """
    return _peek(frames, "id")


def peek_reply_to(frames: Sequence[Buffer]) -> str:
    """The id of the request that a message of any protocol answers; empty when there is none.

    Args:
        frames: the frames of the message as the socket gave them.
    """
    return _peek(frames, "reply_to")


def check_protocol(version: Any) -> None:
    """Raise ProtocolMismatch unless `version` is of our major.

    Args:
        version: major and minor, as the header has them.
    """
    major, minor = read_value("Tuple[int, int]", "header.protocol", version)
    if major != PROTOCOL_VERSION[0]:
        engine_protocol = ".".join(map(str, PROTOCOL_VERSION))
        raise ProtocolMismatch(
            f"The peer uses protocol {major}.{minor}, this side {engine_protocol};"
            " update the older of plugin and engine.",
            protocol=[major, minor],
        )


def as_bytes(buffer: Any) -> memoryview:
    """A bytes-like object as flat bytes, not copied; raises MalformedMessage when it is not in one piece.

    Args:
        buffer: bytes, a memoryview or an array.
    """
    view = memoryview(buffer)
    if not view.c_contiguous:
        raise MalformedMessage("the pixels of a picture must lie in one piece, rows from the top; copy them.")
    return view.cast("B") if view.nbytes else memoryview(b"")


def _join_parts(sizes: Any, parts: Sequence[Buffer]) -> Tuple[Buffer, ...]:
    counts = [read_value("int", "header.buffers", size) for size in read_list("header.buffers", sizes)]
    if any(size < 0 for size in counts):
        raise MalformedMessage("the header's buffer sizes are not byte counts.")
    _check_total(sum(counts))
    joined: List[Buffer] = []
    position = 0
    for size in counts:
        pieces = parts[position : position + -(-size // PART_BYTES)]
        position += len(pieces)
        buffer: Buffer = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if len(buffer) != size:
            raise MalformedMessage(f"a buffer of {size} bytes came with {len(buffer)}.")
        joined.append(buffer)
    if position != len(parts):
        raise MalformedMessage(f"{len(parts) - position} frames more than the header names.")
    return tuple(joined)


def _check_total(nbytes: int) -> None:
    if nbytes > MAX_BUFFERS_BYTES:
        raise MalformedMessage(f"{nbytes} bytes of buffers; a message holds at most {MAX_BUFFERS_BYTES}.")


def _dump(value: Dict[str, Any]) -> bytes:
    """ASCII JSON, so that file names that are not valid Unicode (surrogate escapes) survive."""
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False, default=str)
    except (ValueError, RecursionError) as error:
        raise MalformedMessage(f"the message holds a value that cannot travel: {error}.") from error
    if len(text) > MAX_JSON_BYTES:
        raise MalformedMessage(f"the message has {len(text)} bytes of JSON; it may have {MAX_JSON_BYTES}.")
    return text.encode("ascii")


def _load(frame: Buffer, what: str) -> Dict[str, Any]:
    if len(frame) > MAX_JSON_BYTES:
        raise MalformedMessage(f"the message's {what} has {len(frame)} bytes; it may have {MAX_JSON_BYTES}.")
    try:
        value: Any = json.loads(bytes(frame), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedMessage(f"the message's {what} is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise MalformedMessage(f"the message's {what} is not a JSON object.")
    return cast("Dict[str, Any]", value)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _peek(frames: Sequence[Buffer], name: str) -> str:
    try:
        return str(_load(frames[0], "header").get(name, ""))
    except (MalformedMessage, IndexError):
        return ""
