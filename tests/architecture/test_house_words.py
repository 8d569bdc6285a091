"""Names and words: modules named by their contents, texts about the project alone."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "data"}
# In pieces, so that this file may be checked like any other.
FOREIGN_WORDS = [
    "/wo" + r"rk/",
    "/ro" + "ot/",
    r"\.py" + "env",
    "sub" + "agent",
    "Clau" + "de",
    "Anthr" + "opic",
    "py" + r"pi\.org",
    "python" + r"hosted\.org",
    "/opt/" + "py" + "pi",
]
# Values do not speak: a header names a rate, a setting is set (docs/words.md). Parts of names count as well.
SPEECH = re.compile(
    r"(?<![a-z])(?:say|says|said|saying|tell|tells|told|telling|hear|hears|heard|hearing|speak|speaks|spoken)"
    r"(?![a-z])",
    re.I,
)
SPEECH_FREE = (
    "ARCHITECTURE.md",
    "README.md",
    "benchmarks",
    "bridge",
    "docs",
    "examples",
    "plugins",
    "scripts",
    "sparkvsr",
    "sparkvsr_engine",
    "sparkvsr_window",
    "tests",
)
# A file's `tell()`, a rule about names, the protocol's greeting, FFmpeg's name of a track, a case of Windows.
SPEECH_ALLOWED = re.compile(
    r"\.tell\(\)|names that say nothing|says?_hello|hearing_impaired|says_who_holds_a_target"
)
# These list the words.
WORD_LISTS = {"words.md", "test_names.py", "test_house_words.py"}
DOCUMENTS = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "bridge/PROTOCOL.md",
    "plugins/blender/LICENSE",
]


def tracked_files() -> list[Path]:
    """The files under version control; the test is skipped where there is none."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """The file as text; empty for pictures, weights and other binaries."""
    content = path.read_bytes()
    return "" if b"\0" in content[:8192] else content.decode("utf-8", "replace")


def test_no_module_has_an_empty_name():
    empty = [
        path.relative_to(ROOT).as_posix()
        for folder in ("bridge", "sparkvsr", "sparkvsr_engine", "plugins")
        for path in (ROOT / folder).rglob("*")
        if (path.suffix == ".py" and path.stem in EMPTY_NAMES)
        or (path.is_dir() and path.name in EMPTY_NAMES and any(path.glob("*.py")))
    ]
    assert empty == []


def test_texts_are_about_the_project_alone():
    foreign = re.compile("|".join(FOREIGN_WORDS))
    places = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in tracked_files()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if (match := foreign.search(line))
    ]
    assert places == []


def test_values_have_no_verbs_of_speech():
    places = [
        f"{path.relative_to(ROOT)}: {match[0]} in {text[max(0, match.start() - 30) : match.end() + 30]!r}"
        for path in tracked_files()
        if path.relative_to(ROOT).parts[0] in SPEECH_FREE and path.suffix in (".md", ".py", ".toml")
        if path.name not in WORD_LISTS
        for text in [SPEECH_ALLOWED.sub("", text_of(path))]
        for match in SPEECH.finditer(text)
    ]
    assert places == []


def test_test_folders_are_no_packages_and_shadow_nothing():
    inits = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("__init__.py")]
    assert inits == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_there(name: str):
    assert (ROOT / name).is_file(), f"{name} is missing"


def test_the_scripts_people_and_machines_call_can_be_run():
    for name in ("scripts/test", ".ci/run") if os.name != "nt" else ():
        assert (ROOT / name).stat().st_mode & 0o111, f"{name} is not executable"
    assert "scripts/test" in (ROOT / ".ci" / "run").read_text("utf-8")
