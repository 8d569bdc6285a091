import cv2
import numpy as np
import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.evaluation.protocol.clips import downscaled, find_clips, read_picture, read_truth
from tests.fakes.media import write_movie
from tests.fakes.scenes import scene


def write_frames(folder, count=3, suffix=".png", **size):
    folder.mkdir(parents=True)
    for number in range(count):
        bgr = cv2.cvtColor(scene(number, **size), cv2.COLOR_RGB2BGR)
        assert cv2.imwrite(str(folder / f"{number:04d}{suffix}"), bgr)
    return folder


def test_lossless_frames_are_the_truth_as_they_are(tmp_path):
    clip = read_truth(write_frames(tmp_path / "walk"), 2, 4)
    assert clip.name == "walk"
    assert clip.size == (192, 144)
    assert np.array_equal(clip.frames[1], scene(1))


def test_lossless_webp_is_read(tmp_path):
    path = tmp_path / "a.webp"
    assert cv2.imwrite(str(path), cv2.cvtColor(scene(), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_WEBP_QUALITY, 101])
    assert np.array_equal(read_picture(path), scene())


def test_sides_are_cut_so_that_the_source_fits(tmp_path):
    clip = read_truth(write_frames(tmp_path / "odd", width=101, height=67), 1, 4)
    assert clip.size == (100, 64)
    assert downscaled(clip, 4)[0].shape == (16, 25, 3)


def test_a_720p_movie_is_halved_and_a_smaller_one_is_not(tmp_path):
    large = write_movie(tmp_path / "large.mp4", frames=2, width=1280, height=720)
    small = write_movie(tmp_path / "small.mp4", frames=2, width=96, height=64)
    assert read_truth(large, 2, 4).size == (640, 360)
    assert read_truth(small, 2, 4).size == (96, 64)


def test_clips_of_a_folder_are_found_by_name(tmp_path):
    write_frames(tmp_path / "zebra")
    write_movie(tmp_path / "apple.mp4", frames=2)
    (tmp_path / "notes.txt").write_text("not a clip")
    assert [path.name for path in find_clips(tmp_path)] == ["apple.mp4", "zebra"]
    assert find_clips(tmp_path / "zebra") == (tmp_path / "zebra",)


def test_notes_of_macos_beside_clips_and_frames_are_neither(tmp_path):
    frames = write_frames(tmp_path / "walk")
    for note in (tmp_path / "._walk.mp4", frames / "._0000.png"):
        note.write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X")
    assert find_clips(tmp_path) == (frames,)
    assert np.array_equal(read_truth(frames, 1, 4).frames[0], scene(0))


def test_a_folder_without_clips_is_refused(tmp_path):
    with pytest.raises(MediaUnreadable, match="holds no evaluation clip"):
        find_clips(tmp_path)


def test_too_short_a_clip_is_refused(tmp_path):
    with pytest.raises(MediaUnreadable, match="has 3 frames, the benchmark needs 31"):
        read_truth(write_frames(tmp_path / "short"), 31, 4)


def test_frames_of_unequal_size_are_refused(tmp_path):
    folder = write_frames(tmp_path / "mixed")
    assert cv2.imwrite(str(folder / "0001.png"), scene(width=96))
    with pytest.raises(MediaUnreadable, match="differ in size"):
        read_truth(folder, 3, 4)


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_a_file_that_is_no_picture_is_refused(content, tmp_path):
    path = tmp_path / "0001.png"
    path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match="is not a picture"):
        read_picture(path)


def test_a_damaged_movie_is_refused(tmp_path):
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"no movie" * 100)
    with pytest.raises(MediaUnreadable, match="cannot be decoded"):
        read_truth(path, 2, 4)
