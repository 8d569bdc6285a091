"""A frame that cannot be decoded costs itself: its neighbour stands in, and it is known by its number."""

from __future__ import annotations

import random

import av
import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.faults import FrameDamaged
from sparkvsr_engine.media.movies.reader import MovieReader
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.media import number_in, write_movie

FRAMES = 40
PRORES = {"codec": "prores_ks", "pixel_format": "yuv422p10le", "options": {"profile": "proxy"}}
KINDS = {
    "prores.mov": PRORES,
    "mjpeg.avi": {"codec": "mjpeg", "pixel_format": "yuvj420p", "options": {"qscale": "2"}},
}


def hurt(path, victims, keep=0):
    """Overwrite the packets of these frames with nonsense, their first bytes kept."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        places = [(packets[victim].pos, packets[victim].size) for victim in victims]
    content = bytearray(path.read_bytes())
    for place, size in places:
        content[place + keep : place + size] = b"\x55" * (size - keep)
    path.write_bytes(content)
    return path


def readers(path):
    info = probe(SourceMedia(str(path)))
    assert len(info.available) == FRAMES
    assert info.first_unreadable is None
    return MovieReader(info, conceals=True), MovieReader(info)


@covers(
    "kinds of movies",
    "Damage",
    variants="undecodable frames of ProRes, Motion JPEG, FFV1, MPEG-4, H.264",
    result="show the one before and are named before rendering",
)
@pytest.mark.parametrize("name", ["prores.mov", "mjpeg.avi"])
@pytest.mark.parametrize("victims", [(17,), (0,), (FRAMES - 1,), (10, 11, 12, 30)])
def test_undecodable_frames_show_the_one_before_and_are_named(tmp_path, name, victims):
    path = hurt(
        write_movie(tmp_path / name, frames=FRAMES, **KINDS[name]), victims, keep=8 if "prores" in name else 2
    )
    concealing, strict = readers(path)
    order = list(range(FRAMES))
    for number in [*order, *random.Random(2).sample(order, FRAMES)]:
        frame = concealing.read(number)
        assert frame.number == number
        assert frame.is_concealed == (number in victims)
        if number not in victims:
            assert number_in(frame.pixels) == number
        elif victims != (0,):
            assert number_in(frame.pixels) == max(set(range(number)) - set(victims))
        else:
            assert number_in(frame.pixels) == 1
    for number in order:
        if number in victims:
            with pytest.raises(FrameDamaged, match=f"frame {number} of .* --on-damage conceal"):
                strict.read(number)
        else:
            assert number_in(strict.read(number).pixels) == number


def test_times_are_those_of_the_frames_themselves(tmp_path):
    path = hurt(write_movie(tmp_path / "prores.mov", frames=FRAMES, **PRORES), (17,), keep=8)
    concealing, _ = readers(path)
    assert [concealing.read(number).pts * 24000 / 1001 for number in (16, 17, 18)] == [16, 17, 18]


def test_what_a_decoder_makes_of_a_damaged_frame_is_shown_and_named(tmp_path):
    path = write_movie(
        tmp_path / "hurt.mp4",
        frames=FRAMES,
        width=320,
        height=240,
        options={"g": "20", "bf": "0", "crf": "10"},
    )
    hurt(path, (14,), keep=300)
    concealing, _ = readers(path)
    concealed = [number for number in range(FRAMES) if concealing.read(number).is_concealed]
    assert concealed
    assert set(concealed) <= set(range(14, 20))
    assert concealing.read(25).pixels.shape == (240, 320, 3)


def test_a_healthy_movie_has_no_concealed_frame(tmp_path):
    concealing, strict = readers(write_movie(tmp_path / "whole.mp4", frames=FRAMES))
    for number in range(FRAMES):
        first, second = concealing.read(number), strict.read(number)
        assert not first.is_concealed
        assert np.array_equal(first.pixels, second.pixels)
