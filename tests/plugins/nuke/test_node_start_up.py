"""Start-up: init.py breaks no render, menu.py no start, and nothing of engine, sockets or Qt is touched."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tkinter")

from tests.fakes.nuke.application import current
from tests.fakes.nuke.start import running
from tests.fakes.nuke.startup import run_startup
from tests.plugins.nuke.conftest import PLUGIN, forget_plugin

# Not PySide or zmq, which cannot be imported twice in one process: `test_starting_nuke.py` starts fresh ones.
HEAVY = ("sparkvsr_bridge.client", "sparkvsr_bridge.process", "sparkvsr_bridge.transport")
QT = next((name for name in ("PySide6", "PySide2") if importlib.util.find_spec(name) is not None), None)


def is_of_bridge(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] == "sparkvsr_bridge"


@pytest.fixture
def clean_modules() -> Iterator[None]:
    """As in a fresh Nuke: the bridge that other tests imported is out of sight, and back afterwards."""
    forget_plugin()
    away = {name: module for name, module in sys.modules.items() if is_of_bridge(name)}
    for name in away:
        del sys.modules[name]
    yield
    forget_plugin()
    # A package of which some modules are new and some are old has two classes of every name.
    for name in [name for name in sys.modules if is_of_bridge(name)]:
        del sys.modules[name]
    sys.modules.update(away)


def heavy_modules() -> list[str]:
    return [name for name in sys.modules if name.startswith(HEAVY)]


def test_the_interface_starts_with_menus_and_nothing_heavy(nuke: Any, clean_modules: None):
    run_startup(PLUGIN)
    artist_creates_a_node()
    assert heavy_modules() == []
    assert nuke.toNode("SparkVSR1") is not None
    assert current().menus["Nuke"].findItem("SparkVSR/Dock") is not None


def artist_creates_a_node() -> None:
    from tests.fakes.nuke.artist import choose_menu

    choose_menu("Nodes", "SparkVSR/SparkVSR")


def test_a_terminal_starts_with_a_search_path_and_nothing_else(clean_modules: None):
    with running(mode="terminal"):
        run_startup(PLUGIN)
        assert not [name for name in sys.modules if name.startswith("sparkvsr_nuke")]
        assert heavy_modules() == []


def test_scripts_with_nodes_open_in_a_terminal_without_a_word(nuke: Any, tmp_path: Path, capsys: Any):
    import sparkvsr_nuke

    for _ in range(5):
        sparkvsr_nuke.create()
    script = tmp_path / "comp.nk"
    nuke.scriptSaveAs(script.as_posix(), True)
    with running(mode="terminal") as terminal:
        forget_plugin()
        terminal.scriptOpen(script.as_posix())
        assert len(terminal.allNodes("Group")) == 5
        assert not terminal.root().modified()
        assert current().callback_errors == []
    assert capsys.readouterr().out == ""
    from tests.fakes.nuke.start import start

    start()


@pytest.mark.parametrize("broken", ["menus.py", "__init__.py"])
def test_a_broken_plugin_costs_one_line_and_no_start(
    nuke: Any, clean_modules: None, tmp_path: Path, broken: str, capsys: Any, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(PLUGIN, tmp_path / "plugin", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "plugin" / "sparkvsr_nuke" / broken).write_text("raise ImportError('broken')\n")
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if folder != str(PLUGIN)])
    run_startup(tmp_path / "plugin")
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["SparkVSR: menu.py failed and the menus are missing (ImportError('broken'))"]
    forget_plugin()


def test_nothing_is_added_in_hiero(clean_modules: None):
    with running(variant="hiero"):
        run_startup(PLUGIN)
        assert "Nodes" not in current().menus or current().menus["Nodes"].findItem("SparkVSR") is None


def test_a_press_with_a_broken_zmq_is_a_sentence(
    nuke: Any, clean_modules: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    import sparkvsr_nuke

    from tests.fakes.nuke_plates import read_node, write_plate

    if QT is None:
        pytest.skip("NOT CHECKED: no PySide6 or PySide2 here")
    # Whatever asks for zmq from now on fails.
    monkeypatch.setitem(sys.modules, "zmq", None)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    node = sparkvsr_nuke.create()
    node.setInput(0, read_node(nuke, write_plate(tmp_path, 1, 2), 1, 2))
    node["output_path"].setValue(f"{tmp_path.as_posix()}/o_v###.####.exr")
    from sparkvsr_nuke.following import jobs, timer
    from sparkvsr_nuke.panel.qt import QtWidgets

    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    sparkvsr_nuke.press(node, "upscale")
    while not current().messages:
        application.processEvents()
    assert "A part of the plugin cannot be loaded" in current().messages[0][1]
    assert "zmq" in current().messages[0][1]
    timer.stop()
    jobs.end()


@pytest.mark.skipif(QT is None, reason="NOT CHECKED: no PySide6 or PySide2 here")
def test_the_dock_opens_from_the_menu(nuke: Any, clean_modules: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    run_startup(PLUGIN)
    from sparkvsr_nuke.panel.opening import NukeDock
    from sparkvsr_nuke.panel.qt import QtWidgets

    _application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    expression = next(iter(current().widget_panels.values()))[0]
    assert eval(expression) is NukeDock
    dock = NukeDock()
    assert "first job" in dock._engine.text()
    assert heavy_modules() == []


def test_the_state_of_a_node_opens_its_panel_with_the_route(nuke: Any, tmp_path: Path):
    import sparkvsr_nuke

    from tests.fakes.nuke.artist import open_panel
    from tests.fakes.nuke_plates import read_node, write_plate

    node = sparkvsr_nuke.create()
    node.hideControlPanel()
    open_panel(node)
    assert node["sparkvsr_route"].value() == "Connect a source."
    node.setInput(0, read_node(nuke, write_plate(tmp_path, 1, 2), 1, 2))
    nuke.root().setModified(False)
    node.hideControlPanel()
    open_panel(node)
    assert node["sparkvsr_route"].value() == "Read by path from Read1."
    assert not nuke.root().modified()
