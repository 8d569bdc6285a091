"""Packing into a file: what lies in it, what comes along, what a stop or an error leaves."""

from __future__ import annotations

import av
import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings, TargetExists
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.config import load_config
from sparkvsr_engine.media.movies.small_streams.keyframe_track import decode_keyframes
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.streams.reducing import reduce_picture
from tests.fakes.media import number_in, numbered_picture
from tests.fakes.streams import Listener, numbered_source, pack_movie, packed_movie


def _probed(path):
    return probe(SourceMedia(str(path)))


def _frames(path):
    info = _probed(path)
    source = open_source(info)
    return [source.read(number) for number in info.span]


def test_a_packed_movie_is_the_source_reduced_with_its_keyframes_at_their_frames(tmp_path):
    info = _probed(packed_movie(tmp_path, keyframes="0,7,11"))
    assert (info.width, info.height, info.span.stop, info.rate) == (
        96,
        64,
        12,
        _probed(tmp_path / "source.mp4").rate,
    )
    assert (info.keyframes.tag.width, info.keyframes.tag.height) == (192, 128)
    assert info.keyframes.frames == (0, 7, 11)
    pictures = dict(decode_keyframes(info.path, info.keyframes, (0, 7, 11), info.colour))
    assert {frame: number_in(pixels) for frame, pixels in pictures.items()} == {0: 0, 7: 7, 11: 11}


def test_the_reduced_movie_is_the_restorers_own_reduction_of_the_source(tmp_path):
    path = packed_movie(tmp_path, keyframes="0", quality=100)
    for frame in _frames(path):
        expected = reduce_picture(numbered_picture(frame.number, 192, 128, "float32"), 96, 64)
        assert np.abs(frame.pixels / 65535 - expected).mean() < 0.02


@pytest.mark.parametrize("codec", ["h264", "h265", "av1"])
@pytest.mark.parametrize("name", ["small.mkv", "small.mp4"])
def test_players_show_the_small_movie_and_never_its_keyframes(tmp_path, name, codec):
    path = packed_movie(tmp_path, name, codec=codec)
    with av.open(str(path)) as container:
        best = container.streams.best("video")
        assert (best.index, best.codec_context.width) == (0, 96)
        assert [bool(stream.disposition & av.stream.Disposition.default) for stream in container.streams] == [
            True,
            False,
        ]
        assert sum(1 for _ in container.decode(best)) == 12


def test_keyframes_have_ten_bits_where_the_source_has(tmp_path):
    source = numbered_source(tmp_path, "deep.mkv", codec="ffv1", pixel_format="yuv422p10le", options={})
    path = packed_movie(tmp_path, source=source)
    with av.open(str(path)) as container:
        assert [stream.codec_context.pix_fmt for stream in container.streams.video] == ["yuv420p10le"] * 2


@pytest.mark.slow
def test_sound_keeps_its_packets_and_times(tmp_path):
    source = numbered_source(tmp_path, "sound.mkv", audio="flac", frames=48)

    def sound(path):
        with av.open(str(path)) as container:
            packets = [packet for packet in container.demux(audio=0) if packet.size]
            return [(bytes(packet), packet.pts * packet.time_base) for packet in packets]

    assert sound(packed_movie(tmp_path, source=source)) == sound(source)


def test_colour_tags_and_words_of_the_source_are_kept(tmp_path):
    source = numbered_source(tmp_path, tags=(1, 1, 1, 1), metadata={"title": "A shot"})
    path = packed_movie(tmp_path, source=source)
    assert _probed(path).colour == _probed(source).colour
    with av.open(str(path)) as container:
        assert container.metadata["title"] == "A shot"
        tracks = [
            (stream.codec_context.color_primaries, stream.codec_context.colorspace)
            for stream in container.streams
        ]
        assert tracks == [(1, 1), (1, 1)]


def test_a_stream_packed_again_does_not_carry_the_keyframes_of_the_first(tmp_path):
    again = packed_movie(tmp_path, "again.mkv", keyframes="3", source=packed_movie(tmp_path))
    info = _probed(again)
    assert (info.width, info.keyframes.frames) == (48, (3,))
    with av.open(str(again)) as container:
        assert len(container.streams) == 2


@pytest.mark.slow
def test_a_stopped_command_leaves_no_target_and_goes_on_where_it_was(tmp_path):
    source, target = numbered_source(tmp_path, frames=400, width=64, height=32), tmp_path / "small.mkv"
    with pytest.raises(KeyboardInterrupt):
        pack_movie(source, target, "0", Listener(stop_after=300))
    assert list(tmp_path.iterdir()) == [source]
    listener = Listener()
    pack_movie(source, target, "0", listener)
    assert 0 < listener.reduced < 400
    assert _probed(target).span.stop == 400


def test_two_commands_may_pack_the_same_source_at_once(tmp_path):
    """The second begins in the middle of the first, and is done before it."""
    source, second = numbered_source(tmp_path), tmp_path / "second.mkv"

    class Interrupted(Listener):
        def progress(self, phase, done=0, total=0):
            super().progress(phase, done, total)
            if self.reduced == 5 and not second.exists():
                pack_movie(source, second)

    pack_movie(source, tmp_path / "first.mkv", control=Interrupted())
    for target in (tmp_path / "first.mkv", second):
        info = _probed(target)
        assert len(_frames(target)) == 12
        keyframes = dict(decode_keyframes(info.path, info.keyframes, (0, 6), info.colour))
        assert {frame: number_in(pixels) for frame, pixels in keyframes.items()} == {0: 0, 6: 6}
    packing = load_config().cache_folder / "packing"
    assert [path.suffix for path in packing.iterdir()] == [".lock"]


def test_an_error_leaves_the_file_that_was_there(tmp_path, monkeypatch):
    target = packed_movie(tmp_path)
    before = target.read_bytes()
    with pytest.raises(TargetExists):
        pack_movie(tmp_path / "source.mp4", target)

    def refuse(*_):
        raise OSError(28, "no space")

    monkeypatch.setattr("sparkvsr_engine.media.movies.writing.joining._packets", refuse)
    with pytest.raises(Exception, match="disk is full"):
        pack_movie(tmp_path / "source.mp4", target, overwrite=True)
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.mkv", "source.mp4"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"factor": 1.0}, "above 1"),
        ({"codec": "mpeg1"}, "h264, h265, av1"),
        ({"keyframes": "0,99"}, "outside the frames 0-11"),
        ({"name": "small.webm"}, ".mkv or .mp4"),
        ({"rate": 10}, "1k or more"),
    ],
)
def test_what_cannot_be_packed_is_refused_before_any_work(tmp_path, changes, sentence):
    with pytest.raises(InvalidSettings, match=sentence):
        packed_movie(tmp_path, **changes)
