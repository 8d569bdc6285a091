"""Streams through a pipe: whole, joined in the middle, with losses, cut off, and damaged at random."""

from __future__ import annotations

import contextlib
import gc
import io
import random
from pathlib import Path

import av
import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings, MediaUnreadable, OutputUnwritable, SparkVSRError
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.config import load_config
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.streams.pipes.chain import LARGEST_PIECE, declared_length, read_pieces
from sparkvsr_engine.streams.pipes.receiving import ReceivedPiece, receive
from sparkvsr_engine.streams.pipes.sending import send
from sparkvsr_engine.streams.pipes.sources import require_pieces
from sparkvsr_engine.streams.pipes.unpacking import UnpackRequest, unpack
from sparkvsr_engine.streams.requests import PackRequest, parse_placement
from tests.fakes.media import number_in
from tests.fakes.streams import Listener, numbered_source, packed_movie

FRAMES, DISTANCE = 40, 10


class Pipe(io.RawIOBase):
    """Hands out bytes in small blocks, as a pipe does."""

    def __init__(self, data, block=777):
        self._data, self._block, self._place = data, block, 0

    def readable(self):
        return True

    def read1(self, _=-1):
        block = self._data[self._place : self._place + self._block]
        self._place += len(block)
        return block


def send_movie(source, out=None, keyframes=f"every:{DISTANCE}", **changes):
    out = out or io.BytesIO()
    config = load_config()
    config.make_folders()
    values = {"factor": 2.0, "quality": 60, "keyframes": parse_placement(keyframes), **changes}
    send(config, PackRequest(SourceMedia(str(source)), Path("stream.mkv"), **values), out, Listener())
    return out.getvalue() if isinstance(out, io.BytesIO) else b""


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """(source with sound, what went through the pipe)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARKVSR_HOME", str(tmp_path_factory.mktemp("home")))
        source = numbered_source(tmp_path_factory.mktemp("sent"), "s.mkv", frames=FRAMES, audio="flac")
        return source, send_movie(source)


def unpacked(data, tmp_path, listener=None):
    config = load_config()
    config.make_folders()
    target = tmp_path / "big.mkv"
    request = UnpackRequest(OutputTarget(str(target), quality=80), "identity")
    return unpack(config, request, Pipe(data), listener or Listener()), target


def pictures_of(path):
    """Its frames, 16 bits a value."""
    info = probe(SourceMedia(str(path)))
    source = open_source(info)
    return [source.read(number).pixels for number in info.span]


def require_source_frames(target, source, numbers):
    """`target` must show those numbers, in the colours of `source`.

    An encoder's bytes differ from machine to machine and run to run: one frame of many may be a little off.
    """
    pictures = pictures_of(target)
    assert [number_in(picture) for picture in pictures] == list(numbers)
    originals = pictures_of(source)
    expected = [originals[number].mean((0, 1)) for number in numbers]
    off = np.abs(np.array([picture.mean((0, 1)) for picture in pictures]) - expected) / 65535
    assert off.mean() < 0.01
    assert off.max() < 0.015


def sound_of(path):
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray()[0].astype(np.float64) for frame in container.decode(audio=0)]
    return np.concatenate(frames)


def pieces_of(data):
    return list(read_pieces(Pipe(data)))


def test_a_pipe_is_a_chain_of_files_that_each_begin_with_a_keyframe(sent, tmp_path):
    pieces = pieces_of(sent[1])
    assert [piece.is_whole for piece in pieces] == [True] * 4
    assert b"".join(piece.data for piece in pieces) == sent[1]
    received = [receive(piece, tmp_path / "piece.mkv") for piece in pieces]
    assert [piece.start for piece in received] == [0, 10, 20, 30]
    assert [sorted(piece.keyframes) for piece in received] == [[0], [10], [20], [30]]
    assert [len(piece.frames) for piece in received] == [10] * 4


def test_a_piece_ends_by_its_length_so_that_nobody_waits_for_the_next_one(sent):
    first = pieces_of(sent[1])[0].data
    assert declared_length(first) == len(first)
    stream = Pipe(first + b"\x1a\x45")
    assert next(read_pieces(stream)).data == first


def test_what_comes_out_is_the_source_again_with_its_sound_to_the_sample(sent, tmp_path):
    result, target = unpacked(sent[1], tmp_path)
    assert (result.frames, result.pieces, result.keyframes) == (FRAMES, 4, 4)
    assert (result.lost_frames, result.lost_bytes) == (0, 0)
    info, source = probe(SourceMedia(str(target))), probe(SourceMedia(str(sent[0])))
    assert (info.width, info.height, info.rate, info.variable_rate) == (192, 128, source.rate, False)
    require_source_frames(target, sent[0], range(FRAMES))
    assert np.array_equal(sound_of(target), sound_of(sent[0]))


def test_joining_in_the_middle_starts_at_the_next_keyframe(sent, tmp_path):
    lengths = [len(piece.data) for piece in pieces_of(sent[1])]
    listener = Listener()
    result, target = unpacked(sent[1][lengths[0] // 2 :], tmp_path, listener)
    assert (result.frames, result.pieces) == (30, 3)
    assert result.lost_bytes == lengths[0] - lengths[0] // 2
    assert any("before the first keyframe were passed over" in text for text in listener.warnings)
    require_source_frames(target, sent[0], range(10, FRAMES))


def test_a_lost_stretch_costs_that_stretch(sent, tmp_path):
    pieces = [piece.data for piece in pieces_of(sent[1])]
    result, target = unpacked(pieces[0] + pieces[1][:200] + pieces[2] + pieces[3], tmp_path)
    assert (result.frames, result.lost_frames) == (30, 10)
    # Time goes on over it: what comes after is shown when it would have been.
    info = probe(SourceMedia(str(target)))
    assert info.duration == pytest.approx(
        float(FRAMES / info.rate) if not info.variable_rate else 40 * 1001 / 24000, abs=0.05
    )
    require_source_frames(target, sent[0], [*range(10), *range(20, FRAMES)])


def test_a_lost_keyframe_is_named_and_the_pictures_stay(sent, tmp_path):
    pieces = [bytearray(piece.data) for piece in pieces_of(sent[1])]
    (tmp_path / "piece.mkv").write_bytes(pieces[1])
    with av.open(str(tmp_path / "piece.mkv")) as container:
        payload = next(bytes(packet) for packet in container.demux(video=1) if packet.size)
    pieces[1][pieces[1].index(payload) + len(payload) // 2] ^= 0x11
    listener = Listener()
    result, _ = unpacked(b"".join(pieces), tmp_path, listener)
    assert (result.frames, result.keyframes) == (FRAMES, 3)
    assert any("keyframe at 10 was lost" in text for text in listener.warnings)


@pytest.mark.parametrize("share", [0.03, 0.2, 0.5, 0.77, 0.999])
def test_cut_off_anywhere_there_are_pictures_or_one_sentence(sent, tmp_path, share):
    data = sent[1][: int(len(sent[1]) * share)]
    if share < 0.2:
        with pytest.raises(MediaUnreadable, match=r"\.$"):
            unpacked(data, tmp_path)
        assert not (tmp_path / "big.mkv").exists()
        return
    result, target = unpacked(data, tmp_path)
    assert result.frames >= int(FRAMES * share) // DISTANCE * DISTANCE
    assert probe(SourceMedia(str(target))).span.stop == result.frames


@pytest.mark.parametrize("data", [b"", b"\x1a\x45\xdf\xa3", b"no stream at all" * 1000])
def test_an_empty_pipe_is_reported_in_one_sentence(tmp_path, data):
    with pytest.raises(MediaUnreadable, match="small stream"):
        unpacked(data, tmp_path)


def test_a_movie_that_is_no_stream_is_refused(tmp_path):
    with pytest.raises(MediaUnreadable, match="no piece of a small stream"):
        unpacked(numbered_source(tmp_path, "plain.mkv").read_bytes(), tmp_path)


def test_what_pretends_to_be_endless_is_passed_over_in_bounded_memory(sent):
    first = pieces_of(sent[1])[0].data

    # A length that is not known: eight bytes of ones.
    head = first[: first.index(b"\x18\x53\x80\x67") + 4] + b"\x01" + b"\xff" * 7
    blocks = [head, *[bytes(1 << 20)] * (LARGEST_PIECE // (1 << 20) + 2), first]

    class Endless(Pipe):
        def read1(self, _=-1):
            return blocks.pop(0) if blocks else b""

    (piece,) = [piece for piece in read_pieces(Endless(b"")) if piece.is_whole]
    assert piece.data == first
    assert piece.lost_before > LARGEST_PIECE


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_pipe_gives_pictures_or_a_sentence(sent, tmp_path, seed):
    """A sample of `damaged_pipes`; all two hundred were run once."""
    assert outcome_of(damaged(sent[1], seed), tmp_path) in ("pictures", "sentence")


def damaged(data, seed):
    """Bytes changed, lost, doubled, inserted, zeroed, or the end gone."""
    rng, out = random.Random(seed), bytearray(data)
    for _ in range(rng.choice([1, 2, 5, 20])):
        place, length = rng.randrange(len(out)), rng.choice([1, 3, 50, 1316])
        kind = rng.randrange(6)
        if kind == 0:
            out[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del out[place : place + length]
        elif kind == 2:
            out[place:place] = out[place : place + length]
        elif kind == 3:
            out[place:place] = rng.randbytes(length)
        elif kind == 4:
            out[place : place + length] = bytes(len(out[place : place + length]))
        elif rng.random() < 0.3:
            del out[place:]
        if not out:
            return b""
    return bytes(out)


def outcome_of(data, tmp_path):
    """What a receiver makes of it; only the engine's own errors may come."""
    count = 0
    for piece in read_pieces(Pipe(data)):
        with contextlib.suppress(SparkVSRError):
            count += len(receive(piece, tmp_path / "piece.mkv").frames)
    return "pictures" if count else "sentence"


