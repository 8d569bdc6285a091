"""Programs that are started: none opens a console window on Windows, none is read in a code page alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.reading import ROOT, python_files

# Started from a terminal, whose console it shares; a farm's script and Resolve's menu choose by the system.
WITH_A_CONSOLE = {
    "sparkvsr_engine/cli/commands/window_commands.py",
    "plugins/davinci/menu/SparkVSR.py",
}


def calls_of(root: Path, file: Path) -> Iterator[ast.Call]:
    """Every `subprocess.run` and `subprocess.Popen` of a file."""
    for node in ast.walk(ast.parse((root / file).read_text("utf-8"))):
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in ("subprocess.run", "subprocess.Popen"):
            yield node


def faults(root: Path) -> list[str]:
    """Calls without `creationflags`, and texts whose letters of another code page would end the program."""
    lines: list[str] = []
    for file in python_files(root):
        for call in calls_of(root, file):
            names = {keyword.arg for keyword in call.keywords}
            place = f"{file.as_posix()}:{call.lineno}"
            if "creationflags" not in names and file.as_posix() not in WITH_A_CONSOLE:
                lines.append(f"{place} opens a console window")
            if "text" in names and not names & {"errors", "encoding"}:
                lines.append(f"{place} reads a code page")
    return lines


def test_no_program_is_started_with_a_window_or_read_in_a_code_page():
    assert faults(ROOT) == []


def test_a_planted_one_is_named(tmp_path: Path):
    (tmp_path / "plugins").mkdir()
    source = "import subprocess\nsubprocess.run(['x'], text=True)\n"
    (tmp_path / "plugins" / "a.py").write_text(source, "utf-8")
    assert faults(tmp_path) == [
        "plugins/a.py:2 opens a console window",
        "plugins/a.py:2 reads a code page",
    ]
