"""Checks the Resolve plugin's types against three Resolves: `python scripts/resolve_types.py [VERSION ...]`.

fusionscript-stubs of each version lie in an environment of their own below `.venv-resolve`, made when it is
not there, and mypy in one more: they are tools of development, no dependency. `--table` writes the names and
argument counts of the calls to tests/data/resolve/calls.json, which the stand-in Resolve goes by.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv-resolve"
VERSIONS = ("18.6.6", "20.2.2", "21.0.0")
MYPY = "mypy>=1.10"
TABLE = ROOT / "tests" / "data" / "resolve" / "calls.json"
CLASSES = (
    "Resolve",
    "ProjectManager",
    "Project",
    "MediaPool",
    "Folder",
    "MediaPoolItem",
    "Timeline",
    "TimelineItem",
)
# Resolve takes these calls without an argument that the stubs ask for.
_OPTIONAL = ("subframe_precision", "subTrackType", "optionalSubTrackType", "newTrackOptions")
_MANY = 99


def python_in(environment: Path) -> Path:
    """The interpreter of an environment."""
    return environment / "Scripts" / "python.exe" if os.name == "nt" else environment / "bin" / "python"


def checker() -> Path:
    """The Python with mypy, set up where it is not there. Raises CalledProcessError without a network."""
    return _environment(FOLDER / "mypy", MYPY)


def stubs_python(version: str) -> Path:
    """The Python with one version's stubs, set up where it is not there. Raises CalledProcessError."""
    return _environment(FOLDER / f"stubs-{version}", f"fusionscript-stubs=={version}", "typing_extensions")


def is_set_up() -> bool:
    """Whether everything is there already."""
    folders = (FOLDER / "mypy", *(FOLDER / f"stubs-{version}" for version in VERSIONS))
    return all(python_in(folder).is_file() for folder in folders)


def check(version: str) -> subprocess.CompletedProcess[str]:
    """Mypy --strict over the plugin, against one version's stubs."""
    command = [str(checker()), "-m", "mypy", "--strict", "--follow-imports=silent", "-p", "sparkvsr_resolve"]
    command += ["--python-executable", str(stubs_python(version))]
    command += ["--cache-dir", str(FOLDER / f"cache-{version}")]
    environment = {**os.environ, "MYPYPATH": str(ROOT / "plugins" / "davinci")}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def stub_file(version: str) -> Path:
    """The stubs themselves. Raises FileNotFoundError."""
    name = "fusionscript-stubs/fusionscript.pyi"
    path = next((FOLDER / f"stubs-{version}").rglob(name), None)
    if path is None:
        raise FileNotFoundError(f"{FOLDER / f'stubs-{version}'} holds no {name}")
    return path


def calls_of(version: str) -> dict[str, dict[str, list[int]]]:
    """Class -> call -> least and most arguments; deprecated calls are left out."""
    tree = ast.parse(stub_file(version).read_text("utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in CLASSES]
    return {node.name: _calls_in(node) for node in classes}


def _calls_in(node: ast.ClassDef) -> dict[str, list[int]]:
    counts: dict[str, list[int]] = {}
    for method in node.body:
        if not isinstance(method, ast.FunctionDef) or _is_deprecated(method):
            continue
        least, most = _count(method.args)
        earlier = counts.get(method.name, [least, most])
        counts[method.name] = [min(least, earlier[0]), max(most, earlier[1])]
    return dict(sorted(counts.items()))


def _count(arguments: ast.arguments) -> tuple[int, int]:
    names = arguments.args[1:]
    first_default = len(names) - len(arguments.defaults)
    needed = [
        argument
        for place, argument in enumerate(names)
        if place < first_default and argument.arg not in _OPTIONAL and not _is_optional(argument)
    ]
    return len(needed), _MANY if arguments.vararg else len(names)


def _is_optional(argument: ast.arg) -> bool:
    return argument.annotation is not None and ast.unparse(argument.annotation).startswith("Optional")


def _is_deprecated(method: ast.FunctionDef) -> bool:
    return any("deprecated" in ast.unparse(decorator) for decorator in method.decorator_list)


def _environment(folder: Path, *packages: str) -> Path:
    python = python_in(folder)
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
    return python


def main(arguments: list[str]) -> int:
    """Check these versions, or all; or write the table."""
    if "--table" in arguments:
        for version in VERSIONS:
            stubs_python(version)
        table = {version: calls_of(version) for version in VERSIONS}
        TABLE.write_text(json.dumps(table, separators=(",", ":"), sort_keys=True) + "\n", "utf-8")
        return 0
    results = [(version, check(version)) for version in arguments or VERSIONS]
    for version, done in results:
        print(f"Resolve {version}: {(done.stdout + done.stderr).strip()}")
    return int(any(done.returncode for _, done in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
