"""The dock in whichever Qt is here: what it shows, what its buttons do; its rows from real job reports."""

from __future__ import annotations

import importlib.util
import os
from typing import Any, ClassVar

import pytest
from sparkvsr_nuke.panel.rows import DockView, JobRow, dock_view, trust_cells
from sparkvsr_nuke.requests.shot_requests import NodeRecord

QT = next((name for name in ("PySide6", "PySide2") if importlib.util.find_spec(name) is not None), None)
in_qt = pytest.mark.skipif(QT is None, reason="NOT CHECKED: no PySide6 or PySide2 here")
TRUST = tuple(0.2 + 0.8 * abs(cell - 24) / 24 for cell in range(48))

IDLE = DockView("The engine starts with the first job.", False, (), (), ())
RUNNING = DockView(
    "The engine is running.",
    True,
    (
        JobRow(("b", 1), "SparkVSR2 v001", "Waiting for the engine", 0.0, True, True, False, ()),
        JobRow(("a", 2), "SparkVSR1 v003", "Rendering 31 of 48, 0:12 left", 31 / 48, True, True, False, ()),
    ),
    ("Sending the job",),
    ("SparkVSR1: version 3. Read by path from Read1.",),
)
DONE = DockView(
    "The engine is running.",
    True,
    (JobRow(("a", 2), "SparkVSR1 v003", "Finished", 1.0, False, False, False, TRUST),),
    (),
    (
        "SparkVSR1: version 3. Rendered first, because Grade1 changes the picture.",
        "64 pixels of overscan are outside the format and not upscaled; put a Reformat or Crop with"
        " 'reformat' before the node to keep them.",
    ),
)
NO_ENGINE = DockView(
    "The engine is not set up; choose its Python (or its sparkvsr program) in SparkVSR > Engine... or"
    " SPARKVSR_ENGINE.",
    False,
    (),
    (),
    ("The engine is not set up; choose its Python (or its sparkvsr program).",),
)
STATES = {"idle": IDLE, "running": RUNNING, "done": DONE, "no-engine": NO_ENGINE}


APPLICATIONS: list[Any] = []


def make_dock(view: DockView) -> tuple[Any, list[tuple[str, str]]]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from sparkvsr_nuke.panel.dock import Dock
    from sparkvsr_nuke.panel.qt import QtWidgets

    # Qt ends its application with the last reference to it.
    APPLICATIONS.append(QtWidgets.QApplication.instance() or QtWidgets.QApplication([]))
    clicks: list[tuple[str, str]] = []
    names = ("cancel", "pause", "resume", "engine", "test")
    commands = {name: lambda job, name=name: clicks.append((name, job)) for name in names}
    return Dock(lambda: view, commands), clicks


@in_qt
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_drawn(state: str):
    dock, _ = make_dock(STATES[state])
    dock.resize(420, 480)
    picture = dock.grab().toImage()
    colours = {picture.pixel(x, y) for x in range(0, 420, 6) for y in range(0, 480, 6)}
    assert len(colours) > 3


@in_qt
def test_buttons_name_their_job_and_only_those_that_help_are_there():
    from sparkvsr_nuke.panel.qt import QtWidgets

    dock, clicks = make_dock(RUNNING)
    for button in dock.findChildren(QtWidgets.QPushButton):
        if not button.isHidden():
            button.click()
    assert sorted(clicks) == [
        ("cancel", "a"), ("cancel", "b"), ("engine", ""), ("pause", "a"), ("pause", "b"), ("test", ""),
    ]  # fmt: skip


@in_qt
def test_the_dock_follows_what_it_is_shown():
    from sparkvsr_nuke.panel.qt import QtWidgets

    dock, _ = make_dock(RUNNING)
    dock._look = lambda: DONE
    dock.refresh()
    texts = [label.text() for label in dock.findChildren(QtWidgets.QLabel) if not label.isHidden()]
    assert "Finished" in texts
    assert "SparkVSR2 v001" not in [
        label.text() for label in dock.findChildren(QtWidgets.QLabel) if label.isVisibleTo(dock)
    ]


def test_rows_come_from_the_engines_reports():
    from sparkvsr_bridge.hosts.job_list import JobList
    from sparkvsr_bridge.hosts.requests import ShotRequest
    from sparkvsr_bridge.messages import JobReport

    class Runtime:
        """What the plugin's runtime holds."""

        job_list = JobList()
        log = ("a line",)
        steps: ClassVar[dict[str, str]] = {}

    record = NodeRecord("token", 3, "left", ShotRequest("/p.%04d.exr", 1, 4, {}))
    report = JobReport("job", 1, "running", "/p", "/t", frames_total=4, frames_done=1, phase="rendering")
    Runtime.job_list.accept(report, record).trust.update({1: 0.5})
    view = dock_view(Runtime, {"token": "SparkVSR1"})
    row = view.rows[0]
    assert (row.title, row.text, row.fraction) == ("SparkVSR1 v003 left", "Rendering 1 of 4", 0.25)
    assert (row.can_cancel, row.can_pause, row.can_resume) == (True, True, False)
    assert row.trust == (0.5, None, None, None)
    assert view.log == ("a line",)


def test_a_strip_shows_the_least_trusted_frame_of_each_cell():
    assert trust_cells({}, 1, 10) == ()
    assert trust_cells({1: 0.9, 2: 0.1, 3: 0.8}, 1, 4, most=2) == (0.1, 0.8)
    assert trust_cells({1: 0.9}, 1, 4, most=4) == (0.9, None, None, None)
