"""Labels a finished movie as spherical, stereo or cut by its container, which PyAV cannot.

An MP4 or QuickTime file gets the boxes st3d and sv3d of Google's Spherical Video V2 RFC; FFmpeg's muxer
leaves out a sphere's pose. Matroska's muxer writes all labels of the stream that its own is made after, so
it is made after the first segment's, put into a small MP4 file in memory with the same boxes.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import IO, Any

import av

from sparkvsr_engine.media.movies.frame_index.index import video_stream
from sparkvsr_engine.media.movies.presentation import CUBEMAP, QUICKTIME_STEREO, Cut, Immersion, Presentation

# Boxes on the way to a picture's sample entry, in the index of a file.
_PATH = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")


def add_presentation(path: Path, presentation: Presentation, size: tuple[int, int]) -> None:
    """Add it to the first track of an MP4 or QuickTime file whose index lies at its end, as FFmpeg's do.

    Args:
        path: the file.
        presentation: how the movie is to be shown: rotation, aspect, marks.
        size: width and height, pixels.

    Raises:
        OSError: where the file cannot be read or written.
        ValueError: for another file.
    """
    with path.open("r+b") as file:
        start = _index_place(file)
        file.seek(start)
        index = _with_boxes(file.read(), _boxes(presentation, size))
        file.seek(start)
        file.write(index)


def presenting_template(segment: Any, path: str, presentation: Presentation, size: tuple[int, int]) -> Any:
    """An open file in memory whose stream is the segment's and is labelled with how to show it; to be closed.

    Raises PyAV's errors.

    Args:
        segment: the opened segment.
        path: of the target, for its container.
        presentation: how the movie is to be shown: rotation, aspect, marks.
        size: width and height, pixels.
    """
    stream = video_stream(segment, path)
    memory = io.BytesIO()
    with av.open(memory, "w", format="mp4") as trial:
        name = "mp4" if stream.codec_context.codec.canonical_name in trial.supported_codecs else "mov"
    memory = io.BytesIO()
    with av.open(memory, "w", format=name) as out:
        copy = out.add_stream_from_template(stream, opaque=True)
        packet = next(packet for packet in segment.demux(stream) if packet.size)
        packet.pts, packet.dts, packet.stream = 0, 0, copy
        out.mux(packet)
    file = memory.getvalue()
    start = _index_place(memory)
    return av.open(io.BytesIO(file[:start] + _with_boxes(file[start:], _boxes(presentation, size))))


def _boxes(presentation: Presentation, size: tuple[int, int]) -> bytes:
    cut = presentation.cut
    return _immersion_boxes(presentation.immersion) + (b"" if cut is None else _cut_box(cut, *size))


def _cut_box(cut: Cut, width: int, height: int) -> bytes:
    """ISO/IEC 14496-12's clean aperture: width, height and the shift of its middle, each as a fraction."""
    size = (width - cut.left - cut.right, height - cut.top - cut.bottom)
    shift = ((cut.left - cut.right) / 2, (cut.top - cut.bottom) / 2)
    return _box(b"clap", b"".join(struct.pack(">iI", *value.as_integer_ratio()) for value in (*size, *shift)))


def _immersion_boxes(immersion: Immersion) -> bytes:
    boxes = b""
    if immersion.stereo in QUICKTIME_STEREO:
        boxes += _box(b"st3d", bytes([0, 0, 0, 0, QUICKTIME_STEREO[immersion.stereo]]))
    sphere = immersion.sphere
    if sphere is not None:
        left, top, right, bottom = sphere.bounds
        pose = _box(b"prhd", struct.pack(">I3i", 0, *sphere.pose))
        if sphere.projection == CUBEMAP:
            shape = _box(b"cbmp", struct.pack(">3I", 0, 0, sphere.padding))
        else:
            shape = _box(b"equi", struct.pack(">5I", 0, top, bottom, left, right))
        boxes += _box(b"sv3d", _box(b"svhd", bytes(5)) + _box(b"proj", pose + shape))
    return boxes


def _index_place(file: IO[bytes]) -> int:
    """Where the index begins: a box of the file itself, the last one."""
    end, start = file.seek(0, 2), 0
    while start + 8 <= end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        if size == 1:
            size = struct.unpack(">Q", file.read(8))[0]
        if kind == b"moov" and start + size == end:
            return start
        start += max(size, 8)
    raise ValueError("there is no index at the end of the file")


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _with_boxes(index: bytes, boxes: bytes) -> bytes:
    """A file's index with boxes at the end of its first track's sample entry."""
    data, start, end = bytearray(index), 0, len(index)
    starts: list[int] = []
    for kind in _PATH:
        start = _place(data, start, end, kind)
        starts.append(start)
        end = start + int.from_bytes(data[start : start + 4], "big")
        start += 8
    # Sample entries come after a version and their count.
    entry = start + 8
    at = entry + int.from_bytes(data[entry : entry + 4], "big")
    for place in (*starts, entry):
        size = int.from_bytes(data[place : place + 4], "big") + len(boxes)
        data[place : place + 4] = size.to_bytes(4, "big")
    return bytes(data[:at] + boxes + data[at:])


def _place(data: bytearray, start: int, end: int, kind: bytes) -> int:
    """Where the first box of a kind begins among those from `start` to `end`."""
    while start + 8 <= end:
        if data[start + 4 : start + 8] == kind:
            return start
        start += max(int.from_bytes(data[start : start + 4], "big"), 8)
    raise ValueError(f"there is no {kind.decode()} box")
