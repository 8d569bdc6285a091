"""Any frame of any kind of movie equals the same frame decoded in order, over a table of codecs and
containers.

Frames are told apart by the number each carries. `-m "not slow"` leaves out all but one of each way.
"""

from __future__ import annotations

import random

import av
import pytest

from bridge.media import SourceMedia
from sparkvsr_engine.media.movies.reader import MovieReader
from sparkvsr_engine.media.movies.yuv import RgbReader
from sparkvsr_engine.media.probe import probe
from tests.fakes.media import number_in, write_movie

FRAMES = 24
# Wide enough for the blocks that carry the number.
SIZE = {"frames": FRAMES, "width": 96, "height": 48}

B_FRAMES = {"g": "8", "bf": "2", "crf": "12"}
CODECS = {
    "h264": (
        "libx264",
        "yuv420p",
        B_FRAMES,
        ("mp4", "mov", "mkv", "ts", "m2ts", "avi", "asf", "flv", "nut", "h264"),
    ),
    "h264-open": (
        "libx264",
        "yuv420p",
        {**B_FRAMES, "x264-params": "open-gop=1:scenecut=0"},
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
}
TABLE = [(kind, holder) for kind, (*_, holders) in CODECS.items() for holder in holders]
# One of each way an index is made, in every run.
ALWAYS = {
    ("h264", "mp4"),
    ("h264", "avi"),
    ("mpeg2", "vob"),
    ("h264-refresh", "ts"),
    ("qtrle", "mov"),
    ("vp8", "webm"),
}


def written(folder, kind, holder):
    """A movie of the table; the test is skipped where this build of FFmpeg does not write it."""
    codec, pixel_format, options, _ = CODECS[kind]
    if codec not in av.codecs_available:
        pytest.skip(f"this FFmpeg has no encoder {codec}")
    path = folder / f"clip.{holder}"
    try:
        return write_movie(path, codec=codec, pixel_format=pixel_format, options=dict(options), **SIZE)
    except (av.error.FFmpegError, ValueError) as error:
        pytest.skip(f"this FFmpeg does not write {kind} to .{holder}: {error}")


def cases():
    for kind, holder in TABLE:
        marks = [] if (kind, holder) in ALWAYS else [pytest.mark.slow]
        yield pytest.param(kind, holder, id=f"{kind}-{holder}", marks=marks)


@pytest.mark.parametrize(("kind", "holder"), list(cases()))
def test_every_frame_read_alone_is_the_frame_decoded_in_order(tmp_path, kind, holder):
    path = written(tmp_path, kind, holder)
    info = probe(SourceMedia(str(path)))
    rgb = RgbReader(info.colour, info.height)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "SLICE"
        in_order = [rgb.rgb(frame) for frame in container.decode(stream)]
    assert len(info.available) == len(in_order) == FRAMES
    assert [number_in(pixels) for pixels in in_order] == list(range(FRAMES))
    reader = MovieReader(info)
    numbers = list(range(FRAMES))
    for number in [*random.Random(7).sample(numbers, FRAMES), *numbers[::-1], *numbers]:
        assert (reader.read(number).pixels == in_order[number]).all(), number
    reader.close()


def test_the_table_is_long_enough():
    assert len(TABLE) >= 90
