"""`__all__`, where a module has one, is sorted and true."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import sparkvsr_bridge
from tests.architecture.reading import ROOT, python_files


def exported(file: Path) -> list[str] | None:
    """The names in `__all__`; None when there is none."""
    for node in ast.parse((ROOT / file).read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "__all__" for target in node.targets):
            return list(ast.literal_eval(node.value))
    return None


def bound(file: Path) -> set[str]:
    """The names a module binds at its top level, by definition, assignment or import."""
    names: set[str] = set()
    for node in ast.parse((ROOT / file).read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        else:
            names.update(result.id for result in ast.walk(node) if isinstance(result, ast.Name))
    return names


def rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest: the linter's own order."""
    if name.isupper() and not name.startswith("__"):
        return 0, name
    return (1 if name[0].isupper() else 2), name


WITH_ALL = [file for file in python_files(ROOT) if exported(file) is not None]


@pytest.mark.parametrize("file", WITH_ALL, ids=str)
def test_exported_names_are_sorted_and_there(file: Path):
    names = exported(file) or []
    assert names == sorted(set(names), key=rank)
    has_lazy_names = "__getattr__" in bound(file)
    assert has_lazy_names or set(names) <= bound(file)


def test_the_bridge_gives_what_its_users_build_on():
    modules = {
        name: getattr(sparkvsr_bridge, name).__module__
        for name in ("EngineClient", "EngineProcess", "Mailbox")
    }
    assert modules == {
        "EngineClient": "sparkvsr_bridge.client",
        "EngineProcess": "sparkvsr_bridge.process",
        "Mailbox": "sparkvsr_bridge.mailbox",
    }
    assert all(hasattr(sparkvsr_bridge, name) for name in sparkvsr_bridge.__all__)
    assert not hasattr(sparkvsr_bridge, "EngineServer")
    assert {"EngineClient", "EngineProcess", "Mailbox", "SparkVSRError", "PROTOCOL_VERSION"} <= set(
        sparkvsr_bridge.__all__
    )
