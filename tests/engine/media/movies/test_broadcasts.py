"""Movies whose packets are no frames or bear no true times: every frame once, in order, at its moment, by
any way.
"""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.movies.frame_index.reading import read_index
from sparkvsr_engine.media.movies.reader import MovieReader
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.ffmpeg import X264, ffmpeg, flash
from tests.fakes.field_pictures import field_pairs, frame_of


def lumas(path):
    """Mean luma of every frame as FFmpeg decodes them in order."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "SLICE"
        return [float(frame.to_ndarray(format="gray").mean()) for frame in container.decode(stream)]


def white_frames(path):
    """Frames that are white, read by number from last to first: every one by a seek."""
    info = probe(SourceMedia(str(path)))
    reader = MovieReader(info)
    shades = {
        number: reader.read(number).pixels.mean() / 65535 for number in reversed(range(len(info.available)))
    }
    reader.close()
    return [number for number in sorted(shades) if shades[number] > 0.8]


def seconds_of(path, number):
    """When a frame is shown on the source's clock."""
    return float(read_index(path).seconds_at(number))


def write_fields(folder, name, count=20):
    """A file of field pictures, each its own packet."""
    (folder / "fields.264").write_bytes(b"".join(top + bottom for top, bottom in field_pairs(count)))
    ffmpeg(folder, "-framerate", "25", "-i", "fields.264", "-c", "copy", name)
    return folder / name


@covers(
    "kinds of movies",
    "Packets that are no frames",
    variants="field pictures in TS, MKV, MP4",
    result="every frame once, at its time",
)
@pytest.mark.parametrize("name", ["fields.ts", "fields.mkv", "fields.mp4", "fields.264"])
def test_two_field_pictures_are_one_frame(tmp_path, name):
    path = (
        write_fields(tmp_path, name)
        if name != "fields.264"
        else write_fields(tmp_path, "x.ts").with_name(name)
    )
    info = probe(SourceMedia(str(path)))
    assert len(info.available) == 20
    reader = MovieReader(info)
    for number in (0, 19, 7, 8, 3, 12):
        shade = (frame_of(number)[0, 0] - 16) / 219
        assert reader.read(number).pixels.mean() / 65535 == pytest.approx(shade, abs=0.01)


def test_field_pictures_of_which_only_the_first_has_a_time_keep_the_clocks_start(tmp_path):
    pairs = field_pairs(20)
    (tmp_path / "raw.264").write_bytes(b"".join(top + bottom for top, bottom in pairs))
    path = tmp_path / "late.ts"
    with av.open(str(path), "w", format="mpegts") as out, av.open(str(tmp_path / "raw.264")) as raw:
        stream = out.add_stream_from_template(raw.streams.video[0])
        for number, (top, bottom) in enumerate(pairs):
            packet = av.Packet(top + bottom[6:])
            packet.stream, packet.time_base = stream, Fraction(1, 90000)
            packet.pts = packet.dts = 900_000 + 3600 * number
            out.mux(packet)
    index = read_index(path)
    assert index.frames == 20
    assert [float(index.seconds_at(number)) for number in (0, 1, 19)] == pytest.approx([10, 10.04, 10.76])


@covers(
    "kinds of movies",
    "Packets that are no frames",
    variants="B-frames in AVI, ASF",
    result="every frame once, in order",
)
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("b.avi", [*X264, "-bf", "2"]),
        ("b.asf", [*X264, "-bf", "2"]),
        ("m.asf", ["-c:v", "mpeg2video", "-bf", "2"]),
        ("x.avi", ["-c:v", "mpeg4", "-bf", "2", "-vtag", "XVID"]),
        ("w.wmv", ["-c:v", "wmv2"]),
    ],
)
def test_frames_shown_in_another_order_than_stored_are_found_without_display_times(tmp_path, name, options):
    ffmpeg(tmp_path, *flash(seconds=1.6, at=1.2)[:4], *options, "-g", "10", name)
    assert len(probe(SourceMedia(str(tmp_path / name))).available) == 40
    assert white_frames(tmp_path / name) == [30, 31, 32, 33, 34]
    steps = np.diff(read_index(tmp_path / name).pts)
    assert (steps == steps[0]).all()


@covers(
    "kinds of movies",
    "Starts and clocks",
    variants="recordings that begin inside a group",
    result="the frames players show",
)
def test_a_recording_that_begins_inside_a_group_has_the_frames_players_show(tmp_path):
    ffmpeg(
        tmp_path,
        *flash(seconds=2, at=1.2)[:4],
        "-c:v",
        "mpeg2video",
        "-bf",
        "2",
        "-g",
        "15",
        "-b:v",
        "1M",
        "air.ts",
    )
    data = (tmp_path / "air.ts").read_bytes()
    packets = len(data) // 188
    path = tmp_path / "mid.ts"
    path.write_bytes(data[: 188 * 3] + data[188 * int(packets * 0.13) :])
    picture = lumas(path)
    assert len(picture) < 50
    assert white_frames(path) == [number for number, luma in enumerate(picture) if luma > 200]
    assert probe(SourceMedia(str(path))).first_unreadable is None


