"""Makes .venv and installs the checkout into it: `python scripts/set_up.py [EXTRAS]`, on every system.

    python scripts/set_up.py dev,colour                 with these extras; without, what the engine needs
    python scripts/set_up.py --blender [VERSION FOLDER] Blender as a Python module, for its extension's tests

Needs Python 3.11 or later with pip, and nothing else. What is installed already is not installed again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEST_EXTRAS = "dev,docs,cogvideox,colour,timeline,train"
PATIENCE_SECONDS = 10.0
BLENDER, BLENDER_FOLDER = "5.0.1", ".venv-blender"


class SetUpFailed(Exception):
    """It cannot be set up; the message gives the reason and what to do."""


def program_in(environment: Path, name: str) -> Path:
    """A program of a virtual environment, where this system keeps it."""
    return environment / "Scripts" / f"{name}.exe" if os.name == "nt" else environment / "bin" / name


def set_up(extras: str = "") -> Path:
    """Make .venv where it is missing or out of date; returns its Python. Raises SetUpFailed."""
    if sys.version_info < (3, 11):  # noqa: UP036 - run by whatever Python the user has
        raise SetUpFailed("Python 3.11 or later is needed; install it and run this script with it.")
    environment = ROOT / ".venv"
    python, noted = program_in(environment, "python"), environment / "installed"
    stamp = _stamp(extras)
    if python.is_file() and noted.is_file() and stamp in noted.read_text("utf-8").splitlines():
        return python
    pip = _make_environment(environment)
    print("Installing into .venv; the first time takes some minutes.", file=sys.stderr, flush=True)
    # Python compiles the modules that are used; all of them take 160 MB.
    install = [*pip, "install", "-q", "--no-compile", "-c", "constraints.txt"]
    # torch first and alone: asked for together with the rest, a build with CUDA might be chosen.
    _run([*install, *torch_options(), "torch==2.13.0"])
    _run([*install, "-e", f".[{extras}]" if extras else "."])
    if "dev" in extras.split(","):
        # Without its dependencies: torchvision has no build for every machine, and the tests stand in for it.
        _run([*install, "--no-deps", "spandrel"])
    with noted.open("a", encoding="utf-8") as file:
        file.write(f"{stamp}\n")
    return python


def torch_options() -> list[str]:
    """pip's further options: a machine without a card needs no torch with CUDA, which is several GB.

    `SPARKVSR_TORCH_INDEX` names PyTorch's index of builds for the processor. Linux alone: for Windows and
    macOS the package index has the small one.
    """
    index = os.environ.get("SPARKVSR_TORCH_INDEX", "")
    if sys.platform != "linux" or shutil.which("nvidia-smi") or not index:
        return []
    try:
        urllib.request.urlopen(f"{index}/torch/", timeout=PATIENCE_SECONDS).close()
    except (OSError, ValueError):
        print(
            f"SPARKVSR_TORCH_INDEX, {index}, cannot be reached: torch comes from pip's own index.",
            file=sys.stderr,
        )
        return []
    return ["--extra-index-url", index]


def set_up_blender(version: str = BLENDER, folder: str = BLENDER_FOLDER) -> None:
    """Put Blender, as a Python module, into an environment of its own; it needs Python 3.11.

    Where it cannot be had this prints why, and the tests in it are skipped.
    """
    environment, requirement = ROOT / folder, f"bpy=={version}"
    noted = environment / "installed"
    if noted.is_file() and requirement in noted.read_text("utf-8").splitlines():
        return
    python = _python_311()
    if python is None:
        print("Blender's module needs Python 3.11; the tests in Blender are skipped.", file=sys.stderr)
        return
    try:
        # Without pip of its own, like .venv where ensurepip is missing: the Python at hand fills it.
        _run([python, "-m", "venv", "--clear", "--without-pip", str(environment)])
        inside = str(program_in(environment, "python"))
        _run([python, "-m", "pip", "--python", inside, "install", "-q", requirement])
    except SetUpFailed:
        print(f"{requirement} cannot be installed; the tests in Blender are skipped.", file=sys.stderr)
        return
    noted.write_text(f"{requirement}\n", "utf-8")


def _stamp(extras: str) -> str:
    content = b"".join((ROOT / name).read_bytes() for name in ("constraints.txt", "pyproject.toml"))
    return f"{hashlib.sha256(content).hexdigest()[:16]} {extras}"


def _make_environment(environment: Path) -> list[str]:
    """Make the environment where it is missing; returns the pip that fills it."""
    python = program_in(environment, "python")
    if not python.is_file():
        process = subprocess.run(
            [sys.executable, "-m", "venv", str(environment)], capture_output=True, check=False
        )
        if process.returncode:
            # Some systems ship Python without ensurepip; their own pip can fill another environment.
            _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(environment)])
    for pip in ([str(python), "-m", "pip"], [sys.executable, "-m", "pip", "--python", str(python)]):
        if not subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
            return pip
    raise SetUpFailed(f"{sys.executable} has no pip; install it (python3-venv), then try again.")


def _python_311() -> str | None:
    """A Python 3.11: the one PYTHON names, this one, or the one on the search path."""
    names = [os.environ["PYTHON"]] if os.environ.get("PYTHON") else [sys.executable, "python3.11"]
    for candidate in filter(None, map(shutil.which, names)):
        check = [candidate, "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 11))"]
        if not subprocess.run(check, capture_output=True, check=False).returncode:
            return candidate
    return None


def _run(command: list[str]) -> None:
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        raise SetUpFailed(f"This failed, its reason is above: {' '.join(command)}")


def main(arguments: list[str]) -> int:
    """The command line."""
    try:
        if arguments[:1] == ["--blender"]:
            set_up_blender(*arguments[1:3])
        else:
            set_up(*arguments[:1])
    except SetUpFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
