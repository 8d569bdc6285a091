from fractions import Fraction

import av
import numpy as np
import pytest

from sparkvsr_bridge.errors import OutputUnwritable
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.colours.tags import ColourTags
from sparkvsr_engine.media.movies.frame_index.reading import read_index
from sparkvsr_engine.media.movies.other_tracks.tracks import Excerpt
from sparkvsr_engine.media.movies.timing import constant_timing, source_timing
from sparkvsr_engine.media.movies.writing.codecs import MovieTraits, Picture, make_encoding
from sparkvsr_engine.media.movies.writing.joining import MoviePlan, Segment, join_segments
from sparkvsr_engine.media.movies.writing.segments import write_segment
from sparkvsr_engine.media.movies.yuv import RgbReader
from tests.compatibility.claims import covers
from tests.fakes.media import FILM_RATE, decode_all, number_in, numbered_picture, packets_of, write_movie

PIECES = [FrameSpan(0, 1), FrameSpan(1, 3), FrameSpan(3, 17), FrameSpan(17, 40)]
UNEVEN = [0, 3000, 6100, 9000, 13000, 16000, 21000, 24000, 26000, 30000, 33333, 36000]
SDR = ColourTags(1, 1, 1, full_range=False)


def make_segments(folder, name, spans, *, codec="", bits=8, rate=FILM_RATE, aspect=Fraction(1), tags=SDR):
    encoding = make_encoding(name, codec, 0, Picture(96, 64, bits), MovieTraits(rate, aspect, tags))
    segments = []
    for span in spans:
        path = folder / f"part-{span.start}.{name.rpartition('.')[2]}"
        write_segment(path, (numbered_picture(n, sample=encoding.sample) for n in span), encoding)
        segments.append(Segment(path, len(span)))
    return encoding, segments


def decoded(path, tags=SDR):
    """(number, time) of every frame, and the decoding times of the packets."""
    rgb = RgbReader(tags, 64)
    with av.open(str(path)) as container:
        frames = [
            (number_in(rgb.rgb(frame)), frame.pts * frame.time_base) for frame in container.decode(video=0)
        ]
    with av.open(str(path)) as container:
        times = [packet.dts for packet in container.demux(video=0) if packet.size]
    return frames, times


@covers("movies", "MP4", written="AV1; every frame at exactly its time")
@covers("movies", "QuickTime (MOV)", written="H.264")
@pytest.mark.parametrize(
    ("name", "codec", "bits"),
    [
        ("a.mp4", "", 8),
        ("a.mp4", "", 10),
        ("a.mov", "", 8),
        ("a.mov", "libx264", 8),
        ("a.mp4", "libsvtav1", 8),
    ],
)
def test_every_frame_is_there_once_at_exactly_its_time(tmp_path, name, codec, bits):
    encoding, segments = make_segments(tmp_path, name, PIECES, codec=codec, bits=bits)
    assert (
        join_segments(segments, MoviePlan(tmp_path / f"whole-{name}", encoding, constant_timing(FILM_RATE)))
        == []
    )
    frames, decoding = decoded(tmp_path / f"whole-{name}")
    assert frames == [(number, number / FILM_RATE) for number in range(40)]
    assert decoding == sorted(set(decoding))
    with av.open(str(tmp_path / f"whole-{name}")) as container:
        assert container.streams.video[0].average_rate == FILM_RATE
        assert container.streams.video[0].duration * container.streams.video[0].time_base == 40 / FILM_RATE


@covers("movies", "Matroska (MKV)", kept="times to the millisecond")
def test_matroska_rounds_to_its_milliseconds_and_no_further(tmp_path):
    source = write_movie(tmp_path / "source.mp4", frames=40, audio="aac")
    encoding, segments = make_segments(tmp_path, "a.mkv", PIECES)
    join_segments(segments, MoviePlan(tmp_path / "whole.mkv", encoding, constant_timing(FILM_RATE), source))
    frames, _ = decoded(tmp_path / "whole.mkv")
    assert [number for number, _ in frames] == list(range(40))
    assert max(abs(time - number / FILM_RATE) for number, time in frames) <= Fraction(1, 2000)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_uneven_times_are_kept_to_the_tick(tmp_path, name):
    source = write_movie(
        tmp_path / "source.mp4",
        frames=12,
        time_base=Fraction(1, 90000),
        pts=UNEVEN,
        rate=Fraction(30),
        audio="aac",
    )
    index = read_index(source)
    spans = [FrameSpan(0, 5), FrameSpan(5, 6), FrameSpan(6, 12)]
    encoding, segments = make_segments(tmp_path, name, spans, codec="libx264", rate=Fraction(30))
    timing = source_timing(index, FrameSpan(0, 12), Fraction(30), Fraction(0))
    join_segments(segments, MoviePlan(tmp_path / f"whole-{name}", encoding, timing, source))
    frames, decoding = decoded(tmp_path / f"whole-{name}")
    assert [time for _, time in frames] == [time for time, _ in decode_all(source)]
    assert decoding == sorted(set(decoding))
    with av.open(str(tmp_path / f"whole-{name}")) as container:
        stream = container.streams.video[0]
        assert abs(stream.duration * stream.time_base - index.seconds_at(12)) <= Fraction(1, 1000)


