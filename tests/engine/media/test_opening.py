"""Whole ways: a source read, changed in nothing, and written again."""

from fractions import Fraction

import av
import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ColourWish, OutputRequest
from sparkvsr_engine.media.buffering.prefetch import PrefetchedSource
from sparkvsr_engine.media.opening import existing_files, open_sink, open_source, plan_output
from sparkvsr_engine.media.probe import probe
from tests.fakes.media import FILM_RATE, decode_all, number_in, packets_of, write_movie, write_sequence


def carry(source, target, work, *, first=None, last=None, size=None, **settings):
    """Read a source and write it to a target in chunks of 7 frames; the plan and the sink's warnings."""
    info = probe(SourceMedia(str(source), first, last))
    width, height = size or (info.width, info.height)
    plan = plan_output(
        info, OutputRequest(OutputTarget(str(target), **settings), info.span, width, height, work)
    )
    sink = open_sink(plan)
    spans = info.span.split(range(info.span.start, info.span.stop, 7))
    with PrefetchedSource(open_source(info)) as frames:
        for span in spans:
            with sink.open_run(span) as run:
                for number in span:
                    model = plan.colour.to_model(frames.read(number).pixels)[..., : plan.channels]
                    model = np.resize(model, (height, width, plan.channels)) if size else model
                    run.write(plan.colour.from_model(np.ascontiguousarray(model), plan.sample))
    return plan, sink.finish(spans)


def read_all(path):
    info = probe(SourceMedia(str(path)))
    source = open_source(info)
    return info, [source.read(number) for number in info.span]


def test_film_with_sound_keeps_rate_duration_sound_and_tags(tmp_path):
    source = write_movie(
        tmp_path / "in.mp4",
        frames=48,
        codec="libx265",
        pixel_format="yuv420p10le",
        tags=(9, 16, 9, 1),
        audio="aac",
        codec_tag="hvc1",
        pixel_aspect=Fraction(4, 3),
        options={"x265-params": "log-level=error:keyint=24"},
    )
    _, warnings = carry(source, tmp_path / "out.mp4", tmp_path / "work")
    before, after = read_all(source)[0], read_all(tmp_path / "out.mp4")
    assert warnings == []
    assert after[0].rate == before.rate == FILM_RATE
    assert after[0].duration == before.duration
    assert (after[0].bit_depth, after[0].colour, after[0].pixel_aspect) == (10, before.colour, Fraction(4, 3))
    assert [number_in(frame.pixels) for frame in after[1]] == list(range(48))
    assert [data for _, data in packets_of(tmp_path / "out.mp4", "audio")] == [
        data for _, data in packets_of(source, "audio")
    ]
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"


@pytest.mark.parametrize("target", ["out.mp4", "out.mov"])
def test_a_phone_clip_keeps_its_times_and_stands_upright(tmp_path, target):
    pts = [0, 3000, 6100, 9000, 13000, 16000, 21000, 24000, 26000, 30000]
    source = write_movie(
        tmp_path / "in.mp4", frames=10, time_base=Fraction(1, 90000), pts=pts, rotation=-90, audio="aac"
    )
    carry(source, tmp_path / target, tmp_path / "work", codec="libx264")
    assert [time for time, _ in decode_all(tmp_path / target)] == [Fraction(tick, 90000) for tick in pts]
    info = probe(SourceMedia(str(tmp_path / target)))
    assert (info.width, info.height) == (64, 96)
    assert info.variable_rate


def test_a_part_starts_at_zero_with_its_own_timecode(tmp_path):
    source = write_movie(
        tmp_path / "in.mov",
        frames=30,
        codec="prores_ks",
        pixel_format="yuv422p10le",
        timecode="01:00:00:00",
        options={"profile": "proxy"},
    )
    carry(source, tmp_path / "out.mov", tmp_path / "work", first=10, last=19)
    info, frames = read_all(tmp_path / "out.mov")
    assert info.timecode == "01:00:00:10"
    assert [number_in(frame.pixels) for frame in frames] == list(range(10, 20))
    assert frames[0].pts == 0
    assert info.rate == FILM_RATE


def test_a_picture_that_starts_later_than_its_sound_stays_in_step(tmp_path):
    pts = [2 * 1001 + 1001 * number for number in range(12)]
    source = write_movie(
        tmp_path / "in.mp4", frames=12, time_base=Fraction(1, 24000), pts=pts, audio="pcm_s16le"
    )
    carry(source, tmp_path / "out.mp4", tmp_path / "work")
    start = decode_all(source)[0][0]
    assert start == pytest.approx(2 / 23.976, abs=1e-3)
    assert decode_all(tmp_path / "out.mp4")[0][0] == start
    assert packets_of(tmp_path / "out.mp4", "audio")[0][0] == 0


def test_a_stream_that_starts_late_as_a_whole_starts_at_zero(tmp_path):
    source = write_movie(tmp_path / "in.ts", frames=24, rate=Fraction(25))
    carry(source, tmp_path / "out.mp4", tmp_path / "work")
    assert [time for time, _ in decode_all(tmp_path / "out.mp4")] == [Fraction(n, 25) for n in range(24)]


