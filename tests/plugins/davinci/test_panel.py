"""The window's Resolve panel: its model without Qt, and the widget with keys and clicks, without a screen."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes.resolve.application import Application
from tests.fakes.resolve.pool import MediaPoolItem
from tests.plugins.davinci.scenes import OPTIONS, Scene

PATIENCE_SECONDS = 200.0


@pytest.fixture
def panel(scene: Scene) -> Iterator[Any]:
    """The model, connected to the stand-in and the engine."""
    from sparkvsr_resolve.bridge_link import EnginePlace
    from sparkvsr_resolve.connections.connection import Connection
    from sparkvsr_resolve.panel_model import PanelModel

    place = EnginePlace(program=str(scene.program), name="panel test")
    model = PanelModel(place, connect=lambda: Connection(look_seconds=0.05))
    model.wishes = scene.wishes(scope="playhead", results="")
    yield model
    model.close()


def wait_for(panel: Any, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        panel.poll()
        assert time.monotonic() < end, (panel.state, panel.task, panel.messages)
        time.sleep(0.02)


def test_it_plans_when_connected_and_places_what_it_planned(scene: Scene, panel: Any):
    item = scene.clip(scene.movie(), at=20, source=10, duration=4)
    scene.timeline.playhead = item.start
    wait_for(panel, lambda: panel.plan is not None)
    assert [(row.name, row.state) for row in panel.rows] == [("plate.mov", "ready")]
    assert panel.can_run
    panel.run()
    assert not panel.can_run
    wait_for(panel, lambda: not panel.task)
    assert [row.state for row in panel.rows] == ["done"], panel.messages
    assert item.selected == 2
    assert scene.numbers(item) == [10, 11, 12, 13]


def test_other_wishes_are_another_plan(scene: Scene, panel: Any):
    movie = scene.movie()
    first = scene.clip(movie, at=0, source=1, duration=4, name="first")
    scene.clip(movie, at=10, source=10, duration=4, name="second", speed=-1.0)
    scene.timeline.playhead = first.start
    scene.project.settings["timelineInputResMismatchBehavior"] = "centerCrop"
    wait_for(panel, lambda: panel.plan is not None)
    assert [text for text in panel.warnings if "reframed" in text]
    panel.set_wishes(scope="timeline")
    assert panel.rows == ()
    wait_for(panel, lambda: panel.plan is not None)
    assert [(row.name, row.state) for row in panel.rows] == [("first", "ready"), ("second", "left out")]
    panel.set_option("scale", 1.0)
    wait_for(panel, lambda: panel.plan is not None)
    assert panel.warnings == ()
    panel.set_wishes(scope="selected")
    wait_for(panel, lambda: not panel.task)
    assert panel.messages == ["No clip is selected; select some on the Edit page."]
    assert not panel.can_run


@pytest.mark.slow
def test_a_folder_for_results_is_asked_for_and_kept_with_the_project(scene: Scene, panel: Any):
    nest = MediaPoolItem(scene.app, "nest", None, "Compound")
    nest.inner = scene.movie().media
    item = scene.clip(nest, at=20, source=4, duration=4, name="nest")
    scene.timeline.playhead = item.start
    panel.set_wishes(place="track")
    wait_for(panel, lambda: panel.plan is not None)
    assert panel.needs_folder.startswith("Resolve renders nest first")
    assert not panel.can_run
    panel.set_wishes(place="timeline")
    assert panel.needs_folder.startswith("A new timeline needs a folder")
    panel.set_wishes(place="track")
    panel.set_results(str(scene.folder / "chosen"))
    wait_for(panel, lambda: panel.plan is not None)
    assert (panel.needs_folder, panel.can_run) == ("", True)
    panel.run()
    wait_for(panel, lambda: not panel.task)
    assert [row.state for row in panel.rows] == ["done"], panel.messages
    assert list((scene.folder / "chosen").rglob("*.tif"))
    # Another project has none of it, and this one has it again when it is opened.
    first, second = scene.project, scene.app.open_project("Other film")
    wait_for(panel, lambda: panel.state.facts.project_uid == second.uid)
    assert panel.wishes.results == ""
    scene.app.project = first
    wait_for(panel, lambda: panel.state.facts.project_uid == first.uid)
    assert panel.wishes.results == str(scene.folder / "chosen")


def test_another_timeline_is_planned_anew_and_a_closed_one_not_at_all(scene: Scene, panel: Any):
    item = scene.clip(scene.movie(), duration=4)
    scene.timeline.playhead = item.start
    wait_for(panel, lambda: panel.plan is not None)
    before, scene.project.current = panel.plan, None
    wait_for(panel, lambda: panel.state.kind == "no_timeline")
    assert not panel.can_run
    scene.project.add_timeline("Another")
    scene.clip(scene.project.pool.root.clips[0], duration=6)
    scene.timeline.playhead = scene.timeline.start
    wait_for(panel, lambda: panel.plan is not None and panel.plan is not before)
    assert panel.plan.timeline.name == "Another"


class StillModel:
    """A model that stands still and notes the calls it gets."""

    def __init__(self, state: Any, rows: tuple[Any, ...] = ()) -> None:
        from sparkvsr_resolve.plans.wishes import Wishes

        self.state, self.rows = state, rows
        self.wishes = Wishes(options=dict(OPTIONS))
        self.task, self.messages, self.warnings = "", [], ("Read this first.",)
        self.needs_folder = ""
        self.can_plan, self.can_run = state.can_place, bool(rows)
        self.calls: list[Any] = []

    def set_wishes(self, **changes: Any) -> None:
        self.calls.append(changes)

    def set_option(self, name: str, value: Any) -> None:
        self.calls.append((name, value))

    def set_results(self, folder: str) -> None:
        self.calls.append({"results": folder})

    def look(self) -> None:
        self.calls.append("look")

    def run(self) -> None:
        self.calls.append("run")

    def cancel(self) -> None:
        self.calls.append("cancel")

    def poll(self) -> bool:
        return True

    def close(self) -> None:
        self.calls.append("close")


@pytest.fixture
def widgets() -> Any:
    """Qt without a screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    pytest.importorskip("PySide6", reason="the window needs PySide6")
    from sparkvsr_window.widgets.application import make_application
    from sparkvsr_window.widgets.panels import resolve_panel

    make_application()
    return resolve_panel


