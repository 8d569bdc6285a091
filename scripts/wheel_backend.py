"""setuptools' build backend; a wheel needs what builds the documentation as well.

An editable installation carries no documentation, so that it does not wait for those packages.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403 - a backend is its module's functions

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """What setuptools asks for, the extra `docs`, and pyzmq, which the command reference imports."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    bridge = [name for name in project["dependencies"] if name.startswith("pyzmq")]
    requirements = build_meta.get_requires_for_build_wheel(config_settings)
    return [*requirements, *project["optional-dependencies"]["docs"], *bridge]
