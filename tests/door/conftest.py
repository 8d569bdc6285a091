"""One real engine for the tests of the Python door."""

from __future__ import annotations

from pathlib import Path

import pytest

import sparkvsr
from sparkvsr_bridge.process import EngineProcess
from tests.end_to_end.clips import plate
from tests.end_to_end.conftest import (
    _engines_are_found,  # noqa: F401 - engines of a checkout are found
    shared_home,  # noqa: F401
    weights,  # noqa: F401
)
from tests.fakes.code_path import CODE_PATH


@pytest.fixture(scope="module")
def engine(shared_home: Path):  # noqa: F811 - pytest's way of asking for a fixture
    """An engine in a home of its own, ended with the file's last test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", CODE_PATH)
        with sparkvsr.connect(shared_home) as result:
            yield result
    EngineProcess(shared_home).stop()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Numbered pictures of a moving scene, 1001 to 1024."""
    return plate(tmp_path_factory.mktemp("clip"), count=24)
