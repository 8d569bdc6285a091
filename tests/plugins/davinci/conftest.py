"""A stand-in Resolve for the tests of its plugin, and one real engine for all of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.engine_program import EngineProgram
from tests.fakes.engine_program import engine_program as start_engine_program
from tests.fakes.resolve.application import Application
from tests.plugins.davinci.scenes import Scene

ROOT = Path(__file__).resolve().parents[3]
# Another copy where faults are planted (`faults.py`).
PLUGIN = Path(os.environ.get("SPARKVSR_DAVINCI_PLUGIN", ROOT / "plugins" / "davinci"))
API = ROOT / "tests" / "fakes" / "resolve" / "api"

if str(PLUGIN) not in sys.path:
    sys.path.append(str(PLUGIN))


@pytest.fixture(scope="session")
def engine_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProgram]:
    """One for all scenarios: starting it takes seconds."""
    with start_engine_program(tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.fixture
def resolves_python() -> None:
    """This Python is one that Resolve's scripting module takes, or the test is skipped."""
    if not (3, 10) <= sys.version_info[:2] <= (3, 12):
        pytest.skip("Resolve's scripting module takes Python 3.10 to 3.12")


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
    resolves_python: None,
    app: Application,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    engine_program: EngineProgram,
) -> Iterator[Scene]:
    """The same with the plugin and a real engine; no call may have been one that Resolve refuses."""
    monkeypatch.setenv("SPARKVSR_HOME", str(engine_program.home))
    opened = Scene(app, tmp_path, engine_program.program).open()
    yield opened
    opened.close()
    assert app.refusals == []
