"""Reads what every module of a tree imports, without importing any of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bridge", "sparkvsr", "sparkvsr_engine", "sparkvsr_window", "plugins")


@dataclass(frozen=True)
class Import:
    """One imported name.

    module: what is imported, absolute: `from .errors import X` in bridge/sparkvsr_bridge is
        `sparkvsr_bridge.errors`.
    is_lazy: inside a function or for type checkers alone, so that importing the file does not import it.
    is_relative: written with leading dots.
    """

    file: Path
    line: int
    module: str
    is_lazy: bool
    is_relative: bool

    def is_of(self, name: str) -> bool:
        """Whether the module is `name` or lies inside it."""
        return f"{self.module}.".startswith(f"{name}.")

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


def python_files(root: Path, folders: tuple[str, ...] = PACKAGES) -> list[Path]:
    """The Python files under these folders of `root`, relative to it; vendored copies left out."""
    result = (path for folder in folders for path in (root / folder).rglob("*.py"))
    return sorted(path.relative_to(root) for path in result if "_vendor" not in path.parts)


def is_for_types(node: ast.AST) -> bool:
    """Whether a block is read by type checkers alone: nothing in it is imported when the program runs."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def read_imports(root: Path, file: Path) -> Iterator[Import]:
    """Every import of a file, wherever in it it stands."""
    tree = ast.parse((root / file).read_text("utf-8"), str(file))
    lazy = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) or is_for_types(outer)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name, id(node) in lazy, False)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(file, node)
            for alias in node.names:
                # `from sparkvsr_bridge import messages` may mean a module: both readings name the same room.
                yield Import(file, node.lineno, f"{base}.{alias.name}", id(node) in lazy, node.level > 0)


def package_of(file: Path) -> tuple[str, ...]:
    """The package a file lies in; the folder `bridge` holds one and is none."""
    folders = file.parent.parts
    return folders[1:] if folders[:1] == ("bridge",) else folders


def absolute(file: Path, node: ast.ImportFrom) -> str:
    """The module a `from` import takes names out of."""
    if not node.level:
        return node.module or ""
    package = list(package_of(file))
    outside = package[: len(package) - node.level + 1]
    return ".".join([*outside, *([node.module] if node.module else [])])


def all_imports(root: Path, folders: tuple[str, ...] = PACKAGES) -> list[Import]:
    """Every import of every file."""
    return [result for file in python_files(root, folders) for result in read_imports(root, file)]
