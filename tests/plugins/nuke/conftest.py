"""A stand-in Nuke for the tests of its plugin."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tkinter", reason="the stand-in Nuke reads scripts through Tcl: install Python's tkinter")

from tests.fakes.nuke.application import is_running, set_current
from tests.fakes.nuke.refusals import take_refusals
from tests.fakes.nuke.start import start, stop

PLUGIN = Path(__file__).resolve().parents[3] / "plugins" / "nuke"

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
