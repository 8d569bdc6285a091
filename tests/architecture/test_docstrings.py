"""Docstrings that documentation tools can render: one line for every parameter, in Google's form.

The door and the bridge explain every parameter of every public function, the engine those of functions with
three or more, and of the interfaces of restorers and planners all. What only carries out an interface may
point at it: "See `models.base.Restorer.plan`". That explained parameters exist is ruff's D417.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.reading import ROOT, python_files

INTERFACE = "sparkvsr_engine/models/base.py"
FEWEST = {"sparkvsr/": 1, "bridge/sparkvsr_bridge/": 1, INTERFACE: 1, "sparkvsr_engine/": 3}
"""Functions with as many parameters explain them; the first folder that fits counts."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def unexplained(root: Path) -> list[str]:
    """Every public function with parameters that its docstring does not explain."""
    return [line for file in python_files(root) for line in unexplained_in(root, file)]


def unexplained_in(root: Path, file: Path) -> Iterator[str]:
    fewest = next((count for place, count in FEWEST.items() if file.as_posix().startswith(place)), None)
    if fewest is None:
        return
    for function in public_functions(ast.parse((root / file).read_text("utf-8")).body):
        names = parameters_of(function)
        docstring = ast.get_docstring(function) or ""
        if len(names) < fewest or re.match(r"(See|As) `[\w.]+`", docstring):
            continue
        missing = [name for name in names if not is_explained(name, docstring)]
        if missing:
            yield f"{file.as_posix()}:{function.lineno} {function.name}: {', '.join(missing)}"


def public_functions(body: list[ast.stmt]) -> Iterator[Function]:
    """Functions of a module and methods of its classes that others may call."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body)
        elif isinstance(node, Function) and not node.name.startswith("_"):
            yield node


def parameters_of(function: Function) -> list[str]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [each.arg for each in every if each.arg not in ("self", "cls")]


def is_explained(name: str, docstring: str) -> bool:
    arguments = docstring.partition("Args:\n")[2]
    return re.search(rf"^    \**{re.escape(name)}: \S", arguments, re.MULTILINE) is not None


def test_every_parameter_of_the_public_functions_is_explained():
    assert unexplained(ROOT) == []


@pytest.mark.parametrize(
    ("file", "source", "reported"),
    [
        ("sparkvsr/a.py", 'def f(x):\n    """Do."""', ["sparkvsr/a.py:1 f: x"]),
        ("sparkvsr/a.py", 'def f(x):\n    """Do.\n\n    Args:\n        x: a number.\n    """', []),
        (
            "sparkvsr/a.py",
            'class A:\n    def f(self, x, *y):\n        """Do."""',
            ["sparkvsr/a.py:2 f: x, y"],
        ),
        ("sparkvsr/a.py", 'def _f(x):\n    """Do."""', []),
        ("sparkvsr_engine/a.py", 'def f(x, y):\n    """Do."""', []),
        ("sparkvsr_engine/a.py", 'def f(x, y, z):\n    """Do."""', ["sparkvsr_engine/a.py:1 f: x, y, z"]),
        ("sparkvsr_engine/a.py", 'def f(x, y, z):\n    """See `base.f`."""', []),
    ],
)
def test_a_planted_parameter_without_words_is_caught(
    tmp_path: Path, file: str, source: str, reported: list[str]
):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(source)
    assert unexplained(tmp_path) == reported