def ready() -> Any:
    from sparkvsr_resolve.connections.connection_state import after_answer
    from sparkvsr_resolve.exchange.facts import ResolveFacts

    return after_answer(
        ResolveFacts("DaVinci Resolve Studio", (21, 0, 4), "21.0.4", True, "Cut", "p", "Edit", "t")
    )


def test_every_state_has_a_picture_of_its_own(widgets: Any):
    from sparkvsr_resolve.connections.connection_state import KINDS

    pictures = set()
    for kind in KINDS:
        sign = widgets.ConnectionSign()
        sign.resize(sign.sizeHint())
        sign.show_kind(kind, kind)
        pictures.add(bytes(sign.grab().toImage().constBits()))
    assert len(pictures) == len(KINDS)


def test_the_widget_asks_what_is_chosen(widgets: Any):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from sparkvsr_resolve.panel_model import ClipRow

    opened: list[str] = []
    rows = (ClipRow("shot", "clip", "shot: upscales.", "ready", "/rushes/shot.mov"),)
    model = StillModel(ready(), rows)
    panel = widgets.ResolvePanel(model, opened.append)
    panel.show()
    QTest.keyClick(panel.scope, Qt.Key.Key_End)
    QTest.keyClick(panel.place, Qt.Key.Key_Down)
    QTest.mouseClick(panel.start, Qt.MouseButton.LeftButton)
    panel.clips.setCurrentRow(0)
    panel.clips.itemDoubleClicked.emit(panel.clips.item(0))
    assert model.calls == [{"scope": "timeline"}, {"place": "track"}, "run"]
    assert opened == ["/rushes/shot.mov"]
    assert "shot: upscales." in panel.clips.item(0).text()
    assert not panel.stop.isEnabled()
    model.task = "run"
    panel.poll()
    assert panel.stop.isEnabled()
    assert not panel.scope.isEnabled()


def test_the_folder_for_results_is_chosen_in_the_panel(widgets: Any, monkeypatch: Any):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QFileDialog

    model = StillModel(ready())
    model.needs_folder = "A new timeline needs a folder for its results; choose one."
    panel = widgets.ResolvePanel(model, lambda _: None)
    panel.show()
    assert model.needs_folder in panel.words()
    assert not panel.beside.isVisible()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/renders")
    QTest.mouseClick(panel.results, Qt.MouseButton.LeftButton)
    model.wishes = dataclasses.replace(model.wishes, results="/renders")
    panel.refresh()
    QTest.mouseClick(panel.beside, Qt.MouseButton.LeftButton)
    assert model.calls == [{"results": "/renders"}, {"results": ""}]


def test_without_a_timeline_nothing_can_be_pressed(widgets: Any):
    from sparkvsr_resolve.connections.connection_state import ConnectionState

    panel = widgets.ResolvePanel(StillModel(ConnectionState()), lambda _: None)
    assert not panel.start.isEnabled()
    assert not panel.look.isEnabled()
    assert all(widget.accessibleName() for widget in (panel.sign, panel.scope, panel.place, panel.clips))


def test_the_window_shows_it_first_and_ends_its_connection(widgets: Any, tmp_path: Path):
    from sparkvsr_bridge.hosts.engine_place import EnginePlace
    from sparkvsr_window.model.window_model import WindowModel
    from sparkvsr_window.widgets.application import make_window

    window = make_window(WindowModel(tmp_path, EnginePlace(), lambda _: None), [])
    model = StillModel(ready())
    panel = window.connect_resolve(model)
    assert window.tabs.tabText(0) == "Resolve"
    assert window.tabs.currentWidget() is panel
    model.state = ready()
    window.poll()
    window.close()
    assert model.calls == ["close"]


@pytest.mark.usefixtures("resolves_python")
def test_the_plugins_model_is_found_by_its_folder(app: Application, tmp_path: Path):
    from sparkvsr_window.start import resolve_model
    from tests.plugins.davinci.conftest import PLUGIN

    window = SimpleNamespace(place=SimpleNamespace())
    panel = resolve_model(str(PLUGIN), window, [])
    wait_for(panel, lambda: panel.state.kind == "ready")
    panel.close()