def test_a_reader_that_goes_away_ends_the_sender_with_a_sentence(tmp_path):
    class Closed(io.RawIOBase):
        def write(self, _):
            raise BrokenPipeError

    with pytest.raises(OutputUnwritable, match="went away after 0 frames"):
        send_movie(numbered_source(tmp_path), Closed())


@pytest.mark.parametrize("keyframes", ["0,5", "uniform:3", "none"])
def test_a_pipe_takes_no_keyframes_that_need_the_whole_source(tmp_path, keyframes):
    with pytest.raises(InvalidSettings, match="every:N"):
        send_movie(numbered_source(tmp_path), keyframes=keyframes)


def test_a_pipe_keeps_to_its_rate(tmp_path):
    source = numbered_source(tmp_path, frames=40)
    sizes = {rate: len(send_movie(source, rate=rate)) for rate in (60_000, 240_000)}
    assert sizes[60_000] < sizes[240_000]
    seconds = 40 * 1001 / 24000
    # Four files have headers of their own beside their pictures.
    assert sizes[240_000] * 8 / seconds < 240_000 * 1.15 + 4 * 8 * 3000 / seconds


def test_a_cut_within_the_distance_begins_a_piece(tmp_path):
    from tests.fakes.media import Clip, write_movie

    clip = Clip(frames=30, width=192, height=128)
    dark = write_movie(tmp_path / "a.mkv", clip)
    source = _with_cut(dark, tmp_path / "cut.mkv")
    received = [
        receive(piece, tmp_path / "piece.mkv")
        for piece in pieces_of(send_movie(source, keyframes="every:20"))
    ]
    assert [piece.start for piece in received] == [0, 14, 34]
    assert [piece.track.tag.is_cut for piece in received] == [True, True, False]


