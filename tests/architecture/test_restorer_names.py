"""Nothing outside a restorer's package names it: engine, commands and hosts list what there is.

Names count in string literals, docstrings included, and in imports; those that are words of the project too
count where a model is referred to. Training trains given models and is free to.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkvsr_engine.models.registry import BUILT_IN, restorers
from tests.architecture.reading import ROOT

FOLDERS = ("sparkvsr_engine", "sparkvsr", "sparkvsr_window", "bridge", "plugins")
PACKAGES = tuple(module.rpartition(".")[2] for module in BUILT_IN)
FREE = ("sparkvsr_engine/training/", *(f"sparkvsr_engine/models/{name}/" for name in PACKAGES))
# The program and the project are called `sparkvsr`; an identity is what names content.
WORDS = ("sparkvsr", "identity")
ALLOWED = {
    "bridge/sparkvsr_bridge/settings.py: lite": "the default model",
    "plugins/nuke/sparkvsr_nuke/node/knob_specs.py: lite": "the knob's default: nothing is imported there",
    "plugins/nuke/sparkvsr_nuke/node/node_knobs.py: lite": "of an empty knob, the default",
    "sparkvsr_engine/core/keyframe_choice/propagation_stats.py: lite": "what a figure was measured with",
    "sparkvsr_engine/models/registry.py: lite": "a line of the registry",
    "sparkvsr_engine/models/registry.py: cogvideox": "a line of the registry",
}


def names_in(text: str) -> Iterator[str]:
    """Restorers and their packages that a string names."""
    for name in {*PACKAGES, *(record.name for record in restorers() if record.name in text)}:
        if name not in WORDS and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
            yield name


def named_in(source: str) -> set[str]:
    """Restorers that a module names, in strings or by importing their packages."""
    of_model = "(model|planner|restorer)[^\n]{{0,20}}[`'\"]{name}[`'\"]"
    result = {name for name in WORDS if re.search(of_model.format(name=name), source)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            result.update(names_in(node.value))
        elif isinstance(node, ast.ImportFrom) and node.module:
            result.update(name for name in PACKAGES if f".models.{name}" in f".{node.module}.")
        elif isinstance(node, ast.Import):
            result.update(
                name for alias in node.names for name in PACKAGES if f".models.{name}" in alias.name
            )
    return result


def naming(root: Path) -> list[str]:
    """`FILE: NAME` of every file that names a restorer of another package."""
    lines: list[str] = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            file = path.relative_to(root).as_posix()
            if not file.startswith(FREE) and "_vendor" not in file:
                lines += [f"{file}: {name}" for name in sorted(named_in(path.read_text("utf-8")))]
    return lines


def test_nothing_outside_a_restorers_package_names_it():
    assert [line for line in naming(ROOT) if line not in ALLOWED] == []


def test_what_is_allowed_is_still_there():
    assert set(ALLOWED) - set(naming(ROOT)) == set()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("from sparkvsr_engine.models.lite.planner import LitePlanner", "lite"),
        ('WARNING = "only lite uses it"', "lite"),
        ("def f():\n    import sparkvsr_engine.models.cogvideox.restorer", "cogvideox"),
        ('model = open_planner("lite", folder, {})', "lite"),
        ('LARGE = {"model": "sparkvsr"}', "sparkvsr"),
    ],
)
def test_a_planted_name_is_caught(tmp_path: Path, line: str, name: str):
    path = tmp_path / "sparkvsr_engine" / "jobs" / "planted.py"
    path.parent.mkdir(parents=True)
    path.write_text(line)
    assert naming(tmp_path) == [f"sparkvsr_engine/jobs/planted.py: {name}"]
