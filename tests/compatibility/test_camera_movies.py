"""Movies of phones, cameras and recorders, judged by FFmpeg's own program or by what was put into them."""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.compatibility.command_line import upscaled
from tests.fakes.ffmpeg import AV1, ffmpeg
from tests.fakes.media import number_in, write_movie
from tests.fakes.systems import IS_WINDOWS

PATTERN = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4")
QUIET = ("-x265-params", "log-level=none")


def frames_of(path):
    """Every frame as it is read in order, and again from the last to the first."""
    info = probe(SourceMedia(str(path)))
    source = open_source(info)
    forwards = [source.read(number).pixels for number in info.span]
    backwards = [source.read(number).pixels for number in reversed(list(info.span))]
    source.close()
    for first, second in zip(forwards, reversed(backwards), strict=True):
        np.testing.assert_array_equal(first, second)
    return info, forwards


@covers(
    "kinds of movies",
    "Shape",
    variants="phones' HEVC and H.264 of variable rate, turned by 90, 180, 270 degrees and mirrored",
    result="upright as FFmpeg shows them; times are kept",
)
@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize(
    "turn", [("-display_rotation", angle) for angle in ("90", "180", "270")] + [("-display_hflip",)]
)
def test_a_phones_movie_is_upright(tmp_path, codec, turn):
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    times = [0, 1, 2, 4, 5, 9, 10]
    write_movie(tmp_path / "a.mp4", frames=len(times), pts=times, codec=codec, options=options)
    ffmpeg(tmp_path, *turn, "-i", "a.mp4", "-c", "copy", "b.mp4")
    ffmpeg(tmp_path, "-i", "b.mp4", "-fps_mode", "passthrough", "-pix_fmt", "rgb24", "%d.png")
    info, frames = frames_of(tmp_path / "b.mp4")
    assert (len(frames), info.variable_rate) == (len(times), True)
    with av.open(str(tmp_path / "1.png")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape == frames[0].shape
    # FFmpeg's own conversion rounds to 8 bits on the way.
    assert abs(frames[0] / 257.0 - picture).mean() < 2


def with_edits(path, edits, target):
    """The movie with other entries (milliseconds shown, first tick of the media) in its edit list."""
    content = bytearray(path.read_bytes())
    at = content.index(b"elst")
    present = 12 * struct.unpack(">I", content[at + 8 : at + 12])[0]
    entries = b"".join(struct.pack(">IiI", duration, first, 1 << 16) for duration, first in edits)
    content[at + 8 : at + 12 + present] = struct.pack(">I", len(edits)) + entries
    for box in (b"elst", b"edts", b"trak", b"moov"):
        size = content.index(box) - 4
        track_bytes = struct.unpack(">I", content[size : size + 4])[0] + len(entries) - present
        content[size : size + 4] = struct.pack(">I", track_bytes)
    target.write_bytes(content)
    return target


EDITS = {
    "its first part": ([(400, 0)], [*range(10)]),
    "its last part": ([(400, 15)], [*range(15, 25)]),
    "a pause before it": ([(500, None), (1000, 0)], [*range(25)]),
    "two pieces": ([(200, 0), (400, 15)], [*range(5), *range(15, 25)]),
    "pieces in another order": ([(400, 15), (200, 0)], [*range(15, 25), *range(5)]),
    "a piece twice": ([(200, 5), (200, 5)], [*range(5, 10), *range(5, 10)]),
}


@covers(
    "kinds of movies",
    "Starts and clocks",
    variants="edit lists: parts, a pause before, pieces left out, in another order, twice",
    result="the frames a player shows, each by its number",
)
@pytest.mark.parametrize("name", EDITS)
def test_an_edit_list_is_followed(tmp_path, name):
    edits, expected = EDITS[name]
    path = write_movie(tmp_path / "a.mp4", frames=25, rate=Fraction(25), options={"g": "5", "bf": "2"})
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        tick = int(1 / (25 * stream.time_base))
        # Reordering delays the first picture.
        delay = int.from_bytes(path.read_bytes().partition(b"elst")[2][12:16], "big")
    ticks = [(duration, -1 if first is None else delay + first * tick) for duration, first in edits]
    info, frames = frames_of(with_edits(path, ticks, tmp_path / "b.mp4"))
    assert [number_in(frame) for frame in frames] == expected
    assert info.notes == ()


ODD = {
    "H.264 4:4:4": ("a.mkv", "libx264", "yuv444p"),
    "HEVC 4:4:4 of 10 bits": ("a.mp4", "libx265", "yuv444p10le", *QUIET),
    "VP9 4:2:0": ("a.webm", "libvpx-vp9", "yuv420p"),
    "FFV1 4:2:0": ("a.mkv", "ffv1", "yuv420p"),
    "Motion JPEG 4:2:0": ("a.avi", "mjpeg", "yuvj420p"),
    "PNG": ("a.mov", "png", "rgb24"),
    "YUV4MPEG 4:2:2 of 10 bits": ("a.y4m", "rawvideo", "yuv422p10le", "-strict", "-1"),
}


@covers(
    "kinds of movies",
    "Shape",
    variants="odd sides in 4:4:4 and 4:2:0, 8 and 10 bit: H.264, HEVC, VP9, FFV1, Motion JPEG, PNG, Y4M",
    result="every row and column is read",
)
@pytest.mark.parametrize("name", ODD)
def test_odd_sides_are_read_whole(tmp_path, name):
    file, codec, pixels, *more = ODD[name]
    crop = "format=yuv444p,crop=65:49:0:0:exact=1"
    coded = ("-c:v", codec) if codec != "rawvideo" else ()
    ffmpeg(tmp_path, "-f", "lavfi", "-i", "testsrc2=s=200x100:r=25:d=0.2", "-vf", crop, *coded, "-pix_fmt",
           pixels, *more, file)  # fmt: skip
    info, frames = frames_of(tmp_path / file)
    assert (info.width, info.height, len(frames)) == (65, 49, 5)


RECORDERS = {
    "MXF of fields": ("a.mxf", "-c:v", "mpeg2video", "-pix_fmt", "yuv422p", "-flags", "+ildct+ilme"),
    "DNxHD of fields": ("a.mxf", "-s", "1920x1080", "-c:v", "dnxhd", "-b:v", "120M", "-flags", "+ildct",
                        "-pix_fmt", "yuv422p"),
    "DV of PAL": ("a.dv", "-s", "720x576", "-c:v", "dvvideo", "-pix_fmt", "yuv420p"),
    "DV in AVI": ("a.avi", "-s", "720x576", "-c:v", "dvvideo", "-pix_fmt", "yuv420p"),
}  # fmt: skip


@covers(
    "kinds of movies",
    "Packets that are no frames",
    variants=", ".join(RECORDERS),
    result="every frame once, and that they are fields is known",
)
@pytest.mark.parametrize("name", RECORDERS)
def test_recorders_fields_are_known(tmp_path, name):
    file, *how = RECORDERS[name]
    ffmpeg(tmp_path, *PATTERN, "-vf", "setfield=tff", *how, file)
    info, frames = frames_of(tmp_path / file)
    assert (len(frames), info.is_interlaced) == (10, True)


def test_a_default_duration_that_is_wrong_changes_no_time(tmp_path):
    path = write_movie(tmp_path / "a.mkv", frames=12, options={"bf": "2"})
    content = bytearray(path.read_bytes())
    at = content.index(b"\x23\xe3\x83")
    size = content[at + 3] & 0x7F
    content[at + 4 : at + 4 + size] = (10**9 // 60).to_bytes(size, "big")
    whole = probe(SourceMedia(str(path)))
    path.write_bytes(content)
    info, frames = frames_of(path)
    assert (info.rate, info.variable_rate) == (whole.rate, False)
    assert [number_in(frame) for frame in frames] == list(range(12))


def test_a_sequence_of_avif_is_a_movie(tmp_path):
    ffmpeg(tmp_path, *PATTERN, "-c:v", *AV1, "-pix_fmt", "yuv420p", "a.avif")
    _, frames = frames_of(tmp_path / "a.avif")
    assert len(frames) == 10


def sensor_values(path):
    """A movie of a sensor's mosaic, as recorders of raw footage write."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "bayer_rggb16le"
        frame = av.VideoFrame(64, 48, "bayer_rggb16le")
        frame.planes[0].update(bytes(range(256)) * 24)
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def prores_raw(path):
    write_movie(path, frames=3, codec="prores_ks", pixel_format="yuv422p10le", options={})
    content = path.read_bytes()
    path.write_bytes(content.replace(b"apch", b"aprn").replace(b"apcn", b"aprn"))
    return path


@covers(
    "kinds of movies",
    "Light and labels",
    variants="a mosaic of a sensor, ProRes RAW",
    result="refused for what it is: without the camera's matrix and curve it has no colours",
)
@pytest.mark.parametrize(("make", "name"), [(sensor_values, "a.nut"), (prores_raw, "a.mov")])
def test_raw_values_of_a_sensor_are_refused(tmp_path, make, name):
    path = make(tmp_path / name)
    with pytest.raises(MediaUnreadable, match="raw values of a camera's sensor"):
        probe(SourceMedia(str(path)))


@covers(
    "kinds of movies",
    "Shape",
    variants="HEVC with a layer of alpha",
    result="a warning before rendering that the second layer is not read; none for one layer",
)
@pytest.mark.parametrize(
    ("pixels", "layers"),
    [
        pytest.param("yuva420p", 2, marks=pytest.mark.skipif(IS_WINDOWS, reason="its x265 writes one layer")),
        ("yuv420p", 1),
    ],
)
def test_a_second_layer_is_named_before_rendering(tmp_path, pixels, layers):
    half = "testsrc2=s=128x96:r=25:d=0.2,format=yuva420p,geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='X*2'"
    quiet = ("-x265-params", "log-level=none:bframes=0")
    ffmpeg(tmp_path, "-f", "lavfi", "-i", half, "-c:v", "libx265", *quiet, "-pix_fmt", pixels, "a.mov")
    run = upscaled(tmp_path / "a.mov", tmp_path / "b.mp4")
    assert run.status == 0
    named = [warning for warning in run.warnings if "second layer" in warning]
    assert len(named) == layers - 1


@pytest.mark.parametrize("name", ["a.mp4", "a.mp3"])
def test_sound_alone_is_no_movie(tmp_path, name):
    ffmpeg(tmp_path, *PATTERN, "-frames:v", "1", "cover.png")
    sound = ("-f", "lavfi", "-i", "sine=d=0.3")
    cover = ("-i", "cover.png", "-map", "0", "-map", "1", "-c:v", "png", "-disposition:v:0", "attached_pic")
    ffmpeg(tmp_path, *sound, *(cover if name == "a.mp3" else ()), name)
    with pytest.raises(MediaUnreadable, match="no video stream"):
        probe(SourceMedia(str(tmp_path / name)))


def test_two_recordings_of_which_the_second_starts_much_later_are_one(tmp_path):
    write_movie(tmp_path / "a.ts", frames=10)
    ffmpeg(tmp_path, "-i", "a.ts", "-c", "copy", "-output_ts_offset", "100", "b.ts")
    joined = tmp_path / "c.ts"
    joined.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    _, frames = frames_of(joined)
    assert [number_in(frame) for frame in frames] == [*range(10), *range(10)]
