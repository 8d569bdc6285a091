"""What becomes of a source's other tracks in a container, planned and reported before rendering."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.movies.frame_index.reading import read_index
from sparkvsr_engine.media.movies.other_tracks.track_plans import plan_tracks
from sparkvsr_engine.media.movies.other_tracks.tracks import Excerpt
from sparkvsr_engine.media.movies.planning import _start_of
from sparkvsr_engine.media.movies.timing import constant_timing, source_timing
from sparkvsr_engine.media.movies.writing.joining import MoviePlan, join_segments
from tests.compatibility.claims import covers
from tests.engine.media.movies.test_joining import make_segments
from tests.fakes.ffmpeg import X264, ffmpeg, flash

CONTAINERS = {"mkv": "matroska", "mp4": "mp4", "mov": "mov", "webm": "webm"}
TEXT = "1\n00:00:00,100 --> 00:00:00,300\nHello\n"


def beep(path):
    """Seconds of the first loud sample."""
    with av.open(str(path)) as container:
        for frame in container.decode(container.streams.audio[0]):
            samples = np.abs(frame.to_ndarray().astype(np.float64))
            scale = {"s16": 2**15, "s32": 2**31}.get(frame.format.name.rstrip("p"), 1)
            channels = frame.layout.nb_channels
            first = samples[0] if frame.format.is_planar else samples.reshape(-1, channels)[:, 0]
            if (first / scale > 0.25).any():
                return (
                    float(frame.pts * frame.time_base)
                    + int(np.argmax(first / scale > 0.25)) / frame.sample_rate
                )
    raise AssertionError(f"{path} is silent")


def joined(folder, source, name):
    """The source's other tracks beside new pictures in its own times: (path, warnings)."""
    index = read_index(source)
    span = FrameSpan(0, index.frames)
    encoding, segments = make_segments(folder, name, [span], rate=Fraction(25))
    origin = _start_of(str(source), index.seconds_at(0))
    steps = np.diff(index.pts)
    timing = (
        constant_timing(Fraction(25), index.seconds_at(0) - origin)
        if (steps == steps[0]).all()
        else source_timing(index, span, Fraction(25), origin)
    )
    settled = plan_tracks(source, encoding.container)
    plan = MoviePlan(
        folder / f"whole-{name}",
        encoding,
        timing,
        source,
        Excerpt(origin),
        tracks=settled,
        shifts=index.shifts,
    )
    return plan.target, [*settled.warnings, *join_segments(segments, plan)], float(origin)


@covers(
    "kinds of movies",
    "Sound",
    variants="sound 50, 100, 250 ms late in MP4, MOV, MKV",
    result="lag under 1 ms",
)
@pytest.mark.parametrize("target", ["a.mp4", "a.mov", "a.mkv"])
@pytest.mark.parametrize("late", [0.05, 0.1, 0.25])
def test_sound_that_starts_late_stays_where_it_was(tmp_path, target, late):
    ffmpeg(tmp_path, *flash(seconds=1, at=0.4), *X264, "-bf", "2", "-c:a", "aac", "even.mp4")
    both = ("-i", "even.mp4", "-i", "even.mp4", "-map", "1:v", "-map", "0:a", "-c", "copy", "late.mp4")
    ffmpeg(tmp_path, "-itsoffset", late, *both)
    path, warnings, origin = joined(tmp_path, tmp_path / "late.mp4", target)
    assert warnings == []
    assert beep(path) == pytest.approx(beep(tmp_path / "late.mp4") - origin, abs=0.0015)


SOUNDS = [
    ("wmv2", "wmav2", 44100, "s.wmv", "a.mp4", "aac", 44100),
    ("wmv2", "wmav2", 48000, "s.wmv", "a.mov", "pcm_s24le", 48000),
    ("libx264", "aac", 44100, "s.mp4", "a.webm", "opus", 48000),
    ("libx264", "pcm_s24le", 192000, "s.mov", "a.webm", "opus", 48000),
    ("mpeg2video", "mp2", 48000, "s.ts", "a.webm", "opus", 48000),
]


@covers(
    "kinds of movies",
    "Sound",
    variants="WMA, AAC, PCM at 192 kHz, MP2, to MP4, MOV, WebM",
    result="tried before rendering, encoded as the target can, reported",
)
@pytest.mark.parametrize(("codec", "sound", "rate", "holder", "target", "becomes", "at"), SOUNDS)
def test_sound_a_container_cannot_hold_is_encoded_as_it_can(
    tmp_path, codec, sound, rate, holder, target, becomes, at
):
    ffmpeg(tmp_path, *flash(seconds=1, at=0.4, sound=rate), "-c:v", codec, "-c:a", sound, holder)
    path, warnings, origin = joined(tmp_path, tmp_path / holder, target)
    assert len(warnings) == 1
    assert "encoded again" in warnings[0]
    with av.open(str(path)) as container:
        context = container.streams.audio[0].codec_context
        assert (context.name, context.sample_rate) == (becomes, at)
    assert beep(path) == pytest.approx(beep(tmp_path / holder) - origin, abs=0.004)


