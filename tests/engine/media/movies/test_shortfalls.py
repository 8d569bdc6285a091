"""Files that lost something are named before rendering; healthy ones of the same kinds get no warning."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.movies.frame_index.slice_checks import is_whole
from sparkvsr_engine.media.movies.reader import MovieReader
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.ffmpeg import X264, ffmpeg
from tests.fakes.media import number_in, write_movie

FRAMES = 12
HOLDERS = {"a.avi": "mjpeg", "a.mkv": "ffv1", "b.mkv": "libx264", "c.avi": "huffyuv"}


def look(path):
    return probe(SourceMedia(str(path)))


def movie(folder, name, codec):
    pixels = {"mjpeg": "yuvj420p", "huffyuv": "yuv422p"}.get(codec, "yuv420p")
    return write_movie(
        folder / name, frames=FRAMES, codec=codec, pixel_format=pixels, rate=Fraction(25), options={}
    )


@covers(
    "kinds of movies",
    "Damage",
    variants="AVI and Matroska cut short, of intra codecs and others",
    result="named with their bytes before rendering; no warning for whole ones",
)
@pytest.mark.parametrize(("name", "codec"), HOLDERS.items())
@pytest.mark.parametrize("share", [0.7, 0.9, 1.0])
def test_a_file_shorter_than_its_header_claims_is_named(tmp_path, name, codec, share):
    path = movie(tmp_path, name, codec)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    notes = [note for note in look(path).notes if "cut short" in note]
    assert len(notes) == (share < 1)
    assert all(f"{int(len(content) * share)} of {len(content)} bytes" in note for note in notes)


@covers(
    "kinds of movies",
    "Damage",
    variants="Matroska whose end is noise, of known and unknown size, with sound",
    result="bytes that cannot be read are named; what writers put behind the last frame is not",
)
@pytest.mark.parametrize("sound", [None, "aac"])
@pytest.mark.parametrize("frame", [5, 8])
def test_noise_behind_the_last_frame_is_named(tmp_path, frame, sound):
    path = write_movie(tmp_path / "a.mkv", frames=FRAMES, audio=sound)
    assert look(path).notes == ()
    with av.open(str(path)) as container:
        first = [packet.pos for packet in container.demux(video=0) if packet.size][frame] - 6
    content = bytearray(path.read_bytes())
    content[first : first + 200] = np.random.default_rng(3).integers(1, 255, 200, np.uint8).tobytes()
    path.write_bytes(content)
    info = look(path)
    assert len(info.available) < FRAMES
    assert info.first_unreadable is not None or any("cannot be read" in note for note in info.notes)


def test_room_behind_the_last_frame_is_no_damage(tmp_path):
    path = movie(tmp_path, "b.mkv", "libx264")
    path.write_bytes(path.read_bytes() + bytes(3000))
    assert look(path).notes == ()


def test_a_recording_whose_writer_did_not_know_its_size_is_whole(tmp_path):
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4", *X264)
    ffmpeg(tmp_path, *source, "-live", "1", "live.mkv")
    assert look(tmp_path / "live.mkv").notes == ()


@covers(
    "kinds of movies",
    "Damage",
    variants="chunks lost within an AVI",
    result="counted before rendering; chunks that repeat a frame are none that are lost",
)
@pytest.mark.parametrize("codec", ["mjpeg", "mpeg4"])
def test_frames_an_avi_counts_and_does_not_hold_are_named(tmp_path, codec):
    path = movie(tmp_path, "a.avi", codec)
    content = bytearray(path.read_bytes())
    at = -1
    for _ in range(5):
        at = content.index(b"00dc", at + 1)
    content[at : at + 4] = b"\xff\xfe\xfd\xfc"
    del content[content.rindex(b"idx1") :]
    path.write_bytes(content)
    info = look(path)
    assert [note for note in info.notes if f"counts {FRAMES} frames and holds" in note]


def test_an_avi_that_repeats_frames_by_empty_chunks_is_healthy(tmp_path):
    slow = "setpts='(N+if(gt(N,5),4,0))/25/TB'"
    ffmpeg(
        tmp_path, "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4", "-vf", slow, "-fps_mode", "vfr",
        "-enc_time_base", "1/25", "-c:v", "mjpeg", "a.avi",
    )  # fmt: skip
    assert look(tmp_path / "a.avi").notes == ()


@covers(
    "kinds of movies",
    "Damage",
    variants="transport packets lost within a recording",
    result="named by frame before rendering; joined recordings are none",
)
def test_transport_packets_that_are_lost_are_named_by_their_frames(tmp_path):
    path = write_movie(tmp_path / "a.ts", frames=30)
    assert look(path).notes == ()
    content = path.read_bytes()
    third = len(content) // 3 // 188 * 188
    (tmp_path / "b.ts").write_bytes(content[:third] + content[third + 5 * 188 :])
    assert len([note for note in look(tmp_path / "b.ts").notes if "lost data near frame" in note]) == 1
    (tmp_path / "c.ts").write_bytes(content + content)
    assert look(tmp_path / "c.ts").notes == ()


def test_subtitles_that_outlast_the_picture_make_no_file_short(tmp_path):
    (tmp_path / "s.srt").write_text("1\n00:00:00,100 --> 00:00:05,000\nHello\n")
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4", "-i", "s.srt", *X264)
    ffmpeg(tmp_path, *source, "-c:s", "srt", "a.mkv")
    info = look(tmp_path / "a.mkv")
    assert (info.first_unreadable, len(info.available), info.notes) == (None, 10, ())


def frames_of(path):
    info = look(path)
    reader = MovieReader(info, conceals=True)
    frames = [reader.read(number) for number in info.available]
    reader.close()
    return frames


def broken_at(path, frame):
    """The movie with a byte of one frame's packet changed."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        place, size = packets[frame].pos, packets[frame].size
    content = bytearray(path.read_bytes())
    at = content.index(bytes(packets[frame])[: size // 2], place)
    content[at + size // 2] ^= 0x55
    target = path.with_name(f"broken-{path.name}")
    target.write_bytes(content)
    return target


@covers(
    "kinds of movies",
    "Damage",
    variants="FFV1 damaged within slices, with and without frames that go on from others, in MKV and AVI",
    result="found by its checksums: those frames show the one before and are named, all others are exact",
)
@pytest.mark.parametrize("name", ["a.mkv", "a.avi"])
@pytest.mark.parametrize(("group", "lost"), [("1", {4}), ("6", {4, 5})])
def test_ffv1_that_is_damaged_is_found_by_its_checksums(tmp_path, name, group, lost):
    how = {"level": "3", "slicecrc": "1", "g": group, "slices": "4"}
    path = write_movie(tmp_path / name, frames=FRAMES, codec="ffv1", rate=Fraction(25), options=how)
    whole, result = frames_of(path), frames_of(broken_at(path, 4))
    assert not any(frame.is_concealed for frame in whole)
    assert {frame.number for frame in result if frame.is_concealed} == lost
    for before, after in zip(whole, result, strict=True):
        picture = whole[3] if after.number in lost else before
        assert np.array_equal(after.pixels, picture.pixels)
        assert number_in(after.pixels) == (3 if after.number in lost else after.number)


@pytest.mark.parametrize(
    "how", [{"level": "1"}, {"level": "3", "slicecrc": "0"}, {"level": "4", "strict": "-2"}]
)
def test_ffv1_without_checksums_is_not_called_damaged(tmp_path, how):
    path = write_movie(tmp_path / "a.mkv", frames=4, codec="ffv1", rate=Fraction(25), options=how)
    assert [frame.is_concealed for frame in frames_of(path)] == [False] * 4


def test_nothing_and_noise_are_no_whole_slices():
    assert not is_whole(b"\1\2\3")
    assert not is_whole(bytes(range(256)) * 4)
