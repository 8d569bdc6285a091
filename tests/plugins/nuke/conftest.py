"""A stand-in Nuke for the tests of its plugin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("tkinter", reason="the stand-in Nuke reads scripts through Tcl: install Python's tkinter")

from tests.fakes.nuke.application import is_running, set_current
from tests.fakes.nuke.refusals import take_refusals
from tests.fakes.nuke.start import start, stop


@pytest.fixture
def nuke() -> Iterator[Any]:
    """Nuke 15 with its interface; the test fails where anything was refused."""
    module = start()
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
