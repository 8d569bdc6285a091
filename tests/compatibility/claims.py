"""What tests prove of formats and of kinds of input, gathered into docs/formats.md.

`covers` marks a test as the proof of a row; rows are read from the source of the tests, so that gathering
them imports and runs nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

TESTS = Path(__file__).resolve().parents[1]
TABLES: Mapping[str, tuple[str, ...]] = {
    "pictures": ("read", "written", "kept", "reported"),
    "movies": ("read", "written", "kept", "reported"),
    "kinds of pictures": ("variants", "result"),
    "kinds of movies": ("variants", "result"),
    "round trips": ("items",),
}
Test = TypeVar("Test", bound=Callable[..., Any])


@dataclass(frozen=True)
class Claim:
    """One row's part that one test proves. columns: name -> text, of round trips `items`: item -> result."""

    table: str
    subject: str
    columns: Mapping[str, Any]
    test: str


def covers(table: str, subject: str, **columns: Any) -> Callable[[Test], Test]:
    """Mark a test as the proof of what the columns hold about the subject; of literals, or names of such."""
    unknown = set(columns) - set(TABLES[table])
    if unknown:
        raise ValueError(f"the table {table} has no columns {sorted(unknown)}")
    return lambda test: test


def gathered(folder: Path = TESTS) -> list[Claim]:
    """All claims, in the order of files and lines."""
    return [claim for file in sorted(folder.rglob("test_*.py")) for claim in _claims_in(file, folder)]


def _claims_in(file: Path, folder: Path) -> Iterator[Claim]:
    text = file.read_text("utf-8")
    if "@covers(" not in text:
        return
    module = ast.parse(text)
    literals = _literals(module)
    for node in module.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "covers":
                table, subject = (ast.literal_eval(argument) for argument in mark.args)
                columns = {item.arg or "": _value(item.value, literals) for item in mark.keywords}
                yield Claim(table, subject, columns, f"{file.relative_to(folder).as_posix()}::{node.name}")


def _literals(module: ast.Module) -> dict[str, ast.expr]:
    """Values of the module's own constants."""
    return {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _value(node: ast.expr, literals: Mapping[str, ast.expr]) -> Any:
    if isinstance(node, ast.Name):
        return _value(literals[node.id], literals)
    if isinstance(node, ast.Call):
        # `", ".join(CASES)`: the names of a table of variants.
        (cases,) = node.args
        return ", ".join(_keys(cases, literals))
    return ast.literal_eval(node)


def _keys(node: ast.expr, literals: Mapping[str, ast.expr]) -> list[str]:
    if isinstance(node, ast.Name):
        return _keys(literals[node.id], literals)
    if isinstance(node, ast.Dict):
        return [str(ast.literal_eval(key)) for key in node.keys if key is not None]
    return [str(value) for value in ast.literal_eval(node)]
