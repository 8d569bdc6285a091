"""One real engine for the tests of a file, started by the plugin, and a node behind a Read.

`SPARKVSR_TEST_ENGINE_PYTHON` names the engine's Python where this one is a host's own.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tkinter")

from tests.fakes.code_path import CODE_PATH
from tests.plugins.nuke.jobs.node_jobs import make_shot


@pytest.fixture(scope="module")
def engine_home() -> Iterator[Path]:
    """One engine for all tests here: its worker takes its time to start."""
    from sparkvsr_bridge.process import EngineProcess

    folder = Path(tempfile.mkdtemp(prefix="svsr-"))
    yield folder
    EngineProcess(folder, ("none",)).stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def environment(engine_home: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checkout's engine, started by the plugin as Nuke would."""
    monkeypatch.setenv("SPARKVSR_HOME", str(engine_home))
    python = os.environ.get("SPARKVSR_TEST_ENGINE_PYTHON", sys.executable)
    monkeypatch.setenv("SPARKVSR_ENGINE", f"{python} -m sparkvsr_engine")
    monkeypatch.setenv("PYTHONPATH", CODE_PATH)
    # The engine of the checkout, not an installed one.
    monkeypatch.setenv("SPARKVSR_KEEP_ENVIRONMENT", "PYTHONPATH")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("HOME", str(home))


@pytest.fixture
def shot(nuke: Any, tmp_path: Path) -> Iterator[Any]:
    """A node behind a Read of six frames; model identity, no keyframes; the script is saved."""
    yield from make_shot(nuke, tmp_path)