def _with_cut(first, path):
    """A movie of 40 frames whose picture is another one from frame 14 on."""
    rng = np.random.default_rng(5)
    block = rng.integers(0, 255, (16, 24, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    with av.open(str(first)) as source, av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = 192, 128, "yuv420p"
        pictures = [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)][:14]
        pictures += [np.roll(block, number, 1) for number in range(26)]
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("name", ["plain.mp4", "plain.avi", "plain.webm"])
def test_a_plain_movie_given_to_unpack_is_named_with_what_to_do(tmp_path, name):
    source = numbered_source(tmp_path, name, **({"codec": "libvpx-vp9"} if name.endswith("webm") else {}))
    with pytest.raises(MediaUnreadable, match="is a movie but no small stream; make one of it with"):
        require_pieces(str(source), str(tmp_path / "big.mp4"))


def test_a_packed_mp4_given_to_unpack_is_sent_to_upscale(tmp_path):
    with pytest.raises(MediaUnreadable, match="restore it with 'sparkvsr upscale"):
        require_pieces(str(packed_movie(tmp_path, "small.mp4")), str(tmp_path / "big.mp4"))


def test_what_is_unpacked_is_not_written_over(sent, tmp_path):
    piece = tmp_path / "came.mkv"
    piece.write_bytes(sent[1])
    with pytest.raises(InvalidSettings, match="would write over what is unpacked"):
        require_pieces(str(piece), str(tmp_path / "." / "came.mkv"))
    require_pieces(str(piece), str(tmp_path / "big.mkv"))
    late = tmp_path / "late.bin"
    late.write_bytes(sent[1][1234:])
    require_pieces(str(late), str(tmp_path / "big.mkv"))


def test_a_pipe_is_unpacked_into_movies_only(sent, tmp_path):
    config = load_config()
    config.make_folders()
    request = UnpackRequest(OutputTarget(str(tmp_path / "big.%04d.png")), "identity")
    with pytest.raises(InvalidSettings, match=r"is no movie; a pipe is unpacked into a file that ends with"):
        unpack(config, request, Pipe(sent[1]), Listener())


def test_a_stream_of_one_frame_comes_through(tmp_path):
    source = numbered_source(tmp_path, "one.mkv", frames=1)
    result, target = unpacked(send_movie(source), tmp_path)
    assert (result.frames, probe(SourceMedia(str(target))).span.stop) == (1, 1)


@pytest.mark.slow
def test_memory_holds_the_same_few_pieces_however_long_the_pipe(tmp_path):
    source = numbered_source(tmp_path, frames=120, width=64, height=48)
    data, alive = send_movie(source, keyframes="every:6"), []

    class Watched(Pipe):
        def read1(self, _=-1):
            gc.collect()
            alive.append(sum(type(item) is ReceivedPiece for item in gc.get_objects()))
            return super().read1()

    config = load_config()
    config.make_folders()
    request = UnpackRequest(OutputTarget(str(tmp_path / "big.mkv")), "identity")
    result = unpack(config, request, Watched(data, 4000), Listener())
    assert result.frames == 120
    assert result.pieces >= 20
    assert max(alive) <= 3, alive
