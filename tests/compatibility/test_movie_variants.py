"""Movies of kinds people have, in variants nobody asked about yet, through the real command line.

Each is made by FFmpeg's own program and judged by PyAV's decoder. Frames carry their numbers.
"""

from __future__ import annotations

import subprocess

import av
import cv2
import numpy as np
import pytest

from tests.compatibility.claims import covers
from tests.compatibility.command_line import upscaled
from tests.fakes.ffmpeg import X264, ffmpeg, flash
from tests.fakes.media import number_in, numbered_picture
from tests.fakes.systems import skip_without_name

FRAMES = 12
FFV1 = ("--codec", "ffv1")
# What FFmpeg is to write: file, arguments.
CODECS = {
    "Theora in Ogg": ("a.ogv", "-c:v", "libtheora", "-q:v", "9"),
    "Cinepak": ("a.mov", "-c:v", "cinepak", "-pix_fmt", "rgb24"),
    "Sorenson": ("a.mov", "-c:v", "svq1"),
    "Snow": ("a.avi", "-c:v", "snow", "-q:v", "1"),
    "VC-2 in Matroska": ("a.mkv", "-c:v", "vc2", "-pix_fmt", "yuv422p", "-b:v", "20M"),
    "Hap": ("a.mov", "-c:v", "hap"),
    "uncompressed R210": ("a.mov", "-c:v", "r210"),
    "uncompressed 2vuy": ("a.mov", "-c:v", "rawvideo", "-pix_fmt", "uyvy422"),
    "uncompressed RGB in MOV": ("a.mov", "-c:v", "rawvideo", "-pix_fmt", "rgb24"),
    "uncompressed BGR in AVI": ("a.avi", "-c:v", "rawvideo", "-pix_fmt", "bgr24"),
    "uncompressed 15 bit in AVI": ("a.avi", "-c:v", "rawvideo", "-pix_fmt", "rgb555le"),
    "palettes beside packets in AVI": ("a.avi", "-c:v", "rawvideo", "-pix_fmt", "pal8"),
    "palettes beside packets in MOV": ("a.mov", "-c:v", "rawvideo", "-pix_fmt", "pal8"),
    "YUV4MPEG 4:4:4": ("a.y4m", "-pix_fmt", "yuv444p"),
    "YUV4MPEG grey": ("a.y4m", "-pix_fmt", "gray"),
    "VP9 in IVF": ("a.ivf", "-c:v", "libvpx-vp9", "-b:v", "0", "-crf", "10"),
    "AV1 units alone": ("a.obu", "-c:v", "libsvtav1", "-crf", "15"),
    "MPEG-4 alone": ("a.m4v", "-c:v", "mpeg4", "-q:v", "2", "-f", "m4v"),
    "Motion JPEG alone": ("a.mjpeg", "-c:v", "mjpeg", "-q:v", "2"),
    "Flash": ("a.swf", "-c:v", "flv", "-q:v", "2"),
    "Windows TV": ("a.wtv", "-c:v", "mpeg2video", "-q:v", "2"),
    "ZMBV": ("a.avi", "-c:v", "zmbv"),
    "Flash screens": ("a.flv", "-c:v", "flashsv"),
    "lossless JPEG": ("a.avi", "-c:v", "ljpeg"),
    "NewTek": ("a.mov", "-c:v", "speedhq", "-q:v", "2"),
    "grey and alpha": ("a.mkv", "-c:v", "ffv1", "-pix_fmt", "ya8"),
    "chroma of a sixteenth": ("a.mkv", "-c:v", "ffv1", "-pix_fmt", "yuv410p"),
    "chroma of half the rows": ("a.mkv", "-c:v", "ffv1", "-pix_fmt", "yuv440p"),
    "RGB of 9 bits": ("a.mkv", "-c:v", "ffv1", "-pix_fmt", "gbrp9le"),
    "grey of 10 bits": ("a.mkv", "-c:v", "ffv1", "-pix_fmt", "gray10le"),
    "4:2:0 of 10 bits with alpha": ("a.mkv", "-c:v", "ffv1", "-pix_fmt", "yuva420p10le"),
    "RGB and alpha of 16 bits": ("a.mkv", "-c:v", "ffv1", "-pix_fmt", "gbrap16le"),
    "Animation in 15 bit": ("a.mov", "-c:v", "qtrle", "-pix_fmt", "rgb555be"),
    "Animation in grey": ("a.mov", "-c:v", "qtrle", "-pix_fmt", "gray"),
    "PNG with a palette": ("a.mov", "-c:v", "png", "-pix_fmt", "pal8"),
    "PNG of one bit": ("a.mov", "-c:v", "png", "-pix_fmt", "monob"),
    "H.264 in RGB": ("a.mkv", "-c:v", "libx264rgb", "-crf", "5"),
    "H.264 in grey": ("a.mkv", "-c:v", "libx264", "-pix_fmt", "gray", "-crf", "8"),
    "lossless H.264": ("a.mkv", "-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv420p"),
    "XviD with packed frames": ("a.avi", "-c:v", "mpeg4", "-q:v", "2", "-bf", "2", "-vtag", "XVID"),
    "fragments": ("a.mp4", *X264, "-crf", "8", "-movflags", "frag_keyframe+empty_moov", "-g", "4"),
    "WebM through a pipe": ("a.webm", "-c:v", "libvpx", "-b:v", "2M", "-live", "1"),
    "one frame a second": ("a.mkv", "-filter:v", "setpts=N/TB", "-r", "1", *X264, "-crf", "8"),
    "a clock that counts frames": ("a.mp4", *X264, "-crf", "8", "-video_track_timescale", "25"),
}