@covers("kinds of movies", "Sound", variants="announced and empty", result="left out and reported")
def test_sound_that_is_announced_and_empty_is_left_out_and_named(tmp_path):
    streams = ("-f", "lavfi", "-i", "sine=d=0.8", "-map", "0", "-map", "1", "-map", "2", *X264, "-c:a", "ac3")
    ids = ("-streamid", "0:256", "-streamid", "1:257", "-streamid", "2:258")
    ffmpeg(tmp_path, *flash(seconds=0.8, at=0.4), *streams, *ids, "full.ts")
    data = bytearray((tmp_path / "full.ts").read_bytes())
    for at in range(0, len(data), 188):
        if (data[at + 1] & 31) << 8 | data[at + 2] == 258:
            data[at + 1] |= 31
            data[at + 2] = 255
    (tmp_path / "tv.ts").write_bytes(data)
    path, warnings, origin = joined(tmp_path, tmp_path / "tv.ts", "a.mkv")
    assert [warning for warning in warnings if "holds nothing" in warning] == warnings
    assert len(warnings) == 1
    assert beep(path) == pytest.approx(beep(tmp_path / "tv.ts") - origin, abs=0.002)


def test_sound_follows_a_clock_that_starts_over(tmp_path):
    for name, at in (("one.ts", 0.4), ("two.ts", 0.8)):
        ffmpeg(tmp_path, *flash(seconds=1, at=at), *X264, "-bf", "2", "-g", "15", "-c:a", "aac", name)
    source = tmp_path / "joined.ts"
    source.write_bytes((tmp_path / "one.ts").read_bytes() + (tmp_path / "two.ts").read_bytes())
    path, _, _ = joined(tmp_path, source, "a.mp4")
    loud = []
    with av.open(str(path)) as container:
        for frame in container.decode(container.streams.audio[0]):
            samples = np.abs(frame.to_ndarray()[0])
            loud += [float(frame.pts * frame.time_base)] * bool((samples > 0.25).any())
    first_picture = float(read_index(path).seconds_at(0))
    assert min(loud) - first_picture == pytest.approx(0.4, abs=0.03)
    assert max(loud) - first_picture == pytest.approx(2.0, abs=0.05)


@covers(
    "kinds of movies",
    "Subtitles and other tracks",
    variants="mov_text, SRT, ASS to MP4, MKV, WebM",
    result="converted, or left out and reported",
)
@pytest.mark.parametrize(
    ("text", "holder", "target", "becomes"),
    [
        ("mov_text", "s.mp4", "a.mkv", "srt"),
        ("mov_text", "s.mp4", "a.webm", "webvtt"),
        ("srt", "s.mkv", "a.mp4", "mov_text"),
        ("ass", "s.mkv", "a.mov", "mov_text"),
    ],
)
def test_subtitles_become_text_of_the_targets_kind(tmp_path, text, holder, target, becomes):
    (tmp_path / "s.srt").write_text(TEXT)
    ffmpeg(tmp_path, *flash(seconds=0.4, at=0.2), "-i", "s.srt", *X264, "-c:a", "aac", "-c:s", text, holder)
    path, warnings, _ = joined(tmp_path, tmp_path / holder, target)
    assert any(f"as {'subrip' if becomes == 'srt' else becomes}" in warning for warning in warnings)
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        lines = [packet for packet in container.demux(stream) if b"Hello" in bytes(packet)]
        assert stream.codec_context.name == becomes
        assert [float(line.pts * line.time_base) for line in lines] == [0.1]


def write_full(folder):
    """A Matroska with a font, a cover, a second angle, and words of its picture track."""
    (folder / "font.ttf").write_bytes(b"\0\1\0\0" + b"x" * 500)
    ffmpeg(folder, "-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", "cover.jpg")
    ffmpeg(
        folder, *flash(seconds=0.4, at=0.2), "-f", "lavfi", "-i", "color=blue:s=64x48:r=25:d=0.4",
        "-map", "0", "-map", "1", "-map", "2", *X264, "-c:a", "aac",
        "-metadata:s:v:0", "title=Main picture", "-metadata:s:v:0", "language=jpn",
        "-attach", "font.ttf", "-metadata:s:t:0", "mimetype=font/ttf",
        "-attach", "cover.jpg", "-metadata:s:t:1", "mimetype=image/jpeg",
        "-metadata:s:t:1", "filename=cover.jpg", "full.mkv",
    )  # fmt: skip
    return folder / "full.mkv"


def kinds_of(path):
    with av.open(str(path)) as container:
        return sorted(stream.type for stream in container.streams)


@covers("movies", "Matroska (MKV)", kept="fonts, covers, angles", reported="tracks that cannot come along")
def test_fonts_covers_and_angles_come_along_or_are_named(tmp_path):
    source = write_full(tmp_path)
    path, warnings, _ = joined(tmp_path, source, "a.mkv")
    assert kinds_of(path) == kinds_of(source)
    assert len(warnings) == 1
    assert "comes along as it is" in warnings[0]
    with av.open(str(path)) as container:
        first = container.streams.video[0].metadata
        assert (first["title"], first["language"]) == ("Main picture", "jpn")
        fonts = [stream for stream in container.streams if stream.type == "attachment"]
        assert [font.data for font in fonts] == [(tmp_path / "font.ttf").read_bytes()]
    path, warnings, _ = joined(tmp_path, source, "b.mp4")
    assert any("font.ttf is left out" in warning for warning in warnings)
    assert kinds_of(path) == ["audio", "video", "video", "video"]