def test_an_untagged_small_clip_keeps_its_colours_when_it_grows(tmp_path):
    source = write_movie(tmp_path / "in.mp4", frames=2, options={"crf": "1"})
    _, small = read_all(source)
    info = probe(SourceMedia(str(source)))
    request = OutputRequest(OutputTarget(str(tmp_path / "out.mp4")), info.span, 1280, 720, tmp_path / "work")
    plan = plan_output(info, request)
    assert plan.movie.movie.encoding.tags.matrix == 1
    sink = open_sink(plan)
    colour = plan.colour.to_model(small[0].pixels)[30:31, 50:51]
    with sink.open_run(FrameSpan(0, 2)) as run:
        for _ in range(2):
            run.write(plan.colour.from_model(np.tile(colour, (720, 1280, 1)), plan.sample))
    sink.finish([FrameSpan(0, 2)])
    _, large = read_all(tmp_path / "out.mp4")
    assert large[0].pixels[300, 600] / 65535 == pytest.approx(colour[0, 0], abs=2.2 / 255)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sample", "channels"),
    [
        ("a.%04d.png", "uint8", 4),
        ("a.%04d.png", "uint16", 3),
        ("a.%04d.tif", "uint8", 3),
        ("a.%04d.tif", "uint16", 4),
        ("a.%04d.exr", "float16", 4),
        ("a.%04d.exr", "float32", 3),
    ],
)
def test_pictures_go_through_unchanged_where_the_format_stays(tmp_path, name, sample, channels):
    source = write_sequence(tmp_path / "in", name, range(995, 1006), sample=sample, channels=channels)
    carry(source, tmp_path / "out" / name, tmp_path / "work")
    _, before = read_all(source)
    _, after = read_all(tmp_path / "out" / name)
    assert [frame.number for frame in after] == list(range(995, 1006))
    for old, new in zip(before, after, strict=True):
        if sample == "float32":
            assert np.allclose(new.pixels, old.pixels, rtol=1e-4, atol=1e-6)
        else:
            assert np.array_equal(old.pixels, new.pixels)


def test_renders_become_a_movie_and_a_movie_becomes_renders(tmp_path):
    rate = {"FramesPerSecond": ("rational", (25, 1))}
    source = write_sequence(tmp_path / "in", "a.%04d.exr", range(1, 9), rate, sample="float16")
    carry(source, tmp_path / "out.mp4", tmp_path / "work")
    info, frames = read_all(tmp_path / "out.mp4")
    assert info.rate == 25
    assert (info.colour.primaries, info.colour.transfer, info.colour.matrix) == (1, 13, 1)
    carry(tmp_path / "out.mp4", tmp_path / "back" / "b.%04d.exr", tmp_path / "work2")
    _, linear = read_all(tmp_path / "back" / "b.%04d.exr")
    _, original = read_all(source)
    off = linear[3].pixels[16:].astype(float) - original[3].pixels[16:].astype(float)
    assert np.abs(off).mean() < 0.02
    assert len(frames) == len(linear) == 8


def test_pictures_without_a_rate_become_24_frames_per_second(tmp_path):
    source = write_sequence(tmp_path / "in", "a.%04d.png", range(1, 4))
    carry(source, tmp_path / "out.mp4", tmp_path / "work")
    assert probe(SourceMedia(str(tmp_path / "out.mp4"))).rate == 24


def test_a_single_frame_may_have_a_name_without_a_number(tmp_path):
    source = write_sequence(tmp_path / "in", "a.%04d.png", range(1, 4))
    carry(source, tmp_path / "still.png", tmp_path / "work", first=2, last=2)
    assert number_in(read_all(tmp_path / "still.png")[1][0].pixels) == 2
    with pytest.raises(InvalidSettings, match=r"still\.%04d\.png"):
        carry(source, tmp_path / "still.png", tmp_path / "work")


@pytest.mark.parametrize(
    ("target", "settings", "words"),
    [
        ("out.gifv", {}, "neither a movie"),
        ("out", {}, "neither a movie"),
        ("out.mp4", {"codec": "nosuch"}, "no encoder called"),
        ("out.mp4", {"codec": "prores_ks"}, "cannot be put into"),
        ("out.mov", {"codec": "dnxhd"}, "cannot write 96x64"),
    ],
)
def test_a_target_that_cannot_be_is_refused_before_the_work(tmp_path, target, settings, words):
    source = write_movie(tmp_path / "in.mp4", frames=2)
    with pytest.raises(InvalidSettings, match=words):
        carry(source, tmp_path / target, tmp_path / "work", **settings)


def test_existing_files_are_found_before_they_are_overwritten(tmp_path):
    source = write_sequence(tmp_path / "in", "a.%04d.png", range(1, 4))
    info = probe(SourceMedia(str(source)))

    def plan(target):
        request = OutputRequest(OutputTarget(str(target)), info.span, 96, 64, tmp_path / "work")
        return plan_output(info, request)

    assert existing_files(plan(tmp_path / "in" / "a.%04d.png"), FrameSpan(2, 6)) == [
        tmp_path / "in" / "a.0002.png",
        tmp_path / "in" / "a.0003.png",
    ]
    assert existing_files(plan(tmp_path / "o.mp4"), info.span) == []
    (tmp_path / "o.mp4").touch()
    assert existing_files(plan(tmp_path / "o.mp4"), info.span) == [tmp_path / "o.mp4"]


def test_the_identity_of_an_output_follows_what_is_written(tmp_path):
    source = write_movie(tmp_path / "in.mp4", frames=2)
    info = probe(SourceMedia(str(source)))

    def identity(target, wish=ColourWish(), size=96, **settings):  # noqa: B008 - a frozen record
        output = OutputTarget(str(tmp_path / target), **settings)
        return plan_output(info, OutputRequest(output, info.span, size, 64, tmp_path, wish)).identity

    same = {identity("a.mp4"), identity("b.mp4")}
    different = {
        identity("a.mov"),
        identity("a.mp4", quality=50),
        identity("a.mp4", codec="libx265"),
        identity("a.mp4", size=100),
        identity("a.%04d.png"),
        identity("a.%04d.exr"),
    }
    assert len(same) == 1
    assert len(different) == 6
    assert not same & different
