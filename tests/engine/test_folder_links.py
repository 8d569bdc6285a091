"""Folders that stand for others."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkvsr_bridge.errors import OutputUnwritable
from sparkvsr_engine import folder_links
from sparkvsr_engine.folder_links import is_folder_link, link_folder
from tests.fakes.systems import require_folder_links


@pytest.fixture(autouse=True)
def links_show(tmp_path_factory: pytest.TempPathFactory) -> None:
    require_folder_links(tmp_path_factory.mktemp("links"))


def test_a_link_leads_to_the_folder_and_is_replaced_without_touching_it(tmp_path: Path):
    first, second, place = tmp_path / "first", tmp_path / "second", tmp_path / "place"
    for folder in (first, second):
        folder.mkdir()
        (folder / "name").write_text(folder.name)
    assert not is_folder_link(place)
    for folder in (first, second):
        link_folder(folder, place)
        assert is_folder_link(place)
        assert (place / "name").read_text() == folder.name
    assert (first / "name").exists()


def test_a_link_to_a_folder_that_is_gone_is_replaced(tmp_path: Path):
    place = tmp_path / "place"
    (tmp_path / "gone").mkdir()
    link_folder(tmp_path / "gone", place)
    (tmp_path / "gone").rmdir()
    assert is_folder_link(place)
    link_folder(tmp_path, place)
    assert place.samefile(tmp_path)


def test_a_real_folder_in_the_way_is_kept_and_named(tmp_path: Path):
    (tmp_path / "place").mkdir()
    (tmp_path / "target").mkdir()
    assert not is_folder_link(tmp_path / "place")
    with pytest.raises(OutputUnwritable, match="cannot lead to"):
        link_folder(tmp_path / "target", tmp_path / "place")
    assert (tmp_path / "place").is_dir()


def test_a_system_that_accepts_the_call_and_makes_nothing_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As Wine does."""
    monkeypatch.setattr(folder_links, "_make_link", lambda target, place: None)
    with pytest.raises(OutputUnwritable, match="cannot lead to"):
        link_folder(tmp_path, tmp_path / "place")
