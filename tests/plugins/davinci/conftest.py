"""A stand-in Resolve for the tests of its plugin, and one real engine for all of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.resolve.application import Application
from tests.plugins.davinci.scenes import Scene

ROOT = Path(__file__).resolve().parents[3]
# Another copy where faults are planted (`faults.py`).
PLUGIN = Path(os.environ.get("SPARKVSR_DAVINCI_PLUGIN", ROOT / "plugins" / "davinci"))
API = ROOT / "tests" / "fakes" / "resolve" / "api"

if str(PLUGIN) not in sys.path:
    sys.path.append(str(PLUGIN))


@dataclass(frozen=True)
class EngineProgram:
    """A real engine, started when it is first needed. program: what starts it."""

    program: Path
    home: Path

    def stop(self) -> None:
        """End it, if it runs."""
        ask = {**os.environ, "SPARKVSR_HOME": str(self.home)}
        subprocess.run([self.program, "stop"], env=ask, capture_output=True, timeout=60, check=False)


@pytest.fixture(scope="session")
def engine_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProgram]:
    """One for all scenarios: starting it takes seconds."""
    if sys.platform == "win32":
        pytest.skip("the engine's program is a shell script here")
    program = tmp_path_factory.mktemp("engine") / "sparkvsr"
    program.write_text(
        f'#!/bin/sh\nexport PYTHONPATH="{ROOT}"\nexec "{sys.executable}" -m sparkvsr_engine "$@"\n'
    )
    program.chmod(0o755)
    # Short enough for the path of a socket.
    engine = EngineProgram(program, Path(tempfile.mkdtemp(prefix="svsr-")))
    yield engine
    engine.stop()
    shutil.rmtree(engine.home, ignore_errors=True)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    """Resolve Studio 21.0.4 with a project, reachable by scripts."""
    application = Application()
    application.open_project()
    monkeypatch.setenv("STAND_IN_RESOLVE", application.start())
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(API))
    monkeypatch.setenv("SPARKVSR_RESOLVE_PYTHON", sys.executable)
    yield application
    application.quit()


@pytest.fixture
def scene(
    app: Application, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine_program: EngineProgram
) -> Iterator[Scene]:
    """The same with the plugin and a real engine; no call may have been one that Resolve refuses."""
    monkeypatch.setenv("SPARKVSR_HOME", str(engine_program.home))
    opened = Scene(app, tmp_path, engine_program.program).open()
    yield opened
    opened.close()
    assert app.refusals == []
