"""A stand-in Nuke for the tests of its plugin."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tkinter", reason="the stand-in Nuke reads scripts through Tcl: install Python's tkinter")

from tests.fakes.engine_program import EngineProgram, engine_program
from tests.fakes.nuke.application import current, is_running, set_current
from tests.fakes.nuke.refusals import take_refusals
from tests.fakes.nuke.start import start, stop
from tests.plugins.nuke.scenes import HEIGHT, WIDTH, Scene

ROOT = Path(__file__).resolve().parents[3]
# Another copy where faults are planted (`faults.py`).
PLUGIN = Path(os.environ.get("SPARKVSR_NUKE_PLUGIN", ROOT / "plugins" / "nuke"))
# The engine has a Python of its own; in a host's Python, whoever runs these tests names it.
ENGINE_PYTHON = os.environ.get("SPARKVSR_TEST_ENGINE_PYTHON", sys.executable)

# As Nuke has it from the plug-in path.
if str(PLUGIN) not in sys.path:
    sys.path.append(str(PLUGIN))


def forget_plugin() -> None:
    """Have the plugin imported anew: its modules hold the Nuke they were imported in."""
    for name in [name for name in sys.modules if name.split(".")[0] == "sparkvsr_nuke"]:
        del sys.modules[name]


@pytest.fixture
def nuke() -> Iterator[Any]:
    """Nuke 15 with its interface; the test fails where anything was refused."""
    module = start()
    forget_plugin()
    yield module
    assert stop() == []


@pytest.fixture
def strict_nuke() -> Iterator[Any]:
    """The same for tests that provoke refusals."""
    module = start()
    yield module
    take_refusals()
    if is_running():
        set_current(None)


@pytest.fixture(scope="session")
def qt() -> Any:
    """The application of the interface, without a screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        from sparkvsr_nuke.panel.qt import QtWidgets
    except ImportError:
        pytest.skip("this Python has neither PySide6 nor PySide2")
    return QtWidgets.QApplication.instance() or QtWidgets.QApplication([])


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProgram]:
    """One for all scenarios: starting it takes seconds."""
    look = [ENGINE_PYTHON, "-c", "import sparkvsr_engine"]
    if subprocess.run(look, cwd=ROOT, capture_output=True, timeout=120, check=False).returncode:
        pytest.skip(f"{ENGINE_PYTHON} has no engine; name one with SPARKVSR_TEST_ENGINE_PYTHON")
    with engine_program(tmp_path_factory.mktemp("engine"), ENGINE_PYTHON) as program:
        yield program


def open_scene(monkeypatch: pytest.MonkeyPatch, folder: Path, engine: EngineProgram, **options: Any) -> Scene:
    """A stand-in with the plugin in it, its user's folder empty, and nothing of the engine touched yet."""
    monkeypatch.setenv("SPARKVSR_HOME", str(engine.home))
    monkeypatch.setenv("SPARKVSR_ENGINE", str(engine.program))
    monkeypatch.setenv("HOME", str(folder / "user"))
    module = start(**options)
    forget_plugin()
    # The script's own format, so that a Constant is as small as the plates.
    module.root()["format"].setValue(module.addFormat(f"{WIDTH} {HEIGHT} 1 plate"))
    current().undo.clear()
    module.modified(False)
    return Scene(module, folder)


def close_scene(is_clean: bool = True) -> None:
    """End the plugin's session and the stand-in; nothing may have been refused, no callback have failed."""
    if "sparkvsr_nuke.following.timer" in sys.modules:
        sys.modules["sparkvsr_nuke.following.timer"].stop()
    if "sparkvsr_nuke.following.jobs" in sys.modules:
        sys.modules["sparkvsr_nuke.following.jobs"].end()
    errors = list(current().callback_errors)
    refusals = stop()
    if is_clean:
        assert refusals == []
        assert errors == []


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: EngineProgram, qt: Any) -> Iterator[Scene]:
    """Nuke 15 with its interface, the plugin and a real engine."""
    yield open_scene(monkeypatch, tmp_path, engine)
    close_scene()


@pytest.fixture
def terminal_scene(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: EngineProgram) -> Iterator[Scene]:
    """`nuke -t` with the plugin and a real engine."""
    yield open_scene(monkeypatch, tmp_path, engine, mode="terminal")
    close_scene()


@pytest.fixture
def stereo_scene(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: EngineProgram, qt: Any
) -> Iterator[Scene]:
    """A script with two views."""
    yield open_scene(monkeypatch, tmp_path, engine, views=("left", "right"))
    close_scene()
