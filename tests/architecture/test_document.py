"""ARCHITECTURE.md is true: every room is in its table, what it names is there, and its walk is short."""

from __future__ import annotations

import re

from tests.architecture.reading import PACKAGES, ROOT, python_files

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


def test_every_file_and_name_of_the_document_is_there():
    folders = (*PACKAGES, "scripts", "tests/architecture")
    files = [path.as_posix() for path in python_files(ROOT, folders)]
    code = "\n".join((ROOT / file).read_text("utf-8") for file in files)
    words = set(re.findall(r"\w+", code))
    tokens = re.findall(r"`([^`\n]+)`", TEXT)
    named_files = [token for token in tokens if re.fullmatch(r"[\w/]+\.py", token)]
    assert [name for name in named_files if not any(f"/{file}".endswith(f"/{name}") for file in files)] == []
    names = [
        token
        for token in set(tokens) - set(named_files)
        if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?(\(.*\))?", token)
    ]
    assert [name for name in names if not set(re.findall(r"[A-Za-z_]\w+", name)) <= words] == []
