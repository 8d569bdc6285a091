"""Starting Nuke with the plugin: nothing is broken by it, nothing is touched before the first click.

Reports 1, 2, 6, 36, 37.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.nuke.application import current
from tests.fakes.nuke.start import start, stop
from tests.fakes.nuke.startup import run_startup
from tests.plugins.nuke.conftest import PLUGIN, forget_plugin
from tests.plugins.nuke.scenes import Scene, write_plate

HEAVY = ("zmq", "numpy", "OpenEXR", "PySide2", "PySide6", "sparkvsr_bridge.client", "sparkvsr_bridge.process")


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every socket made and every process started."""
    import subprocess

    opened: list[Any] = []

    class Counted(socket.socket):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            opened.append(arguments)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(socket, "socket", Counted)
    monkeypatch.setattr(subprocess, "Popen", lambda *words, **_: opened.append(words))
    return opened


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """A Python that has imported none of the heavy libraries; they come back afterwards."""
    away = {
        name: module
        for name, module in sys.modules.items()
        if any(f"{name}.".startswith(f"{heavy}.") for heavy in HEAVY)
    }
    for name in away:
        monkeypatch.delitem(sys.modules, name)
    before = set(sys.modules)
    yield before
    for name in set(sys.modules) - before:
        if any(f"{name}.".startswith(f"{heavy}.") for heavy in HEAVY):
            del sys.modules[name]


@pytest.mark.parametrize("mode", ["gui", "terminal"])
def test_starting_touches_no_engine_no_socket_and_no_library(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sockets: list[Any], bare: set[str], mode: str
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SPARKVSR_HOME", str(tmp_path / "home"))
    start(mode=mode)
    forget_plugin()
    run_startup(PLUGIN)
    loaded = {name for name in sys.modules if name.split(".")[0] in ("zmq", "numpy", "OpenEXR")}
    assert loaded == set()
    assert sockets == []
    assert list(tmp_path.iterdir()) == []
    assert bool(current().menus) == (mode == "gui")
    assert stop() == []


@pytest.mark.parametrize("fault", ["no bridge", "broken zmq", "unwritable home", "no package"])
def test_a_broken_installation_stops_no_nuke(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str
):
    """Report 1: whatever is missing, Nuke starts, and menus of others are there."""
    import shutil

    plugin = tmp_path / "plugin"
    shutil.copytree(PLUGIN, plugin)
    if fault == "no package":
        shutil.rmtree(plugin / "sparkvsr_nuke")
    if fault == "no bridge":
        (plugin / "sparkvsr_nuke" / "bridge_link.py").write_text("raise ImportError('gone')\n")
    if fault == "broken zmq":
        (tmp_path / "zmq.py").write_text("raise ImportError('libzmq.so: undefined symbol')\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        for name in [name for name in sys.modules if name.split(".")[0] == "zmq"]:
            monkeypatch.delitem(sys.modules, name)
    # Nobody makes a folder in a file, not even root or Windows.
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file" if fault == "unwritable home" else tmp_path))
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if Path(entry) != PLUGIN])
    after = tmp_path / "others"
    after.mkdir()
    (after / "menu.py").write_text("import nuke\nnuke.menu('Nuke').addCommand('Others/Tool', 'pass')\n")
    start()
    forget_plugin()
    run_startup(after, plugin)
    assert current().menus["Nuke"].findItem("Others/Tool") is not None
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("SparkVSR")]
    assert len(lines) == (1 if fault == "no package" else 0)
    assert stop() == []
    forget_plugin()


@pytest.mark.parametrize("variant", ["nuke", "nukex", "studio", "indie", "nc"])
def test_the_node_is_made_in_every_variant(variant: str):
    nuke = start(variant=variant)
    forget_plugin()
    import sparkvsr_nuke

    node = sparkvsr_nuke.create()
    assert node["result_version"].value() == 0
    assert nuke.toNode(node.name()) is node
    assert stop() == []


def test_hiero_gets_no_menus():
    start(variant="hiero")
    forget_plugin()
    run_startup(PLUGIN)
    assert current().menus == {}
    assert stop() == []


def test_assist_is_refused_with_what_cannot_work():
    """Report 36: no menu of ours may raise into Nuke Assist, where groups cannot be made."""
    from tests.fakes.nuke.refusals import take_refusals

    start(variant="assist")
    forget_plugin()
    run_startup(PLUGIN)
    menu = current().menus.get("Nodes")
    item = menu.findItem("SparkVSR") if menu is not None else None
    if item is not None:
        for entry in getattr(item, "_items", [item]):
            if entry.name().startswith("SparkVSR"):
                entry.invoke()
                assert any("Assist" in text for _, text in current().messages)
    take_refusals()
    assert stop() == []


@pytest.mark.parametrize("viewer", ["none", "closed", "without an input"])
def test_a_preview_without_a_viewer_names_the_remedy(scene: Scene, viewer: str):
    """Report 37."""
    nuke = scene.nuke
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", range(1001, 1003)), 1001, 1002)
    scene.save()
    scene.make_node(read)
    if viewer != "none":
        nuke.connectViewer(0, read)
    if viewer == "closed":
        nuke.delete(nuke.toNode("Viewer1"))
    if viewer == "without an input":
        nuke.toNode("Viewer1").setInput(0, None)
    scene.press("preview_region")
    assert scene.had_message("iewer")
