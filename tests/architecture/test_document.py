"""ARCHITECTURE.md is true: every room is in its table, every file of its walk is there, and those are few."""

from __future__ import annotations

import re

from tests.architecture.reading import ROOT

MOST_FILES = 15
TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")


def section(title: str) -> str:
    """The text below a heading, up to the next one."""
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_one_job_is_walked_through_at_most_fifteen_files_that_are_there():
    files = re.findall(r"`([\w/]+\.py)`", section("One job, file by file"))
    assert 8 <= len(set(files)) <= MOST_FILES
    places = (ROOT, ROOT / "sparkvsr_engine")
    assert [file for file in files if not any((place / file).is_file() for place in places)] == []


def test_every_room_is_in_the_table_and_every_folder_it_names_is_there():
    table = section("Rooms")
    rows = dict(re.findall(r"^\| `([\w/]+)/` \| (.+) \|$", table, re.MULTILINE))
    packages = {
        path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("sparkvsr_engine/*/__init__.py")
    }
    assert packages | {"bridge/sparkvsr_bridge", "sparkvsr", "sparkvsr_window", "plugins"} == set(rows)
    named = {
        f"{package}/{folder}" for package, text in rows.items() for folder in re.findall(r"`([\w/]+)/`", text)
    }
    assert [folder for folder in sorted(named) if not (ROOT / folder).is_dir()] == []
