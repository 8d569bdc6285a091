from fractions import Fraction

import av
import numpy as np
import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.media.movies.frame_index.reading import keyframe_packets, read_index
from tests.fakes.media import FILM_RATE, cut_by_edit_list, decode_all, write_movie

UNEVEN = [0, 3000, 6100, 9000, 13000, 16000, 21000, 24000, 26000, 30000]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("b_frames.mp4", {}),
        ("b_frames.mkv", {}),
        ("b_frames.ts", {}),
        ("open_gop.mp4", {"options": {"g": "8", "bf": "3", "x264-params": "open-gop=1:scenecut=0"}}),
        ("uneven.mp4", {"frames": 10, "time_base": Fraction(1, 90000), "pts": UNEVEN}),
        (
            "prores.mov",
            {"codec": "prores_ks", "pixel_format": "yuv422p10le", "options": {"profile": "proxy"}},
        ),
        ("mpeg4.avi", {"codec": "mpeg4", "options": {"bf": "2", "g": "12"}}),
    ],
)
def test_frames_and_times_are_those_of_a_full_decode(tmp_path, name, changes):
    path = write_movie(tmp_path / name, **changes)
    index = read_index(path)
    assert [int(pts) * index.time_base for pts in index.pts] == [time for time, _ in decode_all(path)]
    assert index.first_damaged is None


def test_what_an_edit_list_hides_is_no_frame(tmp_path):
    whole = write_movie(tmp_path / "whole.mp4", frames=40)
    cut = cut_by_edit_list(whole, tmp_path / "cut.mp4", 5)
    assert read_index(cut).frames == len(decode_all(cut)) == 35


def test_a_raw_stream_is_counted_by_decoding(tmp_path):
    path = write_movie(tmp_path / "raw.h264", frames=17)
    index = read_index(path)
    assert index.counted
    assert index.frames == 17


def test_keyframes_are_the_codecs_own(tmp_path):
    path = write_movie(tmp_path / "keys.mp4", frames=30, options={"g": "12", "bf": "2", "sc_threshold": "0"})
    assert keyframe_packets(path) == [0, 12, 24]
    with av.open(str(path)) as container:
        decoded = [n for n, frame in enumerate(container.decode(video=0)) if frame.key_frame]
    assert decoded == [0, 12, 24]


def test_every_frame_of_an_intra_codec_is_a_keyframe(tmp_path):
    path = write_movie(
        tmp_path / "intra.mov",
        frames=5,
        codec="prores_ks",
        pixel_format="yuv422p10le",
        options={"profile": "proxy"},
    )
    assert keyframe_packets(path) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("name", "options"), [("cut.mp4", {"movflags": "faststart"}), ("cut.mkv", {})])
def test_a_file_cut_short_knows_from_where_on(tmp_path, name, options):
    path = write_movie(tmp_path / name, frames=60, container_options=options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    index = read_index(path)
    assert index.first_damaged is not None
    assert 10 < index.first_damaged <= index.frames < 60


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg4"])
def test_a_file_cut_short_between_two_packets_is_never_taken_for_whole(tmp_path, codec):
    options = {"movflags": "faststart"}
    path = write_movie(tmp_path / "whole.mp4", frames=30, codec=codec, container_options=options)
    content = path.read_bytes()
    with av.open(str(path)) as container:
        ends = [entry.pos + entry.size for entry in container.streams.video[0].index_entries]
    assert (len(ends), max(ends)) == (30, len(content))
    for number, end in enumerate(sorted(ends)[:-1]):
        cut = tmp_path / f"{number}.mp4"
        cut.write_bytes(content[:end])
        index = read_index(cut)
        assert index.first_damaged is not None or index.shortfalls, number
        assert index.frames <= number + 1


def test_a_changed_file_is_read_anew(tmp_path):
    path = write_movie(tmp_path / "changing.mp4", frames=5)
    assert read_index(path).frames == 5
    write_movie(path, frames=9)
    assert read_index(path).frames == 9


def test_a_cover_picture_is_no_movie(tmp_path):
    sound = tmp_path / "sound.mp4"
    with av.open(str(sound), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 48000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(MediaUnreadable, match="no video stream"):
        read_index(sound)


def test_times_go_on_behind_the_last_frame(tmp_path):
    index = read_index(write_movie(tmp_path / "a.mp4", frames=4))
    assert index.seconds_at(4) == 4 / FILM_RATE
    assert index.seconds_at(6) == 6 / FILM_RATE
