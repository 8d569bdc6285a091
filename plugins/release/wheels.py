"""pyzmq's wheels for the Pythons of hosts: found in a folder, else fetched into it by pip."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .archives import BuildFailed, Entry

PYZMQ_VERSION = "27.3.0"
PLATFORM_TAGS = {
    "linux": ("manylinux_2_28_x86_64", "manylinux_2_26_x86_64", "manylinux2014_x86_64"),
    "macos": ("macosx_10_15_universal2",),
    "windows": ("win_amd64",),
}
_PLATFORMS = {"darwin": "macos", "win32": "windows"}


@dataclass(frozen=True)
class Wheel:
    """Which pyzmq wheel a release carries, in pip's words."""

    python: str
    abi: str
    platforms: tuple[str, ...]


def this_platform() -> str:
    """This machine as releases name it: `linux`, `macos`, `windows`."""
    return _PLATFORMS.get(sys.platform, "linux")


def fetch_wheel(wheel: Wheel, folder: Path) -> Path:
    """The wheel, from the folder or fetched into it by pip.

    Raises BuildFailed with pip's last words.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = _find_wheel(wheel, folder)
    if path is not None:
        return path
    command = [*_pip(), "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--implementation", "cp", "--python-version", wheel.python, "--abi", wheel.abi]
    for tag in wheel.platforms:
        command += ["--platform", tag]
    command += ["--dest", str(folder), f"pyzmq=={PYZMQ_VERSION}"]
    no_window = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, creationflags=no_window
    )
    path = _find_wheel(wheel, folder)
    if done.returncode or path is None:
        reason = (done.stderr.strip().splitlines() or ["no reason is given"])[-1]
        raise BuildFailed(f"pip cannot fetch pyzmq {PYZMQ_VERSION} for {wheel.platforms[0]}: {reason}")
    return path


def wheel_entries(wheel: Path, inside: str) -> Iterator[Entry]:
    """A wheel's files in the folder `inside` of a release, unpacked: compiled ones do not load from a zip."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith("/"):
                yield f"{inside}/{name}", archive.read(name)


def _pip() -> list[str]:
    """This Python's pip, else the one on the search path: an environment may have been made without."""
    if any(importlib.metadata.distributions(name="pip")):
        return [sys.executable, "-m", "pip"]
    program = shutil.which("pip3") or shutil.which("pip")
    if program is None:
        raise BuildFailed("pip is needed to fetch pyzmq's wheels, and there is none; install it.")
    return [program]


def _find_wheel(wheel: Wheel, folder: Path) -> Path | None:
    names = sorted(path.name for path in folder.glob(f"pyzmq-{PYZMQ_VERSION}-*-{wheel.abi}-*.whl"))
    # A wheel's name ends in platform tags that are joined by dots.
    fitting = (name for name in names if set(wheel.platforms) & set(name[:-4].split("-")[-1].split(".")))
    name = next(fitting, None)
    return folder / name if name else None