def make_numbered(folder, name, *arguments, frames=FRAMES, width=96, height=64):
    """A movie whose frames carry their numbers; skips where this FFmpeg has no such encoder."""
    raw = b"".join(numbered_picture(number, width, height).tobytes() for number in range(frames))
    pipe = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", "25", "-i", "-")
    try:
        ffmpeg(folder, *pipe, *arguments, name, standard_input=raw)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this FFmpeg does not write {name}: {error}")
    return folder / name


def numbers_of(path):
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "SLICE"
        return [number_in(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


@covers(
    "kinds of movies",
    "Codecs and containers beside the table",
    variants=", ".join(CODECS),
    result="every frame once, in order, without a word",
)
@pytest.mark.parametrize("kind", CODECS)
def test_every_frame_of_it_comes_out_in_order(tmp_path, kind):
    name, *arguments = CODECS[kind]
    source = make_numbered(tmp_path, name, *arguments)
    text = upscaled(source, tmp_path / "o.mkv", *FFV1)
    assert (text.status, text.warnings) == (0, ())
    assert numbers_of(tmp_path / "o.mkv") == list(range(FRAMES))


MATRICES = ["YCgCo", "bt2020c", "chroma-derived-c", "ICtCp", "smpte2085"]


@covers(
    "kinds of movies",
    "Light and labels",
    variants=", ".join(MATRICES),
    result="refused by name: no library at hand converts them",
)
@pytest.mark.parametrize("matrix", MATRICES)
def test_a_matrix_that_is_not_read_is_refused_by_its_name(tmp_path, matrix):
    how = ("-c:v", "libx264", "-pix_fmt", "yuv444p", "-x264-params", f"colormatrix={matrix}")
    text = upscaled(make_numbered(tmp_path, "a.mp4", *how, frames=2), tmp_path / "o.mkv")
    assert text.status == 1
    assert "matrix that is not read" in text.error


@pytest.mark.parametrize(("primaries", "matrix"), [("bt709", 1), ("bt2020", 9)])
def test_a_matrix_derived_from_known_primaries_is_that_of_their_standard(tmp_path, primaries, matrix):
    params = f"colormatrix=chroma-derived-nc:colorprim={primaries}"
    how = ("-c:v", "libx264", "-pix_fmt", "yuv444p", "-x264-params", params)
    text = upscaled(make_numbered(tmp_path, "a.mp4", *how, frames=2), tmp_path / "o.mkv")
    assert text.status == 0
    with av.open(str(tmp_path / "o.mkv")) as container:
        assert int(next(container.decode(video=0)).colorspace) == matrix


SOUNDS = {
    "Vorbis to MP4": ("a.mkv", "o.mp4", ("-c:a", "libvorbis"), "vorbis", 0),
    "AC-3 of 5.1 to WebM": ("a.mkv", "o.webm", ("-ac", "6", "-c:a", "ac3"), "opus", 1),
    "mu-law to Matroska": ("a.mov", "o.mkv", ("-ar", "8000", "-ac", "1", "-c:a", "pcm_mulaw"), "flac", 1),
    "mu-law to MP4": ("a.mov", "o.mp4", ("-ar", "8000", "-ac", "1", "-c:a", "pcm_mulaw"), "aac", 1),
    "ALAC to Matroska": ("a.mov", "o.mkv", ("-c:a", "alac"), "alac", 0),
    "Opus to QuickTime": ("a.mkv", "o.mov", ("-c:a", "libopus"), "pcm_s24le", 1),
    "doubles to MP4": ("a.mkv", "o.mp4", ("-c:a", "pcm_f64le"), "pcm_f64le", 0),
    "quadrophony to WebM": (
        "a.mkv", "o.webm", ("-af", "pan=4.0|c0=c0|c1=c0|c2=c0", "-c:a", "flac"), "opus", 1
    ),
    "sixteen channels to WebM": (
        "a.mkv", "o.webm", ("-af", "pan=hexadecagonal|c0=c0|c15=c0", "-c:a", "pcm_s16le"), "opus", 1
    ),
}  # fmt: skip


@covers(
    "kinds of movies",
    "Sound",
    variants=", ".join(SOUNDS),
    result="kept, or encoded as the target can and reported before rendering",
)
@pytest.mark.parametrize("kind", SOUNDS)
def test_sound_is_kept_or_encoded_as_the_target_can(tmp_path, kind):
    name, target, arguments, becomes, words = SOUNDS[kind]
    ffmpeg(tmp_path, *flash(seconds=0.4, at=0.2, size="32x32"), *X264, *arguments, name)
    text = upscaled(tmp_path / name, tmp_path / target)
    assert text.status == 0
    assert sum("encoded again" in warning for warning in text.warnings) == words
    with av.open(str(tmp_path / target)) as container:
        assert container.streams.audio[0].codec_context.name == becomes


def test_sound_is_named_where_pictures_have_no_place_for_it(tmp_path):
    ffmpeg(tmp_path, *flash(seconds=0.2, at=0.1, size="32x32"), *X264, "-c:a", "aac", "a.mp4")
    text = upscaled(tmp_path / "a.mp4", tmp_path / "o" / "%04d.png")
    assert [warning for warning in text.warnings if "no sound" in warning]


def test_a_track_nothing_decodes_is_left_out_and_named(tmp_path):
    (tmp_path / "s.srt").write_text("1\n00:00:00,100 --> 00:00:00,300\nHello\n")
    ffmpeg(
        tmp_path, *flash(seconds=0.4, at=0.2), "-i", "s.srt", *X264, "-c:a", "aac", "-c:s", "ttml", "a.mp4"
    )
    text = upscaled(tmp_path / "a.mp4", tmp_path / "o.mkv")
    assert text.status == 0
    assert [warning for warning in text.warnings if "nothing here decodes and is left out" in warning]


CHAPTERS = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=200
title=One
[CHAPTER]
TIMEBASE=1/1000
START=200
END=480
title=Two
"""


@covers(
    "kinds of movies",
    "Subtitles and other tracks",
    variants="chapters, of the whole and of a part",
    result="those that are rendered, on the result's clock",
)
@pytest.mark.parametrize("target", ["o.mp4", "o.mov", "o.mkv"])
@pytest.mark.parametrize(
    ("frames", "titles"), [("", ["One", "Two"]), ("6-9", ["Two"]), ("3-6", ["One", "Two"])]
)
def test_chapters_of_what_is_rendered_come_along(tmp_path, target, frames, titles):
    (tmp_path / "m.txt").write_text(CHAPTERS)
    raw = b"".join(numbered_picture(number).tobytes() for number in range(FRAMES))
    pipe = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "96x64", "-r", "25", "-i", "-")
    ffmpeg(tmp_path, *pipe, "-i", "m.txt", "-map_metadata", "1", *X264, "a.mkv", standard_input=raw)
    options = ("--frames", frames) if frames else ()
    assert upscaled(tmp_path / "a.mkv", tmp_path / target, *options).status == 0
    with av.open(str(tmp_path / target)) as container:
        chapters = container.chapters()
    assert [chapter["metadata"]["title"] for chapter in chapters] == titles
    starts = [float(chapter["start"] * chapter["time_base"]) for chapter in chapters]
    assert starts == pytest.approx({"": [0, 0.2], "6-9": [0], "3-6": [0, 0.08]}[frames], abs=0.002)


NAMES = ["a:b.mkv", "a%04d.mkv", "a#b.mkv", "a?b.mkv", "a\nb.mkv", "pipe:1.mkv", "concat:a.mkv", "http:a.mkv"]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_look_like_something_else_are_names(tmp_path, monkeypatch, name):
    skip_without_name(name)
    make_numbered(tmp_path, "plain.mkv", *X264, "-crf", "8", frames=2).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert upscaled(name, f"out_{name}").status == 0
    assert numbers_of(tmp_path / f"out_{name}") == [0, 1]


def test_alpha_of_16_bits_is_kept_by_an_encoder_of_8(tmp_path):
    pixels = np.full((32, 48, 4), 30000, np.uint16)
    for number in range(2):
        cv2.imwrite(str(tmp_path / f"a.{number:04d}.png"), pixels)
    text = upscaled(tmp_path / "a.%04d.png", tmp_path / "o.mov", "--codec", "qtrle")
    assert [warning for warning in text.warnings if "writes 8 bits" in warning]
    assert not [warning for warning in text.warnings if "alpha" in warning]
    with av.open(str(tmp_path / "o.mov")) as container:
        alpha = next(container.decode(video=0)).to_ndarray(format="rgba")[..., 3]
    assert np.abs(alpha.astype(int) - round(30000 / 257)).max() <= 1
