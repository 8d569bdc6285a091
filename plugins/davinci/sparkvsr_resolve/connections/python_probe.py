# SPDX-License-Identifier: Apache-2.0
"""A Python that Resolve's scripting module takes: tried in a process of its own, because an unfit one
crashes.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Tuple

from ..bridge_link import NO_WINDOW

FIT = ((3, 10), (3, 11), (3, 12))
NAMED_BY = "SPARKVSR_RESOLVE_PYTHON"
HOME_OF = "FUSION_PYTHON3_HOME"
_SECONDS = 30.0
_DESCRIPTION_CODE = "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.base_prefix)"


@dataclasses.dataclass(frozen=True)
class HostPython:
    """An interpreter. version: `3.11`. home: what FUSION_PYTHON3_HOME names."""

    path: str
    version: str
    home: str


@dataclasses.dataclass(frozen=True)
class ProbeReport:
    """The Python to use, or None and one sentence that names what failed."""

    python: Optional[HostPython]
    reason: str = ""


def probe(environment: Mapping[str, str]) -> ProbeReport:
    """The first Python of this machine that loads Resolve's module. Takes seconds: not for a window's
    thread.
    """
    reasons: List[str] = []
    for path in candidates(environment):
        python = identify(path)
        if python is None:
            continue
        reason = failure_of(python, environment)
        if not reason:
            return ProbeReport(python)
        if reason not in reasons:
            reasons.append(reason)
    no_python = (
        "Resolve's scripting module takes Python 3.10 to 3.12 and none was found; install one and name it"
        f" with {NAMED_BY}."
    )
    return ProbeReport(None, " ".join(reasons[:3]) or no_python)


def candidates(environment: Mapping[str, str]) -> Iterator[str]:
    """Pythons to try: the one that is named, alone; else Resolve's own home, this one, those on the search
    path.
    """
    named = environment.get(NAMED_BY)
    if named:
        yield named
        return
    home = environment.get(HOME_OF)
    paths = [*_below(Path(home))] if home else []
    paths.append(sys.executable)
    for major, minor in reversed(FIT):
        on_path = shutil.which(f"python{major}.{minor}", path=environment.get("PATH"))
        paths += [on_path] if on_path else []
        paths += _installed_on_windows(major, minor, environment)
    yield from dict.fromkeys(paths)


def _installed_on_windows(major: int, minor: int, environment: Mapping[str, str]) -> List[str]:
    """Where python.org's installer puts a version: on Windows no program on the search path bears it."""
    folder = f"Python{major}{minor}"
    homes = [(environment.get("LOCALAPPDATA"), "Programs", "Python"), (environment.get("PROGRAMFILES"),)]
    places = [Path(home, *names, folder, "python.exe") for home, *names in homes if home]
    return [str(place) for place in places if place.is_file()]


def _below(home: Path) -> List[str]:
    names = ("python.exe",) if os.name == "nt" else ("bin/python3", "bin/python")
    return [str(home / name) for name in names if (home / name).is_file()]


def identify(path: str) -> Optional[HostPython]:
    """What an interpreter is; None for anything that does not run."""
    try:
        done = subprocess.run(
            [path, "-c", _DESCRIPTION_CODE],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.split("\n")
    return HostPython(path, lines[0].strip(), lines[1].strip()) if done.returncode == 0 and lines[0] else None


def failure_of(python: HostPython, environment: Mapping[str, str]) -> str:
    """Why a Python does not do; empty where it does."""
    if _numbers(python.version) not in FIT:
        return (
            f"Python {python.version} at {python.path} is none that Resolve's scripting module takes; name"
            f" a 3.10 to 3.12 with {NAMED_BY}."
        )
    command = [*host_command(python), "--probe"]
    try:
        done = subprocess.run(
            command,
            env=host_environment(python, environment),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
            creationflags=NO_WINDOW,
        )
    except subprocess.TimeoutExpired:
        return (
            f"Python {python.version} at {python.path} hangs when it loads Resolve's scripting module; name"
            f" another one with {NAMED_BY}."
        )
    except OSError as error:
        return (
            f"Python {python.version} at {python.path} does not start ({error.strerror}); install it again."
        )
    if done.returncode == 0:
        return ""
    return _sentence(done.stdout) or (
        f"Python {python.version} at {python.path} crashes when it loads Resolve's scripting module (status"
        f" {done.returncode}); name another one with {NAMED_BY}."
    )


def host_command(python: HostPython) -> Tuple[str, ...]:
    """What starts the process that talks to Resolve."""
    return (python.path, "-m", "sparkvsr_resolve.host_process")


def host_environment(python: HostPython, environment: Mapping[str, str]) -> Dict[str, str]:
    """Its environment: no search path but the plugin's, and the Python that fusionscript is to bind."""
    values = {name: value for name, value in environment.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    values["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    values[HOME_OF] = python.home
    if sys.platform == "darwin":
        values["PYTHON3HOME"] = python.home
    return values


def _numbers(version: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _sentence(output: str) -> str:
    try:
        return str(json.loads(output.strip().split("\n")[-1]).get("error", ""))
    except ValueError:
        return ""
