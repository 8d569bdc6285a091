"""The Pythons that hosts bring, found on this machine: by variable, on the search path, beside this one.

`SPARKVSR_PYTHON39` names one for Python 3.9, `SPARKVSR_PYTHON310` one for 3.10, and so on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from plugins.release import wheels
from plugins.release.archives import BuildFailed
from plugins.release.wheels import Wheel

ROOT = Path(__file__).resolve().parents[2]
WHEELS = ROOT / "build" / "wheels"


def find_python(version: str) -> Path | None:
    """A Python of this version, such as `3.9`; None when this machine has none."""
    named = os.environ.get(f"SPARKVSR_PYTHON{version.replace('.', '')}") or shutil.which(f"python{version}")
    beside = sorted(Path(sys.base_prefix).parent.glob(f"{version}*/bin/python{version}"))
    candidates = [*([Path(named)] if named else []), *beside]
    return next((python for python in candidates if _version_of(python) == version), None)


def require_python(version: str) -> Path:
    """A Python of this version; the test is skipped, with what to do, when there is none."""
    python = find_python(version)
    if python is None:
        variable = f"SPARKVSR_PYTHON{version.replace('.', '')}"
        pytest.skip(f"NOT CHECKED: this machine has no Python {version}; name one with {variable}")
    return python


def fetched_wheel(wheel: Wheel) -> Path:
    """A pyzmq wheel; the test is skipped where it is neither kept nor can be fetched."""
    try:
        return wheels.fetch_wheel(wheel, WHEELS)
    except BuildFailed as error:
        pytest.skip(f"NOT CHECKED: {error}")


def unpack(wheel: Path, folder: Path) -> Path:
    """The folder, with a wheel's files in it."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_python(python: Path, code: str, *search_path: Path) -> subprocess.CompletedProcess[str]:
    """What a Python prints that runs a piece of code with these folders on its search path, no others."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, search_path))
    # Without its own packages: an environment that tests run in has a pyzmq.
    command = [str(python), "-S", "-s", "-c", code]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def _version_of(python: Path) -> str:
    look = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [str(python), "-c", look], capture_output=True, text=True, timeout=60, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip()
