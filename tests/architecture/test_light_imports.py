"""Starting is quick, and importing does nothing but import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LATER = (
    "torch",
    "av",
    "cv2",
    "numpy",
    "OpenImageIO",
    "diffusers",
    "scenedetect",
    "ncnn",
    "asyncio",
)
NOT_IN_THE_DAEMON = ("torch", "torchvision", "diffusers", "transformers", "ncnn", "spandrel", "matplotlib")
IMPORT_EVERYTHING_OF = """
import importlib, pkgutil
package = importlib.import_module({name!r})
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
LOOK_AROUND = """
import logging, threading, os
assert logging.getLogger().handlers == [], "a logger was configured"
assert threading.active_count() == 1, "a thread was started"
assert os.listdir() == [], os.listdir()
assert os.listdir(os.environ["HOME"]) == [], os.listdir(os.environ["HOME"])
"""


def imported_after(program: str, folder: Path) -> set[str]:
    """The modules a fresh Python holds after a program, run in an empty folder and home."""
    work, home = folder / "work", folder / "home"
    work.mkdir()
    home.mkdir()
    code = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'bridge')]!r}\n{program}\nprint(*sys.modules)"
    environment = {"HOME": str(home), "SPARKVSR_HOME": str(home / "engine"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("name", ["sparkvsr_bridge", "sparkvsr_engine", "sparkvsr_engine.cli", "sparkvsr"])
def test_importing_a_package_brings_nothing_heavy_and_changes_nothing(name: str, tmp_path: Path):
    result = imported_after(f"import {name}\n{LOOK_AROUND}", tmp_path)
    assert result.isdisjoint(LATER)


@pytest.mark.parametrize("package", ["core", "models", "media", "jobs", "daemon", "evaluation", "training"])
def test_importing_a_room_brings_no_network_library(package: str, tmp_path: Path):
    if not (ROOT / "sparkvsr_engine" / package / "__init__.py").exists():
        pytest.skip(f"there is no room {package} yet")
    result = imported_after(f"import sparkvsr_engine.{package}\n{LOOK_AROUND}", tmp_path)
    assert result.isdisjoint({"torch", "av", "OpenImageIO", "diffusers", "scenedetect", "ncnn"})


def test_the_whole_bridge_brings_nothing_but_zmq(tmp_path: Path):
    result = imported_after(IMPORT_EVERYTHING_OF.format(name="sparkvsr_bridge") + LOOK_AROUND, tmp_path)
    assert result.isdisjoint(LATER)


def test_the_whole_daemon_runs_without_any_network_library(tmp_path: Path):
    result = imported_after(IMPORT_EVERYTHING_OF.format(name="sparkvsr_engine.daemon"), tmp_path)
    assert result.isdisjoint(NOT_IN_THE_DAEMON)
