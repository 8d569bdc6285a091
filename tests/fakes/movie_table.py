"""A table of movies, codec by container, and whether every frame of one can be had by its number."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import av
import av.error

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.movies.reader import MovieReader
from sparkvsr_engine.media.movies.yuv import RgbReader
from sparkvsr_engine.media.probe import probe
from tests.fakes.media import number_in, write_movie

FRAMES = 24
"""Of each movie; every frame carries its number."""
# Wide enough for the blocks that carry the number.
_SIZE = {"frames": FRAMES, "width": 96, "height": 48}

_B_FRAMES = {"g": "8", "bf": "2", "crf": "12"}
CODECS = {
    "h264": (
        "libx264",
        "yuv420p",
        _B_FRAMES,
        ("mp4", "mov", "mkv", "ts", "m2ts", "avi", "asf", "flv", "nut", "h264"),
    ),
    "h264-open": (
        "libx264",
        "yuv420p",
        {**_B_FRAMES, "x264-params": "open-gop=1:scenecut=0"},
        ("mp4", "mkv", "ts", "nut"),
    ),
    "h264-pyramid": (
        "libx264",
        "yuv420p",
        {"g": "12", "bf": "5", "b-pyramid": "normal"},
        ("mp4", "mkv", "ts"),
    ),
    "h264-refresh": (
        "libx264",
        "yuv420p",
        {"g": "8", "bf": "0", "x264-params": "intra-refresh=1"},
        ("mp4", "ts"),
    ),
    "h264-no-b": ("libx264", "yuv420p", {"g": "8", "bf": "0"}, ("mp4", "avi", "flv", "ts")),
    "hevc": (
        "libx265",
        "yuv420p",
        {"x265-params": "log-level=error:keyint=8:bframes=3:pools=1"},
        ("mp4", "mov", "mkv", "ts", "nut", "hevc"),
    ),
    "hevc-10": (
        "libx265",
        "yuv420p10le",
        {"x265-params": "log-level=error:keyint=8:open-gop=1:pools=1"},
        ("mp4", "mkv", "ts"),
    ),
    "mpeg2": (
        "mpeg2video",
        "yuv420p",
        {"g": "8", "bf": "2", "b": "2M"},
        ("mpg", "vob", "ts", "mkv", "mov", "avi", "nut", "m2v"),
    ),
    "mpeg1": ("mpeg1video", "yuv420p", {"g": "8", "bf": "2", "b": "2M"}, ("mpg", "ts", "mkv", "avi", "asf")),
    "mpeg4": (
        "mpeg4",
        "yuv420p",
        {"g": "8", "bf": "2", "qscale": "2"},
        ("mp4", "mov", "avi", "mkv", "nut", "asf"),
    ),
    "mpeg4-no-b": ("mpeg4", "yuv420p", {"g": "8", "bf": "0", "qscale": "2"}, ("avi", "mp4", "ts")),
    "vp8": (
        "libvpx",
        "yuv420p",
        {"b": "1M", "g": "8", "auto-alt-ref": "1", "lag-in-frames": "10"},
        ("webm", "mkv"),
    ),
    "vp9": (
        "libvpx-vp9",
        "yuv420p",
        {"b": "0", "crf": "20", "g": "8", "lag-in-frames": "8"},
        ("webm", "mkv", "mp4"),
    ),
    "av1": ("libsvtav1", "yuv420p", {"preset": "12", "crf": "20", "g": "8"}, ("mp4", "webm", "mkv")),
    "ffv1": ("ffv1", "yuv422p", {}, ("mkv", "avi", "nut")),
    "ffv1-deep": ("ffv1", "gbrp12le", {}, ("mkv",)),
    "prores": ("prores_ks", "yuv422p10le", {"profile": "proxy"}, ("mov", "mkv", "mxf")),
    "mjpeg": ("mjpeg", "yuvj420p", {"qscale": "2"}, ("avi", "mov", "mkv", "mp4")),
    "png": ("png", "rgb24", {}, ("mov", "avi")),
    "qtrle": ("qtrle", "rgb24", {"g": "8"}, ("mov",)),
    "huffyuv": ("huffyuv", "yuv422p", {}, ("avi",)),
    "utvideo": ("utvideo", "yuv420p", {}, ("avi",)),
    "rawvideo": ("rawvideo", "yuv420p", {}, ("avi", "nut")),
    "v210": ("v210", "yuv422p10le", {}, ("mov", "avi")),
    "wmv2": ("wmv2", "yuv420p", {"qscale": "2", "g": "8"}, ("asf", "avi")),
    "msmpeg4": ("msmpeg4", "yuv420p", {"qscale": "2", "g": "8"}, ("avi", "asf")),
    "h263": ("flv", "yuv420p", {"qscale": "2", "g": "8"}, ("flv", "avi")),
    "cfhd": ("cfhd", "yuv422p10le", {}, ("mov", "avi")),
    "h264-intra": ("libx264", "yuv422p10le", {"g": "1", "crf": "12"}, ("mov", "mp4", "mxf", "mkv")),
    "mpeg2-422": ("mpeg2video", "yuv422p", {"g": "8", "bf": "2", "b": "2M"}, ("mxf", "mov", "ts")),
    "prores-4444": ("prores_ks", "yuva444p10le", {"profile": "4444"}, ("mov", "mkv")),
    "jpeg2000": ("jpeg2000", "yuv422p", {}, ("mov", "mxf", "mkv")),
    "ffvhuff": ("ffvhuff", "yuv420p", {}, ("avi",)),
    "magicyuv": ("magicyuv", "gbrp", {}, ("avi",)),
    "gif": ("gif", "rgb8", {}, ("gif",)),
    "apng": ("apng", "rgb24", {}, ("apng",)),
}
TABLE = [(kind, holder) for kind, (*_, holders) in CODECS.items() for holder in holders]
"""(codec, container) of every movie."""


class NotWritten(Exception):
    """This build of FFmpeg does not write that movie."""


@dataclass(frozen=True)
class Access:
    """What reading one movie by number gave.

    numbers: those its frames carry, decoded in order. promised: how many frames it is taken to have.
    notes: warnings about the file before rendering, nothing of a healthy one.
    reads: how many frames were asked for, at random, backwards and forwards. wrong: those of them whose
    pixels are not those decoded in order.
    """

    numbers: tuple[int, ...]
    promised: int
    reads: int
    wrong: tuple[int, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether every frame is there, every read gave the frame requested, and there is no warning."""
        whole = tuple(range(FRAMES))
        return self.numbers == whole and self.promised == FRAMES and not self.wrong and not self.notes


