"""What references call their media, and where that lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.timeline.media_files.paths import Finder, parse_map


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/a b/c#1%20d.mov", "/a b/c#1%20d.mov"),
        ("/a/c?.mov", "/a/c?.mov"),
        ("/a%20b.mov", "/a b.mov"),
        ("file:///a%20b/c%231.mov", "/a b/c#1.mov"),
        ("file:///a%2520b.mov", "/a%20b.mov"),
        ("file:///a b#1.mov", "/a b#1.mov"),
        ("file:///a%20b.mov", "/a%20b.mov"),
        ("file://localhost/a.mov", "/a.mov"),
        ("file://localhost///a.mov", "/a.mov"),
        ("file:/a.mov", "/a.mov"),
        ("b/c.mov", "/base/b/c.mov"),
        ("b\\c.mov", "/base/b/c.mov"),
        ("media/a%20b.mov", "/base/media/a b.mov"),
        ("D:\\x\\c.mov", "/mnt/x/c.mov"),
        ("d:/x/c.mov", "/mnt/x/c.mov"),
        ("file:///D:/x/a%20b.mov", "/mnt/x/a b.mov"),
        ("file://localhost/D%3a/x/c.mov", "/mnt/x/c.mov"),
        ("\\\\server\\share\\c.mov", "/share/c.mov"),
        ("file://SERVER/Share/c.mov", "/share/c.mov"),
        ("file:////server/share/c.mov", "/share/c.mov"),
        ("/Volumes/Raid/c.mov", "/raid/c.mov"),
    ],
)
def test_a_text_leads_to_its_file(text, path):
    maps = [("D:\\", "/mnt"), ("\\\\server\\share", "/share"), ("/Volumes/Raid/", "/raid")]
    path = str(Path(path))
    assert Finder("/base", maps).find(text, lambda candidate: candidate == path) == path


@pytest.mark.parametrize("text", ["/Volumes/Raider/c.mov", "/volumes/raid/c.mov", "E:/x.mov"])
def test_a_map_takes_whole_folders_alone(text):
    candidates = list(Finder("/base", [("/Volumes/Raid", "/raid"), ("D:", "/mnt")]).candidates(text))
    assert not any(Path(candidate).parts[1] in ("raid", "mnt") for candidate in candidates)


def test_media_at_its_own_path_come_before_maps():
    assert next(Finder("/base", [("/a", "/b")]).candidates("/a/c.mov")) == str(Path("/a/c.mov"))


@pytest.mark.skipif(os.name != "nt", reason="only Windows has drives")
@pytest.mark.parametrize("text", ["D:/x/c.mov", "D:\\x\\c.mov", "file:///D:/x/c.mov", "/x/c.mov", "x/c.mov"])
def test_every_spelling_of_a_file_on_windows_leads_to_one_path(text):
    assert next(Finder("D:\\", []).candidates(text)) == "D:\\x\\c.mov"


def test_an_empty_text_leads_nowhere():
    assert list(Finder("/base").candidates("")) == []


@pytest.mark.parametrize("text", ["/a", "=/a", "/a="])
def test_a_map_without_both_ends_is_refused(text):
    with pytest.raises(InvalidSettings, match="FROM=TO"):
        parse_map(text)
