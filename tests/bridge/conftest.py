"""Stand-in engines for the bridge's tests, ended with the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.launching import Collector, Engines


@pytest.fixture
def engines(home: Path) -> Iterator[Engines]:
    result = Engines(home)
    yield result
    result.end()


@pytest.fixture
def collector() -> Collector:
    return Collector()


@pytest.fixture
def runtime(home: Path) -> Path:
    """A private runtime folder without an engine."""
    folder = home / "run"
    folder.mkdir(mode=0o700)
    return folder
