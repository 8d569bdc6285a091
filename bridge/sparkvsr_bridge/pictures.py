"""Pixels that go with a message: the plugin hands over bytes, the way they travel is decided here.

`image_ref` makes a picture of bytes in memory. `pack` puts a message's pictures where its receiver
finds them (shared memory on one machine, else buffers of the message), `open_image` gives the receiver
their bytes again. Pictures given by path pass through untouched.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from pathlib import Path
from typing import Any, Callable, Dict, Generator, List, Optional, Sequence, Tuple, TypeVar, cast

from .connections.shared_memory import open_frame, unlink, write_frame
from .connections.wire import Buffer, as_bytes
from .errors import InvalidSettings, MalformedMessage, MediaUnreadable, OutputUnwritable
from .media import ImageRef, PixelFormat
from .records import Record, fields_of, require, require_choice

log = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)

MODES = ("auto", "shared", "buffer")


@dataclasses.dataclass(frozen=True, eq=False)
class PixelImage(ImageRef):
    """A picture in this process's memory, to be put into a message; it never travels as it is.

    pixels: `format.nbytes` bytes, rows from the top, channels interleaved.
    mode: `auto` leaves the way to the client, `shared` and `buffer` insist.
    """

    pixels: Any = b""
    mode: str = "auto"

    def __post_init__(self) -> None:
        require_choice("picture mode", self.mode, MODES)
        require(self.format is not None, "a picture in memory needs its pixel format.")
        expected_bytes = cast("PixelFormat", self.format).nbytes
        actual_bytes = as_bytes(self.pixels).nbytes
        require(
            actual_bytes == expected_bytes,
            f"a picture of {expected_bytes} bytes came with {actual_bytes}; check size and format.",
        )

    def to_dict(self) -> Dict[str, Any]:
        """Refused: a message that holds pixels must be packed first."""
        raise MalformedMessage("a picture in memory travels through EngineClient.request or pack only.")


@dataclasses.dataclass(frozen=True)
class Package:
    """A message ready to be sent: its pictures are in `buffers` or in shared frames called `shared`."""

    message: Record
    buffers: Tuple[Buffer, ...]
    shared: Tuple[str, ...]


def image_ref(pixels: Any, format: PixelFormat, mode: str = "auto") -> ImageRef:  # noqa: A002 - the record's word
    """A picture of bytes in memory (bytes, memoryview, NumPy array) for any field that takes an ImageRef.

    The bytes must stay as they are until the request that carries them has returned.

    Args:
        pixels: a buffer of bytes that stays as it is until the request has been sent.
        format: size, channels and numbers of the pixels.
        mode: how the bytes travel, see `pictures.image_ref`.

    Raises:
        InvalidSettings: when their number does not fit the format.
    """
    return PixelImage(format=format, pixels=pixels, mode=mode)


def pack(message: Record, folder: Optional[Path], buffers: Sequence[Buffer] = ()) -> Package:
    """Put a message's pictures where the receiver finds them.

    Args:
        message: the message's record.
        folder: the shared memory folder when the receiver sees it, else None.
        buffers: what goes with the message anyway; pictures come after it.

    Raises:
        InvalidSettings: when a picture insists on shared memory that the receiver does not see.
    """
    message_buffers: List[Buffer] = list(buffers)
    shared: List[str] = []

    def place(picture: ImageRef) -> ImageRef:
        if not isinstance(picture, PixelImage):
            return picture
        name = _try_share(picture, folder)
        if name:
            shared.append(name)
            return ImageRef(shared=name, format=picture.format)
        message_buffers.append(as_bytes(picture.pixels))
        return ImageRef(buffer=len(message_buffers) - 1, format=picture.format)

    try:
        packed = replace_images(message, place)
    except BaseException:
        unlink_all(folder, shared)
        raise
    return Package(packed, tuple(message_buffers), tuple(shared))


def unlink_all(folder: Optional[Path], names: Sequence[str]) -> None:
    """Take shared frames away.

    Args:
        folder: where shared frames lie; None where both sides share no memory.
        names: of the frames.
    """
    for name in names:
        unlink(cast("Path", folder), name)


@contextlib.contextmanager
def open_image(
    picture: ImageRef, buffers: Sequence[Buffer], folder: Optional[Path], take: bool = False
) -> Generator[memoryview, None, None]:
    """The bytes of a picture that came with a message, `picture.format.nbytes` of them, read-only.

    Args:
        picture: the picture's reference in a message.
        buffers: the bytes that the message's pictures refer to.
        folder: where shared frames lie; None where both sides share no memory.
        take: unlink a shared frame at the end, as the receiver of an event does.

    Raises:
        MalformedMessage: when message and picture do not fit, MediaUnreadable when a shared frame is gone,
            InvalidSettings for a picture given by path, which is opened like any file.
    """
    if isinstance(picture, PixelImage):
        yield as_bytes(picture.pixels).toreadonly()
    elif picture.buffer is not None:
        yield _buffer_of(picture, buffers)
    elif picture.format is None:
        raise InvalidSettings(f"{picture.path} is a file; open it as such.")
    elif folder is None:
        raise MediaUnreadable("a picture came in shared memory, and none is shared here; send it in buffers.")
    else:
        with open_frame(folder, picture.shared, picture.format.nbytes, take) as pixels:
            yield pixels


def replace_images(record: R, swap: Callable[[ImageRef], ImageRef]) -> R:
    """The record with every picture in it, however deep, put through `swap`.

    Args:
        record: any record.
        swap: gives the reference that takes a picture's place.
    """
    changed: Dict[str, Any] = {}
    for field in fields_of(type(record)):
        value = getattr(record, field.name)
        replaced = _replace_in(value, swap)
        if replaced is not value:
            changed[field.name] = replaced
    return dataclasses.replace(cast("Any", record), **changed) if changed else record


def _replace_in(value: Any, swap: Callable[[ImageRef], ImageRef]) -> Any:
    if isinstance(value, ImageRef):
        return swap(value)
    if isinstance(value, Record):
        return replace_images(value, swap)
    if isinstance(value, tuple):
        items = cast("Tuple[Any, ...]", value)
        replaced = tuple(_replace_in(item, swap) for item in items)
        is_same = all(new is old for new, old in zip(replaced, items))
        return items if is_same else replaced
    return value


def _try_share(picture: PixelImage, folder: Optional[Path]) -> str:
    """The name of a shared frame with these pixels; empty when they go in a buffer."""
    if folder is None and picture.mode == "shared":
        raise InvalidSettings(
            "the engine does not share this machine's memory; send the picture in a buffer."
        )
    if folder is None or picture.mode == "buffer":
        return ""
    try:
        return write_frame(folder, as_bytes(picture.pixels))
    except OutputUnwritable as error:
        if picture.mode == "shared":
            raise
        log.warning("a picture goes in the message instead of shared memory: %s", error)
        return ""


def _buffer_of(picture: ImageRef, buffers: Sequence[Buffer]) -> memoryview:
    index, expected_bytes = cast("int", picture.buffer), cast("PixelFormat", picture.format).nbytes
    if not 0 <= index < len(buffers):
        raise MalformedMessage(f"a picture is in buffer {index}; the message has {len(buffers)}.")
    pixels = as_bytes(buffers[index])
    if pixels.nbytes != expected_bytes:
        raise MalformedMessage(
            f"buffer {index} has {pixels.nbytes} bytes; its picture needs {expected_bytes}."
        )
    return pixels.toreadonly()