@covers(
    "kinds of movies", "Starts and clocks", variants="two recordings joined", result="all frames in order"
)
def test_two_recordings_in_one_file_follow_each_other(tmp_path):
    for name, at in (("one.ts", 0.4), ("two.ts", 0.8)):
        ffmpeg(tmp_path, *flash(seconds=1, at=at)[:4], *X264, "-bf", "2", "-g", "15", name)
    path = tmp_path / "joined.ts"
    path.write_bytes((tmp_path / "one.ts").read_bytes() + (tmp_path / "two.ts").read_bytes())
    index = read_index(path)
    assert index.frames == 50
    assert white_frames(path) == [*range(10, 15), *range(45, 50)]
    assert (np.diff(index.pts) == 3600).all()
    assert index.shifts == (Fraction(1),)


@covers("kinds of movies", "Starts and clocks", variants="a doubled time", result="costs no other time")
def test_a_doubled_time_costs_no_other_time(tmp_path):
    ffmpeg(tmp_path, *flash(seconds=3, at=2.4)[:4], *X264, "-bf", "0", "-g", "10", "screen.mp4")
    path = tmp_path / "doubled.mkv"
    with av.open(str(tmp_path / "screen.mp4")) as reading, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(reading.streams.video[0])
        for number, packet in enumerate(packet for packet in reading.demux(video=0) if packet.size):
            if 30 <= number < 50:
                continue
            packet.stream, packet.time_base = stream, Fraction(1, 1000)
            packet.pts = packet.dts = (20 if number == 21 else number) * 40
            out.mux(packet)
    index = read_index(path)
    assert index.frames == 55
    assert [seconds_of(path, number) for number in (20, 21, 22, 29, 30)] == pytest.approx(
        [0.8, 0.84, 0.88, 1.16, 2.0]
    )


@covers(
    "kinds of movies", "Starts and clocks", variants="clocks that begin before 0", result="read as they are"
)
def test_a_clock_that_begins_before_zero_is_read_as_it_is(tmp_path):
    offset = f"{2**33 / 90000 - 3:.5f}"
    ffmpeg(tmp_path, *flash(seconds=3, at=2.6)[:4], *X264, "-bf", "2", "-output_ts_offset", offset, "wrap.ts")
    path = tmp_path / "wrap.ts"
    assert seconds_of(path, 0) == pytest.approx(-1.6, abs=0.1)
    assert white_frames(path) == [65, 66, 67, 68, 69]


@covers(
    "kinds of movies",
    "Packets that are no frames",
    variants="2:3 pulldown with times per group",
    result="read by number",
)
def test_pulldown_with_one_time_for_each_group_is_read_by_number(tmp_path):
    path = write_pulldown(tmp_path)
    picture = lumas(path)
    info = probe(SourceMedia(str(path)))
    assert len(info.available) == len(picture) == 36
    reader = MovieReader(info)
    for number in (35, 20, 21, 22, 11, 12, 30, 5):
        luma = reader.read(number).pixels.astype(np.float64).mean() / 65535
        assert luma == pytest.approx(reader_luma(path, number), abs=1e-6)


def reader_luma(path, number):
    """The same frame by a reader that has read all before it."""
    reader = MovieReader(probe(SourceMedia(str(path))))
    for before in range(number):
        reader.read(before)
    return reader.read(number).pixels.astype(np.float64).mean() / 65535


def write_pulldown(folder):
    """A film on DVD: flags mark the fields to repeat; packets keep a time where a group begins."""
    source = flash("24000/1001", 1.5, 1.0)[:4]
    ffmpeg(
        folder, *source, "-r", "30000/1001", "-vf", "setpts=N/(30000/1001)/TB", "-c:v", "mpeg2video", "-bf",
        "2", "-g", "12", "-b:v", "2M", "film.m2v",
    )  # fmt: skip
    data = bytearray((folder / "film.m2v").read_bytes())
    base = at = 0
    pictures = []
    while (at := data.find(b"\0\0\1", at)) >= 0:
        code, extension = data[at + 3], data[at + 4] >> 4
        if code == 0xB5 and extension == 1:
            data[at + 5] &= ~8
        if code == 0xB8:
            base = len(pictures)
        if code == 0:
            pictures.append(base + (data[at + 4] << 2 | data[at + 5] >> 6))
        if code == 0xB5 and extension == 8:
            top, repeat = ((1, 1), (0, 0), (0, 1), (1, 0))[pictures[-1] % 4]
            data[at + 7] = data[at + 7] & ~0x82 | top << 7 | repeat << 1
            data[at + 8] |= 0x80
        at += 3
    (folder / "soft.m2v").write_bytes(data)
    ffmpeg(folder, "-i", "soft.m2v", "-c", "copy", "-f", "vob", "full.vob")
    data, at = bytearray((folder / "full.vob").read_bytes()), 0
    while (at := data.find(b"\0\0\1\xe0", at)) >= 0:
        size, flags, head = int.from_bytes(data[at + 4 : at + 6], "big"), data[at + 7] >> 6, data[at + 8]
        if flags and b"\0\0\1\xb3" not in data[at + 9 + head : at + 6 + size]:
            count = 5 if flags == 2 else 10
            data[at + 7] &= 0x3F
            data[at + 9 : at + 9 + count] = b"\xff" * count
        at += 6 + size
    path = folder / "film.vob"
    path.write_bytes(data)
    return path
