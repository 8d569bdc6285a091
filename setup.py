"""Puts the plugins' sources and the built documentation into the wheel; all else is in pyproject.toml."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
SOURCE = ROOT / "plugins"
# Hosts want a plugin's folder as it lies, so that it is no package: an installation carries it as data.
PLACE = Path("sparkvsr_engine", "host_plugins")
DOCUMENTATION = Path("sparkvsr_engine", "documentation")


class BuildWithPlugins(build_py):
    """Builds the packages, the plugins and the site, unless the checkout itself is what is installed."""

    def run(self) -> None:
        """Build."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / PLACE
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "_vendor"))
        build_documentation(Path(self.build_lib) / DOCUMENTATION)


def build_documentation(folder: Path) -> None:
    """Build the site; ends the build with one sentence where that cannot be done."""
    # A build's own folder is not searched for modules.
    sys.path.insert(0, str(ROOT / "scripts"))
    from build_docs import DocumentationNotBuilt, build_site

    try:
        build_site(folder)
    except DocumentationNotBuilt as error:
        raise SystemExit(str(error)) from error


setup(cmdclass={"build_py": BuildWithPlugins})
