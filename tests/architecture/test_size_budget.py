"""Growth is a decision: files to 400 lines, functions to 60, parameters to 8; most functions stay short."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.reading import ROOT, python_files

FILE_LINES, FUNCTION_LINES, PARAMETERS = 400, 60, 8
# Lines of half of all functions of a package and of nine in ten, without their docstrings, which explain more
# than they did: what they were at f1c3a5c, or when the package was new. These only fall.
HALF_AND_MOST_LINES = {
    "sparkvsr_engine": (5, 14),
    "bridge": (5, 15),
    "plugins": (6, 16),
    "sparkvsr": (4, 13),
    "sparkvsr_window": (5, 15),
}


def over_budget(root: Path) -> list[str]:
    """Everything that is too large, with its size."""
    return [line for file in python_files(root) for line in over_budget_in(root, file)]


def over_budget_in(root: Path, file: Path) -> Iterator[str]:
    text = (root / file).read_text("utf-8")
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        yield f"{file.as_posix()} has {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{file.as_posix()}:{node.lineno} {node.name} has {length} lines"
            count = len(parameters_of(node))
            if count > PARAMETERS:
                yield f"{file.as_posix()}:{node.lineno} {node.name} has {count} parameters"


def parameters_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Names of the parameters a caller gives: `self` and `cls` are none."""
    inputs = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return [name for name in inputs if name not in ("self", "cls")]


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long a function is without its docstring."""
    first = node.body[0]
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if ast.get_docstring(node) else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring


@pytest.mark.parametrize("package", HALF_AND_MOST_LINES)
def test_most_functions_stay_short(package: str):
    trees = [ast.parse((ROOT / file).read_text("utf-8")) for file in python_files(ROOT, (package,))]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    lines = sorted(code_lines(node) for tree in trees for node in ast.walk(tree) if isinstance(node, kinds))
    half, most = HALF_AND_MOST_LINES[package]
    assert lines[len(lines) // 2] <= half
    assert lines[len(lines) * 9 // 10] <= most


def test_everything_is_within_the_budget():
    assert over_budget(ROOT) == []


def test_what_is_over_the_budget_is_named(tmp_path: Path):
    (tmp_path / "bridge").mkdir()
    names = ", ".join(f"a{index}" for index in range(9))
    body = "\n".join("    pass" for _ in range(60))
    (tmp_path / "bridge" / "large.py").write_text(f"def f(self, {names}):\n{body}\n" + "\n" * 340)
    assert over_budget(tmp_path) == [
        "bridge/large.py has 401 lines",
        "bridge/large.py:1 f has 61 lines",
        "bridge/large.py:1 f has 9 parameters",
    ]
