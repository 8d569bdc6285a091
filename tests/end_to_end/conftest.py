"""One real engine per test file: starting it takes seconds, a small job a fraction of one."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkvsr_engine.models.lite.planner import shipped_weights
from tests.end_to_end.program import Program
from tests.fakes.code_path import CODE_PATH

# A shell's background jobs ignore Ctrl-C, and so would every program started by them.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def weights() -> Iterator[Path]:
    """The shipped weights; random ones where a checkout has none, for what they are is not judged here."""
    path = shipped_weights()
    if path.is_file():
        yield path
        return
    from sparkvsr_engine.models.lite.loading import save_weights
    from sparkvsr_engine.models.lite.networks.network import LiteConfig, LiteNetwork

    save_weights(LiteNetwork(LiteConfig()), path, {})
    yield path
    path.unlink()


@pytest.fixture(autouse=True)
def _engines_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine is started in its home folder; a checkout need not be installed for it."""
    monkeypatch.setenv("PYTHONPATH", CODE_PATH)


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    """A home folder for the tests of one file."""
    folder = Path(tempfile.mkdtemp(prefix="svsr-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def program(shared_home: Path) -> Iterator[Program]:
    """The command line; the first command that needs the engine starts it, the last test's end ends it."""
    result = Program(shared_home)
    yield result
    result.end_engine()


@pytest.fixture
def own_program(home: Path) -> Iterator[Program]:
    """The command line with an engine of this test alone."""
    result = Program(home)
    yield result
    result.end_engine()
