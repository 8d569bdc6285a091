import gc
import random
from fractions import Fraction

import av
import numpy as np
import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.movies.reader import MovieReader
from sparkvsr_engine.media.movies.yuv import RgbReader
from sparkvsr_engine.media.probe import probe
from tests.fakes.media import FILM_RATE, cut_by_edit_list, number_in, write_movie

UNEVEN = [0, 3000, 6100, 9000, 13000, 16000, 21000, 24000, 26000, 30000]
KINDS = {
    "b_frames.mp4": {"audio": "aac"},
    "b_frames.mkv": {},
    "b_frames.ts": {},
    "open_gop.mp4": {"options": {"g": "8", "bf": "3", "x264-params": "open-gop=1:scenecut=0"}},
    "uneven.mp4": {"frames": 10, "time_base": Fraction(1, 90000), "pts": UNEVEN},
    "ten_bit.mp4": {
        "codec": "libx265",
        "pixel_format": "yuv420p10le",
        "tags": (9, 16, 9, 1),
        "options": {"x265-params": "log-level=error:keyint=9"},
    },
    "prores.mov": {
        "codec": "prores_ks",
        "pixel_format": "yuva444p10le",
        "channels": 4,
        "options": {"profile": "4444"},
        "frames": 8,
    },
    "mpeg4.avi": {"codec": "mpeg4", "options": {"bf": "2", "g": "12"}},
    "raw.h264": {"frames": 12},
    "vp9.webm": {
        "codec": "libvpx-vp9",
        "options": {"crf": "20", "b": "0", "lag-in-frames": "8"},
        "frames": 20,
    },
}


def open_reader(path):
    return MovieReader(probe(SourceMedia(str(path))))


def plain_decode(path, info):
    """Every frame from first to last, without index or seek."""
    rgb = RgbReader(info.colour, info.height)
    with av.open(str(path)) as container:
        return [rgb.rgb(frame) for frame in container.decode(container.streams.video[0])]


@pytest.mark.parametrize("name", KINDS)
def test_any_order_gives_the_pixels_of_a_full_decode(tmp_path, name):
    path = write_movie(tmp_path / name, **KINDS[name])
    info = probe(SourceMedia(str(path)))
    expected = plain_decode(path, info)
    numbers = list(range(len(expected)))
    reader = MovieReader(info)
    for number in [*numbers, *random.Random(4).sample(numbers, len(numbers)), *numbers[::-3]]:
        frame = reader.read(number)
        assert frame.number == number_in(frame.pixels) == number
        assert np.array_equal(frame.pixels, expected[number])
    reader.close()


def test_frames_behind_an_edit_list_are_numbered_from_what_is_shown(tmp_path):
    path = cut_by_edit_list(write_movie(tmp_path / "whole.mp4", frames=40), tmp_path / "cut.mp4", 5)
    reader = open_reader(path)
    assert [number_in(reader.read(number).pixels) for number in (0, 30, 7, 34)] == [5, 35, 12, 39]


def test_times_are_exact(tmp_path):
    reader = open_reader(write_movie(tmp_path / "film.mp4", frames=5))
    assert reader.read(3).pts == 3 / FILM_RATE
    uneven = open_reader(write_movie(tmp_path / "uneven.mp4", **KINDS["uneven.mp4"]))
    assert [uneven.read(number).pts for number in range(10)] == [Fraction(pts, 90000) for pts in UNEVEN]


@pytest.mark.parametrize(("rotation", "turns"), [(90, 1), (180, 2), (-90, 3)])
def test_a_phones_rotation_is_applied(tmp_path, rotation, turns):
    path = write_movie(tmp_path / "phone.mp4", frames=3, rotation=rotation)
    frame = open_reader(path).read(2)
    assert number_in(np.ascontiguousarray(np.rot90(frame.pixels, -turns))) == 2
    info = probe(SourceMedia(str(path)))
    assert (info.height, info.width) == frame.pixels.shape[:2]


def test_a_frame_outside_is_refused_with_what_there_is(tmp_path):
    reader = open_reader(write_movie(tmp_path / "short.mp4", frames=5))
    with pytest.raises(MediaUnreadable, match="has no frame 5; it has 0-4"):
        reader.read(5)


def test_a_movie_cut_short_gives_all_it_has_then_names_the_first_lost_frame(tmp_path):
    path = write_movie(tmp_path / "cut.mp4", frames=60, container_options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    info = probe(SourceMedia(str(path)))
    assert len(info.available) == 60
    reader = MovieReader(info)
    for number in range(info.first_unreadable):
        assert number_in(reader.read(number).pixels) == number
    with pytest.raises(
        MediaUnreadable, match=f"frame {info.first_unreadable} of .* --frames 0-{info.first_unreadable - 1}"
    ):
        reader.read(info.first_unreadable)


def test_damage_in_the_middle_costs_the_damaged_frame_alone(tmp_path):
    path = write_movie(
        tmp_path / "hurt.mp4", frames=40, width=320, height=240, options={"g": "20", "bf": "2", "crf": "10"}
    )
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        victim = packets[14]
        start, size, lost = victim.pos, victim.size, victim.pts // 1001
    content = bytearray(path.read_bytes())
    content[start : start + size] = bytes(size)
    path.write_bytes(content)
    reader = open_reader(path)
    result = []
    for number in range(40):
        if number == lost:
            with pytest.raises(MediaUnreadable, match=f"frame {lost} "):
                reader.read(number)
        else:
            result.append(reader.read(number).number)
    assert result == [number for number in range(40) if number != lost]


def test_no_decoded_picture_outlives_its_frame(tmp_path):
    reader = open_reader(write_movie(tmp_path / "long.mp4", frames=120))
    gc.collect()
    gc.disable()
    try:
        for number in range(120):
            reader.read(number)
        # Not isinstance: it asks every object for its class, and some answer with warnings.
        alive = sum(type(item) is av.VideoFrame for item in gc.get_objects())
    finally:
        gc.enable()
    assert alive < 20


def test_closing_frees_the_file_and_reading_opens_it_again(tmp_path):
    reader = open_reader(write_movie(tmp_path / "a.mp4", frames=5))
    reader.read(2)
    reader.close()
    assert number_in(reader.read(4).pixels) == 4
    reader.close()


def test_a_movie_that_changes_its_size_is_refused_at_the_frame_that_does(tmp_path):
    small = write_movie(tmp_path / "small.ts", frames=5, options={"g": "5", "bf": "0"})
    large = write_movie(tmp_path / "large.ts", frames=5, width=128, options={"g": "5", "bf": "0"})
    both = tmp_path / "both.ts"
    with av.open(str(both), "w", format="mpegts") as writing:
        with av.open(str(small)) as first:
            out = writing.add_stream_from_template(first.streams.video[0], opaque=True)
        for part, path in enumerate((small, large)):
            with av.open(str(path)) as reading:
                for packet in reading.demux(video=0):
                    if packet.size:
                        packet.pts += part * 18768
                        packet.dts += part * 18768
                        packet.stream = out
                        writing.mux(packet)
    reader = open_reader(both)
    assert reader.read(4).pixels.shape == (64, 96, 3)
    with pytest.raises(MediaUnreadable, match=r"frame 5 .* is 128x64, but the movie starts with 96x64"):
        reader.read(5)