def test_nothing_is_encoded_again(tmp_path):
    encoding, segments = make_segments(tmp_path, "a.mp4", PIECES)
    join_segments(segments, MoviePlan(tmp_path / "whole.mp4", encoding, constant_timing(FILM_RATE)))
    parts = [data for segment in segments for _, data in packets_of(segment.path, "video")]
    assert [data for _, data in packets_of(tmp_path / "whole.mp4", "video")] == parts


@covers("movies", "QuickTime (MOV)", kept="colour tags, pixel aspect, timecode")
@covers("movies", "MP4", kept="colour tags, range, pixel aspect, timecode, HDR10 light")
@pytest.mark.parametrize(
    "tags", [SDR, ColourTags(9, 16, 9, full_range=False), ColourTags(12, 13, 1, full_range=False)]
)
@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_tags_pixel_aspect_and_timecode_come_along(tmp_path, name, tags):
    encoding, segments = make_segments(
        tmp_path, name, [FrameSpan(0, 4)], bits=10, aspect=Fraction(4, 3), tags=tags
    )
    plan = MoviePlan(tmp_path / f"whole-{name}", encoding, constant_timing(FILM_RATE), timecode="01:00:00:00")
    join_segments(segments, plan)
    with av.open(str(plan.target)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        result = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
        assert result == (tags.primaries, tags.transfer, tags.matrix, 1)
        assert stream.sample_aspect_ratio == Fraction(4, 3)
        assert stream.metadata["timecode"] == "01:00:00:00"


@covers("movies", "MP4", kept="titles, chapters")
def test_words_and_chapters_come_along(tmp_path):
    source = write_movie(
        tmp_path / "source.mp4",
        frames=40,
        metadata={"title": "Plate", "com.example.shot": "sh010", "comment": "x"},
    )
    chapters = [
        {"id": 0, "start": 0, "end": 1000, "time_base": Fraction(1, 1000), "metadata": {"title": "One"}}
    ]
    with_chapters = tmp_path / "chapters.mkv"
    with av.open(str(source)) as reading, av.open(str(with_chapters), "w") as writing:
        stream = reading.streams.video[0]
        out = writing.add_stream_from_template(stream)
        writing.metadata.update(reading.metadata | {"com.example.shot": "sh010"})
        writing.set_chapters(chapters)
        for packet in reading.demux(stream):
            if packet.size:
                packet.stream = out
                writing.mux(packet)
    encoding, segments = make_segments(tmp_path, "a.mp4", [FrameSpan(0, 40)])
    plan = MoviePlan(
        tmp_path / "whole.mp4", encoding, constant_timing(FILM_RATE), with_chapters, keeps_chapters=True
    )
    join_segments(segments, plan)
    with av.open(str(plan.target)) as container:
        words = {name.lower(): value for name, value in container.metadata.items()}
        assert words["title"] == "Plate"
        assert words["com.example.shot"] == "sh010"
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["One"]


def test_a_segment_that_lacks_frames_is_named(tmp_path):
    encoding, segments = make_segments(tmp_path, "a.mp4", PIECES[:2])
    wrong = [segments[0], Segment(segments[1].path, 5)]
    with pytest.raises(OutputUnwritable, match="holds 2 frames instead of 5"):
        join_segments(wrong, MoviePlan(tmp_path / "whole.mp4", encoding, constant_timing(FILM_RATE)))
    assert not (tmp_path / "whole.mp4").exists()


def test_segments_of_different_encoders_are_not_joined(tmp_path):
    encoding, segments = make_segments(tmp_path, "a.mp4", PIECES[:1])
    second = make_encoding("a.mp4", "libx265", 0, Picture(96, 64, 8), MovieTraits(FILM_RATE))
    write_segment(tmp_path / "other.mp4", [numbered_picture(1)], second)
    mixed = [*segments, Segment(tmp_path / "other.mp4", 1)]
    with pytest.raises(OutputUnwritable, match="different encoders"):
        join_segments(mixed, MoviePlan(tmp_path / "whole.mp4", encoding, constant_timing(FILM_RATE)))


def test_an_old_result_stays_until_the_new_one_is_whole(tmp_path):
    encoding, segments = make_segments(tmp_path, "a.mp4", PIECES[:2])
    target = tmp_path / "whole.mp4"
    target.write_bytes(b"old")
    broken = MoviePlan(target, encoding, constant_timing(FILM_RATE), tmp_path / "missing.mp4")
    with pytest.raises(Exception, match="no such file"):
        join_segments(segments, broken)
    assert target.read_bytes() == b"old"
    assert not list(tmp_path.glob("whole.partial*"))


def test_only_the_sound_of_the_rendered_part_is_kept(tmp_path):
    source = write_movie(tmp_path / "source.mp4", frames=100, rate=Fraction(25), audio="aac")
    encoding, segments = make_segments(tmp_path, "a.mp4", [FrameSpan(25, 75)], rate=Fraction(25))
    plan = MoviePlan(
        tmp_path / "part.mp4",
        encoding,
        constant_timing(Fraction(25)),
        source,
        Excerpt(Fraction(1), Fraction(1), Fraction(3)),
    )
    join_segments(segments, plan)
    remaining = packets_of(plan.target, "audio")
    times_in_source = {data: time for time, data in packets_of(source, "audio")}
    step = Fraction(1024, 48000)
    assert -step < remaining[0][0] <= 0
    assert 2 - step <= remaining[-1][0] < 2
    assert all(abs(times_in_source[data] - time - 1) <= Fraction(1, 48000) for time, data in remaining)


@pytest.mark.parametrize(
    ("codec", "holder", "target"),
    [
        ("aac", "source.mp4", "a.mp4"),
        ("aac", "source.mp4", "a.mov"),
        ("aac", "source.mp4", "a.mkv"),
        ("pcm_s16le", "source.mov", "a.mov"),
        ("flac", "source.mkv", "a.mkv"),
        ("libopus", "source.mkv", "a.mkv"),
        ("libopus", "source.mkv", "a.webm"),
    ],
)
def test_sound_is_copied_bit_for_bit_and_stays_in_step(tmp_path, codec, holder, target):
    source = write_movie(tmp_path / holder, frames=25, rate=Fraction(25), audio=codec)
    encoding, segments = make_segments(tmp_path, target, [FrameSpan(0, 25)], rate=Fraction(25))
    plan = MoviePlan(tmp_path / f"whole-{target}", encoding, constant_timing(Fraction(25)), source)
    assert join_segments(segments, plan) == []
    before, after = packets_of(source, "audio"), packets_of(plan.target, "audio")
    assert [data for _, data in after] == [data for _, data in before]
    assert max(abs(new - old) for (new, _), (old, _) in zip(after, before, strict=True)) <= Fraction(1, 1000)


@pytest.mark.parametrize(
    ("codec", "holder", "target", "becomes"),
    [
        ("flac", "source.mkv", "a.mov", "pcm_s24le"),
        ("libopus", "source.mkv", "a.mov", "pcm_s24le"),
        ("pcm_s16le", "source.mkv", "a.mp4", "aac"),
        ("aac", "source.mp4", "a.webm", "opus"),
    ],
)
def test_sound_that_does_not_fit_is_encoded_again_and_reported(tmp_path, codec, holder, target, becomes):
    source = write_movie(tmp_path / holder, frames=50, rate=Fraction(25), audio=codec)
    encoding, segments = make_segments(tmp_path, target, [FrameSpan(0, 50)], rate=Fraction(25))
    plan = MoviePlan(tmp_path / f"whole-{target}", encoding, constant_timing(Fraction(25)), source)
    warnings = join_segments(segments, plan)
    assert len(warnings) == 1
    assert "encoded again" in warnings[0]
    assert ".mkv" in warnings[0]
    with av.open(str(plan.target)) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name == becomes
        samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(stream)])
        seconds = len(samples) / stream.codec_context.layout.nb_channels / stream.rate
    assert seconds == pytest.approx(2.0, abs=0.1)
    assert samples.astype(float).std() > 0


