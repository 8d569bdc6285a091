"""Transport streams name what they have lost, by packets' counts and times; healthy ones get no warning."""

from __future__ import annotations

import av
import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.movies.frame_index.transport import transport_losses
from sparkvsr_engine.media.movies.reader import MovieReader
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.ffmpeg import X264, ffmpeg
from tests.fakes.media import number_in, write_movie

FRAMES, PACKET, TRACK = 24, 188, 256


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A healthy one with B-frames, several packets a frame."""
    return write_movie(
        tmp_path_factory.mktemp("ts") / "a.ts",
        frames=FRAMES,
        options={"g": "12", "bf": "2", "x264-params": "b-pyramid=none"},
    )


def look(path):
    return probe(SourceMedia(str(path)))


def rows(path):
    """uint8 [packets, 188]."""
    return np.frombuffer(path.read_bytes(), np.uint8).reshape(-1, PACKET).copy()


def own_rows(packets):
    """Places of the picture's packets, and of those of them that begin a frame."""
    is_own = ((packets[:, 1] & 31).astype(int) << 8 | packets[:, 2]) == TRACK
    return np.flatnonzero(is_own), np.flatnonzero(is_own & (packets[:, 1] & 0x40 > 0))


def frames_in(path):
    """(what is drawn into each frame, numbers of those that show another one)."""
    info = look(path)
    reader = MovieReader(info, conceals=True)
    frames = [reader.read(number) for number in info.available]
    reader.close()
    return [number_in(frame.pixels) for frame in frames], [f.number for f in frames if f.is_concealed]


def without_packet(packets, starts):
    return np.delete(packets, starts[5], axis=0)


def with_noise_for_a_sync_byte(packets, starts):
    packets[starts[5], 0] = 0x55
    return packets


def with_an_error_mark(packets, starts):
    packets[starts[5], 1] |= 0x80
    return packets


def with_bytes_between(packets, starts):
    at = starts[5]
    return np.concatenate([packets[:at].ravel(), np.full(77, 0x11, np.uint8), packets[at:].ravel()])


@covers(
    "kinds of movies",
    "Damage",
    variants="transport packets that lack, are broken or marked so, have bytes between, are cut within one",
    result="named before rendering by the frames they hold",
)
@pytest.mark.parametrize(
    "damage", [without_packet, with_noise_for_a_sync_byte, with_an_error_mark, with_bytes_between]
)
def test_what_packets_lost_is_named_by_its_frames(recording, tmp_path, damage):
    packets = rows(recording)
    path = tmp_path / "b.ts"
    path.write_bytes(damage(packets, own_rows(packets)[1]).tobytes())
    notes = [note for note in look(path).notes if "lost data near frame" in note]
    assert len(notes) == 1


@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
def test_a_recording_that_ends_within_a_packet_is_cut_short(recording, tmp_path, share):
    content = recording.read_bytes()
    path = tmp_path / "b.ts"
    path.write_bytes(content[: int(len(content) * share) // PACKET * PACKET + 100])
    assert [note for note in look(path).notes if "ends within a transport packet" in note]


def test_frames_still_to_come_when_a_recording_ends_keep_their_moments(recording, tmp_path):
    """Of a group P B B the first is there: the two before it in time are lost and keep their places."""
    packets = rows(recording)
    _, starts = own_rows(packets)
    results = {}
    for count in range(8, 20):
        path = tmp_path / f"{count}.ts"
        path.write_bytes(packets[: starts[count]].tobytes())
        results[count] = frames_in(path)
    for numbers, concealed in results.values():
        whole = [number for place, number in enumerate(numbers) if place not in concealed]
        assert whole == [place for place in range(len(numbers)) if place not in concealed]
    # The same count of packets, whatever the order in which frames are stored.
    assert all(len(numbers) - len(concealed) == count for count, (numbers, concealed) in results.items())
    assert any(len(concealed) == 2 for _, concealed in results.values())
    assert any(not concealed for _, concealed in results.values())


def test_a_frame_whose_packets_are_lost_keeps_its_number(recording, tmp_path):
    packets = rows(recording)
    in_video, starts = own_rows(packets)
    with av.open(str(recording)) as container:
        times = [packet.pts for packet in container.demux(video=0) if packet.size]
    # One that no other frame needs: it is shown before the one that was stored before it.
    victim = next(place for place in range(8, FRAMES) if times[place] < times[place - 1])
    rows_of_it = in_video[(in_video >= starts[victim]) & (in_video < starts[victim + 1])]
    path = tmp_path / "b.ts"
    path.write_bytes(np.delete(packets, rows_of_it, axis=0).tobytes())
    numbers, concealed = frames_in(path)
    assert (len(numbers), len(concealed)) == (FRAMES, 1)
    assert all(number == place for place, number in enumerate(numbers) if place not in concealed)


def as_m2ts(content):
    packets = np.frombuffer(content, np.uint8).reshape(-1, PACKET)
    return np.concatenate([np.zeros((len(packets), 4), np.uint8), packets], axis=1).tobytes()


def with_correction(content):
    packets = np.frombuffer(content, np.uint8).reshape(-1, PACKET)
    return np.concatenate([packets, np.zeros((len(packets), 16), np.uint8)], axis=1).tobytes()


HEALTHY = {
    "as it is": lambda content: content,
    "M2TS": as_m2ts,
    "error correction": with_correction,
    "room that was reserved": lambda content: content + bytes(5000),
    "joined": lambda content: content * 3,
}


@covers(
    "kinds of movies",
    "Damage",
    variants="transport streams of 188, 192 and 204 bytes, padded, joined, with marked breaks of their count",
    result="no warning for what is whole",
)
@pytest.mark.parametrize("name", HEALTHY)
def test_a_whole_recording_gets_no_warning(recording, tmp_path, name):
    path = tmp_path / "b.ts"
    path.write_bytes(HEALTHY[name](recording.read_bytes()))
    assert look(path).notes == ()


@pytest.mark.parametrize("name", ["as it is", "M2TS", "error correction"])
def test_a_break_of_the_count_is_found_unless_it_is_marked(recording, tmp_path, name):
    packets = rows(recording)
    in_video, _ = own_rows(packets)
    path = tmp_path / "b.ts"
    # A packet that has room for flags.
    at = next(row for row in in_video[10:] if packets[row, 3] & 0x20 and packets[row, 4])
    later = in_video[in_video >= at]
    packets[later, 3] = packets[later, 3] & 0xF0 | (packets[later, 3] + 5) & 0x0F
    path.write_bytes(HEALTHY[name](packets.tobytes()))
    assert len(transport_losses(path, TRACK).count_breaks) == 1
    packets[at, 5] |= 0x80
    path.write_bytes(HEALTHY[name](packets.tobytes()))
    assert transport_losses(path, TRACK).count_breaks == []


def test_a_pause_within_a_recording_is_no_loss(tmp_path):
    slow = "setpts='(N+if(gt(N,20),9,0))/25/TB'"
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-vf", slow, "-fps_mode", "vfr")
    ffmpeg(tmp_path, *source, *X264, "a.ts")
    info = look(tmp_path / "a.ts")
    assert (info.notes, len(info.available)) == ((), 25)
