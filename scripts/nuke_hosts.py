"""Sets up the Pythons that Nuke has, for the tests of its plugin: `python scripts/nuke_hosts.py`.

Nuke 14 is Python 3.9 with PySide2, Nuke 15 3.10 with PySide2, Nuke 16 3.11 with PySide6. Each becomes an
environment `.venv-nuke/py39` and so on, where an interpreter of that version is there: SPARKVSR_NUKE_BASE39
and so on, else `python3.9` on the search path or beside this Python. What is absent is printed; the tests
skip it and name it too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv-nuke"
TEST_PACKAGES = ("pytest", "pytest-timeout", "hypothesis")
# NumPy 2 breaks the PySide2 of these Pythons; OpenImageIO asks for it and works with 1.26 all the same.
PACKAGES = ("pyzmq==27.3.0", "numpy==1.26.4")
WITHOUT_DEPENDENCIES = ("OpenImageIO==3.2.2.0",)


@dataclass(frozen=True)
class Host:
    """One generation of Nuke. name: of its environment. minor: of its Python 3. qt: the package of its Qt."""

    name: str
    minor: int
    qt: str

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        folder = FOLDER / self.name
        return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"

    def base(self) -> str | None:
        """An interpreter of this version, to make the environment with."""
        version = f"3.{self.minor}"
        named = os.environ.get(f"SPARKVSR_NUKE_BASE3{self.minor}") or shutil.which(f"python{version}")
        # Some managers put a program on the search path that refuses to run; theirs lie beside each other.
        beside = sorted(Path(sys.base_prefix).parent.glob(f"{version}*/bin/python{version}"))
        candidates = [*([named] if named else []), *map(str, beside)]
        return next((python for python in candidates if runs(python, version)), None)


def runs(python: str, version: str) -> bool:
    """Whether a program is a Python of this version."""
    ask = [python, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
    try:
        done = subprocess.run(ask, capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return False
    return done.stdout.strip() == version


HOSTS = (
    Host("py39", 9, "PySide2==5.15.2.1"),
    Host("py310", 10, "PySide2==5.15.2.1"),
    Host("py311", 11, "PySide6-Essentials==6.5.3"),
)


def main() -> int:
    """Make what is missing. Status 1 where none of them could be made."""
    results = [make(host) for host in HOSTS]
    return 0 if any(results) else 1


def make(host: Host) -> bool:
    """Make one environment; False where its Python or a package is not to be had."""
    if host.python.is_file():
        print(f"{host.name}: there already")
        return True
    base = host.base()
    if base is None:
        hint = f"name one with SPARKVSR_NUKE_BASE3{host.minor}"
        print(f"{host.name}: absent, no python3.{host.minor} here; {hint}")
        return False
    try:
        subprocess.run([base, "-m", "venv", str(FOLDER / host.name)], check=True)
        install = [str(host.python), "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, host.qt, *PACKAGES, *TEST_PACKAGES], check=True)
        subprocess.run([*install, "--no-deps", *WITHOUT_DEPENDENCIES], check=True)
    except subprocess.CalledProcessError as error:
        print(f"{host.name}: absent, {error}")
        shutil.rmtree(FOLDER / host.name, ignore_errors=True)
        return False
    print(f"{host.name}: made")
    return True


if __name__ == "__main__":
    sys.exit(main())