@covers("movies", "MP4", kept="subtitles as text", reported="tracks that cannot come along")
def test_subtitles_come_along_as_text_of_the_containers_kind(tmp_path):
    source = tmp_path / "source.mkv"
    with av.open(str(write_movie(tmp_path / "plain.mp4", frames=50, rate=Fraction(25)))) as reading:
        stream = reading.streams.video[0]
        with av.open(str(source), "w") as writing:
            out, text = writing.add_stream_from_template(stream), writing.add_mux_stream("subrip")
            line = av.Packet(b"Hello")
            line.stream, line.time_base = text, Fraction(1, 1000)
            line.pts = line.dts = 400
            line.duration = 800
            for packet in reading.demux(stream):
                if packet.size:
                    packet.stream = out
                    writing.mux(packet)
            writing.mux(line)
    for name, kind, notes in (("a.mkv", "srt", 0), ("a.mov", "mov_text", 1), ("a.webm", "webvtt", 1)):
        encoding, segments = make_segments(tmp_path, name, [FrameSpan(0, 50)], rate=Fraction(25))
        plan = MoviePlan(tmp_path / f"whole-{name}", encoding, constant_timing(Fraction(25)), source)
        warnings = join_segments(segments, plan)
        assert len(warnings) == notes
        with av.open(str(plan.target)) as container:
            assert [stream.codec_context.name for stream in container.streams.subtitles] == [kind]