def write_kind(folder: Path, kind: str, container: str) -> Path:
    """A movie of the table.

    Raises NotWritten.
    """
    codec, pixel_format, options, _ = CODECS[kind]
    if codec not in av.codecs_available:
        raise NotWritten(f"this FFmpeg has no encoder {codec}")
    path = folder / f"{kind}.{container}"
    try:
        return write_movie(path, codec=codec, pixel_format=pixel_format, options=dict(options), **_SIZE)
    except (av.error.FFmpegError, ValueError) as error:
        raise NotWritten(f"this FFmpeg does not write {kind} to .{container}: {error}") from error


def read_by_number(path: Path) -> Access:
    """Read a movie's frames in order with PyAV alone, and then by number with the engine's reader."""
    info = probe(SourceMedia(str(path)))
    rgb = RgbReader(info.colour, info.height)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "SLICE"
        in_order = [rgb.rgb(frame) for frame in container.decode(stream)]
    numbers = list(range(len(in_order)))
    request = [*random.Random(7).sample(numbers, len(numbers)), *numbers[::-1], *numbers]
    reader = MovieReader(info)
    wrong = [number for number in request if not (reader.read(number).pixels == in_order[number]).all()]
    reader.close()
    carried = tuple(number_in(pixels) for pixels in in_order)
    return Access(carried, len(info.available), len(request), tuple(wrong), info.notes)
