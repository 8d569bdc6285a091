"""Packages a reader can take in at once: at most twelve modules each, and each names its contents."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from tests.architecture.reading import ROOT, python_files

MOST_MODULES = 12


def crowded(root: Path) -> dict[str, int]:
    """Folders with too many modules, and how many those are; a package's own `__init__` does not count."""
    sizes = Counter(file.parent.as_posix() for file in python_files(root) if file.name != "__init__.py")
    return {folder: size for folder, size in sizes.items() if size > MOST_MODULES}


def unexplained(root: Path) -> list[str]:
    """Packages whose `__init__` has no docstring."""
    inits = [file for file in python_files(root) if file.name == "__init__.py"]
    return [
        file.as_posix()
        for file in inits
        if not ast.get_docstring(ast.parse((root / file).read_text("utf-8")))
    ]


def test_no_package_holds_more_than_twelve_modules():
    assert crowded(ROOT) == {}


def test_every_package_names_its_contents():
    assert unexplained(ROOT) == []


def test_a_planted_module_too_many_is_caught(tmp_path: Path):
    folder = tmp_path / "bridge"
    folder.mkdir()
    for number in range(MOST_MODULES + 1):
        (folder / f"part_{number}.py").touch()
    (folder / "__init__.py").touch()
    assert crowded(tmp_path) == {"bridge": 13}
    assert unexplained(tmp_path) == ["bridge/__init__.py"]
