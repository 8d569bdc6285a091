"""The stand-in's state: undo, the modified flag, callbacks, menus, start-up files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.nuke import artist
from tests.fakes.nuke.application import current
from tests.fakes.nuke.start import start, stop
from tests.fakes.nuke.startup import run_startup


def test_undo_takes_back_one_step_and_redo_does_it_again(nuke: Any):
    before = nuke.Undo.undoSize()
    with nuke.Undo("three things"):
        node = nuke.nodes.Grade(name="G")
        node.setInput(0, nuke.nodes.Constant(name="C"))
        node["multiply"].setValue(2)
    assert nuke.Undo.undoSize() == before + 1
    assert nuke.Undo.undoDescribe() == "three things"
    nuke.undo()
    assert nuke.toNode("G") is None
    nuke.redo()
    assert nuke.toNode("G").input(0).name() == "C"
    assert nuke.toNode("G")["multiply"].value() == 2


def test_a_deleted_node_comes_back_with_its_wires(nuke: Any):
    source, dot = nuke.nodes.Constant(name="C"), nuke.nodes.Dot(name="D")
    dot.setInput(0, source)
    grade = nuke.nodes.Grade(name="G", inputs=[dot])
    nuke.delete(dot)
    assert grade.input(0) is source
    nuke.undo()
    assert grade.input(0).name() == "D"


def test_undo_switched_off_leaves_no_step_but_marks_the_script(nuke: Any):
    node = nuke.nodes.Grade()
    nuke.modified(False)
    size = nuke.Undo.undoSize()
    nuke.Undo.disable()
    node["multiply"].setValue(3)
    nuke.Undo.enable()
    assert nuke.Undo.undoSize() == size
    assert nuke.modified()
    nuke.root().setModified(False)
    assert not nuke.modified()


def test_moving_in_time_or_selecting_modifies_nothing(nuke: Any):
    node = nuke.nodes.Grade()
    nuke.modified(False)
    nuke.frame(12)
    node.setSelected(True)
    assert not nuke.modified()


def test_knob_changed_runs_with_the_panel_open_only(nuke: Any):
    seen: list[str] = []
    node = nuke.nodes.Grade()
    nuke.addKnobChanged(lambda: seen.append(nuke.thisKnob().name()), nodeClass="Grade")
    node["multiply"].setValue(2)
    assert seen == []
    artist.open_panel(node)
    node["multiply"].setValue(3)
    node.setInput(0, nuke.nodes.Constant())
    node.hideControlPanel()
    assert seen == ["showPanel", "multiply", "inputChange", "hidePanel"]


def test_knob_changed_runs_while_loading_in_a_terminal(tmp_path: Path):
    code = ' knobChanged "print(nuke.thisKnob().name())"'
    text = f"Group {{\n name G\n addUserKnob {{1 state}}\n state x\n{code}\n}}\nend_group\n"
    (tmp_path / "a.nk").write_text(text)
    for mode, runs in (("gui", 0), ("terminal", 1)):
        nuke = start(mode=mode)
        nuke.scriptOpen((tmp_path / "a.nk").as_posix())
        assert bool(current().callback_calls) == bool(runs)
        assert not nuke.modified()
        assert stop() == []


def test_callbacks_on_create_load_and_save(nuke: Any, tmp_path: Path):
    seen: list[str] = []
    nuke.addOnCreate(lambda: seen.append(f"create {nuke.thisNode().name()}"), nodeClass="Group")
    nuke.addOnScriptLoad(lambda: seen.append("load"))
    nuke.addOnScriptSave(lambda: seen.append("save"))
    nuke.nodes.Group(name="G")
    nuke.scriptSaveAs((tmp_path / "a.nk").as_posix())
    nuke.scriptOpen((tmp_path / "a.nk").as_posix())
    assert seen == ["create G", "save", "create G", "load"]


def test_a_failing_save_callback_stops_the_save(nuke: Any, tmp_path: Path):
    def fail() -> None:
        raise OSError("disk full")

    nuke.addOnScriptSave(fail)
    with pytest.raises(OSError, match="disk full"):
        nuke.scriptSaveAs((tmp_path / "a.nk").as_posix())
    assert not (tmp_path / "a.nk").exists()


def test_a_menu_command_is_one_undo_step(nuke: Any):
    def work() -> None:
        nuke.nodes.Dot()
        nuke.nodes.Dot()

    nuke.menu("Nodes").addMenu("SparkVSR").addCommand("Make two", work)
    size = nuke.Undo.undoSize()
    artist.choose_menu("Nodes", "SparkVSR/Make two")
    assert nuke.Undo.undoSize() == size + 1


def test_start_up_files_run_in_order_and_menu_only_in_the_interface(tmp_path: Path):
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    (tmp_path / "init.py").write_text("nuke.pluginAddPath('./plugin')\n")
    (plugin / "init.py").write_text("import nuke\nnuke.tprint('init')\n")
    (plugin / "menu.py").write_text("import nuke\nnuke.menu('Nuke').addCommand('X', 'nuke.tprint(\"x\")')\n")
    for mode, has_menu in (("gui", True), ("terminal", False)):
        start(mode=mode)
        run_startup(tmp_path)
        assert current().messages == [("tprint", "init")]
        assert bool(current().menus) == has_menu
        assert stop() == []


def test_a_failing_menu_file_keeps_nuke_from_starting(tmp_path: Path):
    (tmp_path / "menu.py").write_text("import no_such_module\n")
    start()
    with pytest.raises(ModuleNotFoundError):
        run_startup(tmp_path)
    stop()


def test_frame_ranges(nuke: Any):
    assert nuke.FrameRanges("1-5 10 20-16x2").toFrameList() == [1, 2, 3, 4, 5, 10, 20, 18, 16]
    assert str(nuke.FrameRange("-3-3x3")) == "-3-3x3"
    with pytest.raises(RuntimeError, match="no frame range"):
        nuke.FrameRanges("a-b")


def test_keys_are_linear_and_set_where_an_animated_knob_is_changed(nuke: Any):
    node = nuke.nodes.Grade()
    knob = node["multiply"]
    knob.setValueAt(1, 10)
    knob.setValueAt(2, 20)
    assert knob.valueAt(15) == 1.5
    nuke.frame(30)
    knob.setValue(5)
    assert knob.getKeyList() == [10, 20, 30]
    curve = knob.animation(0)
    assert curve.size() == 3
    assert [curve.evaluate(frame) for frame in (10, 20, 30)] == [1, 2, 5]
