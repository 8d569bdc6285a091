"""Paths as they are given, URLs among them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.cli.paths import absolute, path_of, require_windows_spelling


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("shots/a.%04d.png", "shots/a.%04d.png"),
        ("C:/shots/a.mov", "C:/shots/a.mov"),
        ("file:///shots/a.mov", "/shots/a.mov"),
        ("FILE:///shots/a.mov", "/shots/a.mov"),
        ("file:/shots/a.mov", "/shots/a.mov"),
        ("file://localhost/shots/a.mov", "/shots/a.mov"),
        ("file:///shots/M%C3%B6we%20%E6%B5%B7.mov", "/shots/Möwe 海.mov"),
        ("file:///shots/%d0%bc.mov", "/shots/\u043c.mov"),
        ("file:///shots/a.%04d.png", "/shots/a.%04d.png"),
        ("file:///shots/a.%2504d.png", "/shots/a.%04d.png"),
        ("file:///shots/a.%d.png", "/shots/a.%d.png"),
        ("file:///shots/a.####.png?", "/shots/a.####.png?"),
    ],
)
def test_a_file_url_is_its_path(text: str, path: str):
    assert path_of(text, is_windows=False) == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("C:/shots/a.mov", "C:/shots/a.mov"),
        ("file:///C:/shots/a%20b.mov", r"C:\shots\a b.mov"),
        ("file:///c|/shots/a.mov", r"c:\shots\a.mov"),
        ("file://C:/shots/a.mov", r"C:\shots\a.mov"),
        ("file:/C:/shots/a.%04d.png", r"C:\shots\a.%04d.png"),
        ("file://localhost/C:/shots/a.mov", r"C:\shots\a.mov"),
        ("file://server/share/a.mov", r"\\server\share\a.mov"),
        ("file:////server/share/a.mov", r"\\server\share\a.mov"),
        ("file:///shots/a.mov", r"\shots\a.mov"),
        (r"\\?\C:\shots\a.mov", r"\\?\C:\shots\a.mov"),
    ],
)
def test_on_windows_a_file_url_has_a_drive_or_a_server(text: str, path: str):
    assert path_of(text, is_windows=True) == path


def test_another_machines_file_is_refused_where_it_has_no_path():
    with pytest.raises(InvalidSettings, match="machine server"):
        path_of("file://server/share/a.mov", is_windows=False)


@pytest.mark.parametrize("text", ["https://server/a.mov", "s3://bucket/a.mov", "smb://server/a.mov"])
@pytest.mark.parametrize("is_windows", [True, False])
def test_other_urls_are_refused_with_what_to_do(text: str, is_windows: bool):
    with pytest.raises(InvalidSettings, match="get the file and give its path"):
        path_of(text, is_windows)


def test_a_path_is_made_absolute_and_a_links_parent_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    assert absolute("a/b.mov") == str(tmp_path / "a" / "b.mov")
    if os.name == "nt":
        assert absolute(f"{tmp_path.drive}b.mov") == str(tmp_path / "b.mov")
    else:
        assert absolute("link/../b.mov") == f"{tmp_path}/link/../b.mov"


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ('C:\\shots" -o out', "backslash before the closing mark"),
        ("out/NUL.mp4", "names a device"),
        ("'my shots/a.mov'", "single quotation marks"),
    ],
)
def test_what_windows_reads_as_something_else_is_refused(path: str, fault: str):
    with pytest.raises(InvalidSettings, match=fault):
        require_windows_spelling(path)
    require_windows_spelling("C:\\shots\\a.%04d.png")
