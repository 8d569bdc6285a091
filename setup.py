"""Puts the plugins' sources into the wheel, inside the engine's package; all else is in pyproject.toml."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SOURCE = Path(__file__).parent / "plugins"
# Hosts want a plugin's folder as it lies, so that it is no package: an installation carries it as data.
PLACE = Path("sparkvsr_engine", "host_plugins")


class BuildWithPlugins(build_py):
    """Builds the packages, and copies the plugins unless the checkout itself is what is installed."""

    def run(self) -> None:
        """Build."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / PLACE
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "_vendor"))


setup(cmdclass={"build_py": BuildWithPlugins})
