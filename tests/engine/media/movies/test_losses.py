"""Frames whose blocks a Matroska file has lost keep numbers and moments and are named; a pause is none."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.faults import FrameDamaged
from sparkvsr_engine.media.movies.reader import MovieReader
from sparkvsr_engine.media.probe import probe
from tests.fakes.media import FILM_RATE, number_in, write_movie

FRAMES = 60
MOVIES = {
    "h264.mkv": {"options": {"g": "12", "bf": "2", "crf": "10"}},
    "no-b.mkv": {"options": {"g": "12", "bf": "0", "crf": "10"}},
    "sound.mkv": {"options": {"g": "12", "bf": "2", "crf": "10"}, "audio": "aac"},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"g": "12", "b": "0", "crf": "20"}},
    "ffv1.mkv": {"codec": "ffv1", "pixel_format": "yuv422p", "options": {}},
}


def with_broken_header(path, victim, intact_bytes):
    """The header of packet `victim` overwritten but for its last `kept` bytes; its pixels stay."""
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][victim]
        begins, place = bytes(packet)[:16], packet.pos
    content = bytearray(path.read_bytes())
    data = content.index(begins, place)
    content[data - 7 : data - intact_bytes] = b"\x55" * (7 - intact_bytes)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("intact_bytes", [0, 3])
@pytest.mark.parametrize("victim", [5, 20])
@pytest.mark.parametrize("name", MOVIES)
def test_a_lost_block_costs_its_frames_and_no_other(tmp_path, name, victim, intact_bytes):
    path = with_broken_header(
        write_movie(tmp_path / name, frames=FRAMES, **MOVIES[name]), victim, intact_bytes
    )
    info = probe(SourceMedia(str(path)))
    assert (len(info.available), info.rate, info.variable_rate) == (FRAMES, FILM_RATE, False)
    concealing, strict = MovieReader(info, conceals=True), MovieReader(info)
    lost = []
    for number in range(FRAMES):
        frame = concealing.read(number)
        assert abs(frame.pts - number / FILM_RATE) < Fraction(1, 1000)
        if frame.is_concealed:
            lost.append(number)
            with pytest.raises(FrameDamaged, match=f"frame {number} of"):
                strict.read(number)
        else:
            assert number_in(frame.pixels) == number_in(strict.read(number).pixels) == number
    # The demuxer goes on with the next cluster.
    assert 0 < len(lost) < 36


def test_a_pause_at_a_constant_rate_is_no_loss(tmp_path):
    times = [*range(30), *range(34, 64)]
    path = write_movie(tmp_path / "pause.mkv", frames=FRAMES, pts=times)
    info = probe(SourceMedia(str(path)))
    assert len(info.available) == FRAMES
    reader = MovieReader(info)
    assert [number_in(reader.read(number).pixels) for number in range(FRAMES)] == list(range(FRAMES))


def test_a_pause_in_a_movie_whose_alpha_lies_beside_its_packets_is_no_loss(tmp_path):
    times = [*range(30), *range(34, 64)]
    path = write_movie(
        tmp_path / "alpha.webm", frames=FRAMES, pts=times, codec="libvpx-vp9", pixel_format="yuva420p",
        channels=4, options={"g": "12", "b": "0", "crf": "20", "auto-alt-ref": "0"},
    )  # fmt: skip
    assert len(probe(SourceMedia(str(path))).available) == FRAMES
