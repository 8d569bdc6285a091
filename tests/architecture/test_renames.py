"""Files are renamed over others by `held_files` alone: Windows refuses while a scanner reads them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Plugins keep to what their hosts have until the first job, and the bridge is not among it.
PACKAGES = ("bridge", "sparkvsr", "sparkvsr_engine", "sparkvsr_window")


def bare_renames(source: str) -> list[int]:
    """Lines that rename at once: `os.replace`, `os.rename`, and `replace` or `rename` of a path."""
    lines: list[int] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_of_os = isinstance(node.func.value, ast.Name) and node.func.value.id == "os"
            # A text's `replace` takes two, that of records and dates names what it changes.
            is_of_path = len(node.args) == 1 and not node.keywords
            if node.func.attr in ("replace", "rename") and (is_of_os or is_of_path):
                lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("call", ["os.replace(a, b)", "os.rename(a, b)", "partial.replace(path)"])
def test_a_bare_rename_is_seen(call: str):
    assert bare_renames(call) == [1]
    assert bare_renames("'a'.replace('b', 'c'); replace(record, a=1); day.replace(hour=1)") == []


def test_every_rename_waits_for_who_holds_the_file():
    places = [
        f"{path.relative_to(ROOT).as_posix()}:{line}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name != "held_files.py"
        for line in bare_renames(path.read_text("utf-8"))
    ]
    assert places == []
