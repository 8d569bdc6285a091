"""Version folders: named as the artist wants, never written twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from sparkvsr_nuke.requests.versions import BadOutput, output_path, plain_name, reserve, with_view


@pytest.mark.parametrize(
    ("text", "views", "pattern"),
    [
        ("/p/s_v###/s_v###.####.exr", False, "/p/s_v003/s_v003.%04d.exr"),
        ("/p/s.exr", False, "/p/s_v003/s_v003.%04d.exr"),
        ("/p/s_v##.%06d.exr", False, "/p/s_v003/s_v003.%06d.exr"),
        ("/p/up_v###/s.####.exr", True, "/p/up_v003/s.%V.%04d.exr"),
        ("/p/up_v###/%V/s.####.exr", True, "/p/up_v003/%V/s.%04d.exr"),
        ("C:\\p\\s.####.exr", False, "C:/p/s_v003/s_v003.%04d.exr"),
        ("/shot_v001/up_v###/s.####.exr", False, "/shot_v001/up_v003/s.%04d.exr"),
    ],
)
def test_paths_are_completed(text: str, views: bool, pattern: str):
    assert output_path(text, views).pattern(3) == pattern


def test_the_folder_of_a_version_is_the_one_with_its_number():
    assert (
        output_path("/shot_v001/up_v###/%V/s.####.exr", True).version_folder(1).as_posix()
        == "/shot_v001/up_v001"
    )


@pytest.mark.parametrize(
    "text", ["", "relative/s.exr", "/p/s.png", "/p/", "/p/s.####.x.exr", "/p#1/s.exr", "/p/%q.exr"]
)
def test_what_cannot_be_used_is_refused(text: str):
    with pytest.raises(BadOutput):
        output_path(text, False)


def test_versions_are_never_taken_twice(tmp_path: Path):
    target = output_path(f"{tmp_path.as_posix()}/s_v###/s_v###.####.exr", False)
    numbers = [reserve(target)[0] for _ in range(3)]
    assert numbers == [1, 2, 3]
    (tmp_path / "s_v007").mkdir()
    (tmp_path / "s_vx").mkdir()
    assert reserve(target) == (8, f"{tmp_path.as_posix()}/s_v008/s_v008.%04d.exr")
    assert reserve(target, 20)[0] == 20


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadOutput, match="cannot be made"):
        reserve(output_path(f"{tmp_path.as_posix()}/file/s.exr", False))


def test_views_are_filled_in():
    assert with_view("/p/%V/s_%v.%04d.exr", "left") == "/p/left/s_l.%04d.exr"


def test_names_are_plain():
    assert plain_name("Spark VSR/1") == "Spark_VSR_1"
    assert plain_name("///") == "sparkvsr"
