"""Footage as training sees it: what the manifest names, decoded once, refused when it is no good."""

import numpy as np
import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.training.scenes.footage import (
    FLOW_FACTOR,
    REDUCTIONS,
    STAGE_HEIGHT,
    STAGE_WIDTH,
    open_clip,
    open_photograph,
    photographs,
    prepare_clips,
    read_manifest,
)
from tests.fakes.footage import FRAMES, line, write_clip, write_manifest, write_photograph


def entries_of(folder, *lines):
    write_manifest(folder, lines)
    return read_manifest(folder)


def test_the_manifest_names_what_may_be_trained_on(entries):
    assert [(entry.path, entry.kind, entry.licence) for entry in entries] == [
        ("train/clips/river.mp4", "video", "CC0"),
        ("train/clips/street.mp4", "video", "CC-BY 4.0"),
        ("train/photos/wall.png", "photo", "CC0"),
        ("train/art/leaf.png", "art", "CC0"),
    ]
    assert all(len(entry.sha256) == 64 for entry in entries)


def test_photographs_and_paintings_are_pictures(footage, entries):
    assert photographs(footage, entries) == [
        footage / "train/photos/wall.png",
        footage / "train/art/leaf.png",
    ]


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    with pytest.raises(MediaUnreadable, match=r"manifest\.tsv"):
        read_manifest(tmp_path)


def test_a_manifest_without_a_column_is_refused(tmp_path):
    write_clip(tmp_path / "train/a.mp4", 2, 64, 48)
    (tmp_path / "manifest.tsv").write_text("path\tkind\ntrain/a.mp4\tvideo\n", encoding="utf-8")
    with pytest.raises(MediaUnreadable, match="licence"):
        read_manifest(tmp_path)


def test_a_manifest_that_names_what_is_not_there_is_refused_by_name(tmp_path):
    lines = [line(f"train/{name}.mp4", "video") for name in ("here", "gone", "lost")]
    write_clip(tmp_path / "train/here.mp4", 2, 64, 48)
    with pytest.raises(MediaUnreadable, match=r"2 files .* train/gone\.mp4; fetch them"):
        entries_of(tmp_path, *lines)


def test_every_clip_is_there_at_every_reduction(clips, cache):
    assert len(clips) == 2 * len(REDUCTIONS)
    shapes = {open_clip(cache, name).frames.shape for name in clips}
    assert shapes == {(FRAMES, 352, 640, 3), (FRAMES, 448, 832, 3)}


def test_a_clip_has_the_flows_between_its_frames(clips, cache):
    clip = open_clip(cache, clips[0])
    rows, columns = clip.frames.shape[1] // FLOW_FACTOR, clip.frames.shape[2] // FLOW_FACTOR
    assert clip.forward.shape == clip.backward.shape == (FRAMES - 1, rows, columns, 2)
    # The camera goes right and down by 4 and 2 pixels of the file, so what it sees goes left and up.
    expected = np.array([4.0, 2.0]) / 1.5 / FLOW_FACTOR
    assert np.median(clip.forward[2].astype(np.float32), (0, 1)) == pytest.approx(-expected, abs=0.1)
    assert np.median(clip.backward[2].astype(np.float32), (0, 1)) == pytest.approx(expected, abs=0.1)


def test_clips_are_decoded_once(footage, entries, clips, cache):
    before = {path: path.stat().st_mtime_ns for path in cache.iterdir()}
    assert prepare_clips(footage, entries, cache) == clips
    assert {path: path.stat().st_mtime_ns for path in cache.iterdir()} == before
    assert not [path for path in cache.iterdir() if "partial" in path.name]


def test_another_file_of_the_same_name_is_another_clip(tmp_path):
    names = []
    for seed in (1, 2):
        write_clip(tmp_path / "train/a.mp4", 5, seed=seed)
        names += prepare_clips(
            tmp_path, entries_of(tmp_path, line("train/a.mp4", "video")), tmp_path / "cache"
        )
    assert len(set(names)) == 4


@pytest.mark.parametrize(("frames", "width", "height"), [(5, 640, 352), (5, 352, 960), (4, 960, 528)])
def test_a_clip_too_small_or_too_short_is_refused_by_name(tmp_path, frames, width, height):
    write_clip(tmp_path / "train/little.mp4", frames, width, height)
    entries = entries_of(tmp_path, line("train/little.mp4", "video"))
    with pytest.raises(MediaUnreadable, match=rf"little\.mp4.*{STAGE_WIDTH}x{STAGE_HEIGHT}"):
        prepare_clips(tmp_path, entries, tmp_path / "cache")


def test_a_clip_that_is_none_is_refused_by_name(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train/text.mp4").write_text("no movie", encoding="utf-8")
    entries = entries_of(tmp_path, line("train/text.mp4", "video"))
    with pytest.raises(MediaUnreadable, match=r"text\.mp4"):
        prepare_clips(tmp_path, entries, tmp_path / "cache")


def test_a_photograph_is_red_first(tmp_path):
    path = write_photograph(tmp_path / "a.png", 16, 8)
    result = open_photograph(path)
    assert result.shape == (8, 16, 3)
    assert result.dtype == np.uint8
    import cv2

    assert np.array_equal(result[..., ::-1], cv2.imread(str(path)))


def test_a_photograph_that_is_none_is_refused_by_name(tmp_path):
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(MediaUnreadable, match=r"b\.png"):
        open_photograph(tmp_path / "b.png")
