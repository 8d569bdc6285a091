"""Rendered branches: unchanged frames are not rendered again, and no folder a job may read is changed."""

from __future__ import annotations

from pathlib import Path

from sparkvsr_nuke.footage.render_manifest import RenderFolder, folder_for, missing, read_folder

VIEWS = ("main",)


def rendered(folder: RenderFolder, hashes: dict[int, str]) -> None:
    for frame, item in hashes.items():
        folder.file("main", frame).write_bytes(item.encode())
        folder.hashes[frame] = item
    folder.save()


def test_an_unchanged_branch_needs_nothing(tmp_path: Path):
    hashes = {1: "a", 2: "b"}
    first = folder_for(tmp_path, "source", "key", hashes, VIEWS)
    assert missing(first, hashes, VIEWS) == [1, 2]
    rendered(first, hashes)
    again = folder_for(tmp_path, "source", "key", hashes, VIEWS)
    assert again.path == first.path
    assert missing(again, hashes, VIEWS) == []


def test_further_frames_join_the_same_folder(tmp_path: Path):
    first = folder_for(tmp_path, "source", "key", {1: "a"}, VIEWS)
    rendered(first, {1: "a"})
    more = folder_for(tmp_path, "source", "key", {1: "a", 2: "b"}, VIEWS)
    assert more.path == first.path
    assert missing(more, {1: "a", 2: "b"}, VIEWS) == [2]


def test_a_changed_frame_gets_a_new_folder_with_the_unchanged_ones(tmp_path: Path):
    first = folder_for(tmp_path, "source", "key", {1: "a", 2: "b"}, VIEWS)
    rendered(first, {1: "a", 2: "b"})
    second = folder_for(tmp_path, "source", "key", {1: "a", 2: "c"}, VIEWS)
    assert second.path != first.path
    assert missing(second, {1: "a", 2: "c"}, VIEWS) == [2]
    assert second.file("main", 1).read_bytes() == b"a"
    rendered(second, {2: "c"})
    assert first.file("main", 2).read_bytes() == b"b"
    assert read_folder(second.path.as_posix()) == {1: "a", 2: "c"}


def test_another_working_space_is_rendered_anew(tmp_path: Path):
    first = folder_for(tmp_path, "source", "ACEScg", {1: "a"}, VIEWS)
    rendered(first, {1: "a"})
    second = folder_for(tmp_path, "source", "linear", {1: "a"}, VIEWS)
    assert missing(second, {1: "a"}, VIEWS) == [1]


def test_a_removed_file_is_rendered_again(tmp_path: Path):
    first = folder_for(tmp_path, "source", "key", {1: "a"}, VIEWS)
    rendered(first, {1: "a"})
    first.file("main", 1).unlink()
    assert missing(folder_for(tmp_path, "source", "key", {1: "a"}, VIEWS), {1: "a"}, VIEWS) == [1]


def test_a_damaged_manifest_is_no_reason_to_stop(tmp_path: Path):
    (tmp_path / "source_001").mkdir()
    (tmp_path / "source_001" / "frames.json").write_text("{")
    assert folder_for(tmp_path, "source", "key", {1: "a"}, VIEWS).path.name == "source_002"
