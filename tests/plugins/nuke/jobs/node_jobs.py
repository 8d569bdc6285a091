"""What the tests of jobs do with a node: make one, click, let the timer tick."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tkinter")

from tests.fakes.nuke import artist
from tests.fakes.nuke.application import current
from tests.fakes.nuke_plates import read_node, write_plate

ROOT = Path(__file__).resolve().parents[4]
PATIENCE_SECONDS = 240
QT = next((name for name in ("PySide6", "PySide2") if importlib.util.find_spec(name) is not None), None)
in_the_interface = pytest.mark.skipif(QT is None, reason="NOT CHECKED: no PySide6 or PySide2 here")


def make_shot(nuke: Any, folder: Path) -> Iterator[Any]:
    import sparkvsr_nuke

    read = read_node(nuke, write_plate(folder / "plate", 1001, 1006), 1001, 1006)
    read.setSelected(True)
    nuke.root()["first_frame"].setValue(1001)
    nuke.root()["last_frame"].setValue(1006)
    nuke.scriptSaveAs(f"{folder.as_posix()}/comp.nk", True)
    node = sparkvsr_nuke.create()
    for name, value in (("model", "identity"), ("scale", 1.0), ("keyframe_policy", "manual")):
        node[name].setValue(value)
    yield node
    from sparkvsr_nuke.following import jobs, timer

    timer.stop()
    jobs.end()


def pump(is_done: Callable[[], bool], what: str) -> None:
    """Let the plugin's timer tick, as Nuke's event loop does."""
    from sparkvsr_nuke.panel.qt import QtWidgets

    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_done():
        application.processEvents()
        assert time.monotonic() < end, what
        time.sleep(0.005)
    current().check_idle()


def entries() -> list[Any]:
    from sparkvsr_nuke.following import jobs

    return list(jobs.job_list().entries.values())


def all_ended(count: int = 1) -> bool:
    from sparkvsr_nuke.following import jobs

    assert current().messages == []
    ended = [entry for entry in entries() if entry.report.state in ("finished", "failed", "cancelled")]
    return len(ended) >= count and not jobs.runtime().steps


def click(node: Any, action: str) -> None:
    from sparkvsr_nuke.panel.qt import QtWidgets

    _application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    artist.click(node, f"sparkvsr_{action}")


def update_results() -> None:
    from sparkvsr_nuke.following import results
    from sparkvsr_nuke.node.script_nodes import all_nodes

    results.update_changed(is_final=True)
    for node in all_nodes():
        results.update_label(node)
