"""Scripts through real Tcl: saved and opened unchanged, other people's scripts, expressions, copies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.nuke import artist
from tests.fakes.nuke.application import current
from tests.fakes.nuke.refusals import StandInGap

AWKWARD = 'C:/ü [brackets] {a} "q" $x\n\\end\ttab; # no'
SCRIPT = """#! /usr/local/Nuke15.0v1/Nuke15.0 -nx
version 15.0 v1
define_window_layout_xml {<?xml version="1.0" encoding="UTF-8"?>
<layout version="1.0"/>
}
Root {
 inputs 0
 name /shots/comp.nk
 first_frame 1001
 last_frame 1003
 format "64 48 0 0 64 48 2 tiny"
}
Constant {
 inputs 0
 color {0.5 0.25 0.125 1}
 format "64 48 0 0 64 48 2 tiny"
 name Constant1
}
set N1 [stack 0]
Grade {
 multiply {{"Constant1.color.r + (frame > 1001 ? 1 : 0)"}}
 name Grade1
}
push $N1
Merge2 {
 inputs 2
 operation difference
 name Merge1
}
Group {
 name Inner
 addUserKnob {20 User l "My knobs"}
 addUserKnob {7 gain l Gain R 0 4}
 gain {{curve x1001 1 x1003 3}}
 addUserKnob {41 mult l Link T Grade9.multiply}
}
 Input {
  inputs 0
  name source
 }
 Grade {
  multiply {{parent.gain}}
  name Grade9
 }
 Output {
  name Output1
 }
end_group
"""


def everything(nuke: Any) -> str:
    return "\n".join(f"{node.fullName()} {node.writeKnobs(0)}" for node in nuke.allNodes())


def test_a_script_of_nukes_own_hand(nuke: Any, tmp_path: Path):
    (tmp_path / "comp.nk").write_text(SCRIPT, "utf-8")
    nuke.scriptOpen((tmp_path / "comp.nk").as_posix())
    merge = nuke.toNode("Merge1")
    assert [merge.input(index).name() for index in (0, 1)] == ["Constant1", "Grade1"] or [
        merge.input(index).name() for index in (0, 1)
    ] == ["Grade1", "Constant1"]
    assert not nuke.modified()
    nuke.frame(1002)
    assert nuke.toNode("Grade1").sample("red", 1, 1) == 0.75
    inner = nuke.toNode("Inner")
    assert inner["gain"].value() == 2
    assert inner["mult"].getLinkedKnob().node().fullName() == "Inner.Grade9"
    assert inner.sample("red", 1, 1) == 2 * merge.sample("red", 1, 1)
    assert nuke.root().firstFrame() == 1001


def test_saved_and_opened_three_times_it_is_the_same(nuke: Any, tmp_path: Path):
    node = nuke.nodes.Group(name="Node")
    for knob in (
        nuke.Tab_Knob("tab", AWKWARD),
        nuke.String_Knob("text", "Text"),
        nuke.Multiline_Eval_String_Knob("lines", "Lines"),
        nuke.File_Knob("path", "Path"),
        nuke.Int_Knob("count", "Count"),
        nuke.Double_Knob("gain", "Gain"),
        nuke.Boolean_Knob("on", "On"),
        nuke.Enumeration_Knob("choice", "Choice", ["a b", "[c]", 'd"']),
        nuke.PyScript_Knob("go", "Go", "print('{')  # [x]"),
        nuke.Text_Knob("note", "", AWKWARD),
    ):
        node.addKnob(knob)
    node["text"].setValue(AWKWARD)
    node["lines"].setValue("two\nlines")
    node["path"].setValue("/shots/ü and [value root.name] {x}/a.%04d.exr")
    node["count"].setValue(-3)
    node["gain"].setExpression("frame/2 + [value count]")
    node["on"].setValue(True)
    node["choice"].setValue("[c]")
    node["go"].setFlag(nuke.INVISIBLE)
    path = (tmp_path / "ü 1.nk").as_posix()
    nuke.scriptSaveAs(path)
    first, knobs = Path(path).read_text("utf-8"), everything(nuke)
    for _ in range(3):
        nuke.scriptOpen(path)
        assert not nuke.modified()
        assert everything(nuke) == knobs
        nuke.modified(True)
        nuke.scriptSave()
        assert Path(path).read_text("utf-8") == first
    node = nuke.toNode("Node")
    assert node["text"].value() == AWKWARD
    assert node["note"].value() == AWKWARD
    assert node["go"].visible() is False
    nuke.frame(10)
    assert node["gain"].value() == 2
    assert node["path"].getEvaluatedValue() == f"/shots/ü and {path} {{x}}/a.0010.exr"


def test_saving_an_unmodified_script_does_nothing(nuke: Any, tmp_path: Path):
    path = tmp_path / "a.nk"
    nuke.scriptSaveAs(path.as_posix())
    path.unlink()
    nuke.scriptSave()
    assert not path.exists()


def test_copies_are_nodes_of_their_own(nuke: Any):
    node = nuke.nodes.Group(name="Node")
    with node:
        nuke.nodes.Output(inputs=[nuke.nodes.Input(name="source")])
    node.addKnob(nuke.String_Knob("state", "State", "one"))
    node.setInput(0, nuke.nodes.Constant())
    artist.select(node)
    nuke.nodeCopy("%clipboard%")
    copy = nuke.nodePaste("%clipboard%")
    assert copy.name() == "Node1"
    assert copy["state"].value() == "one"
    assert [inner.Class() for inner in copy.nodes()] == ["Input", "Output"]
    copy["state"].setValue("two")
    assert node["state"].value() == "one"
    nuke.undo()
    nuke.undo()
    assert nuke.toNode("Node1") is None


def test_expressions_reach_files_python_and_other_nodes(nuke: Any, tmp_path: Path):
    nuke.scriptSaveAs((tmp_path / "comp_v001.nk").as_posix())
    nuke.root()["project_directory"].setValue("[python {nuke.script_directory()}]")
    read = nuke.nodes.Read(file="[file rootname [file tail [value root.name]]]/a.####.exr")
    context = nuke.OutputContext()
    context.setFrame(42)
    assert read["file"].getEvaluatedValue(context) == "comp_v001/a.0042.exr"
    assert read["file"].value() == "[file rootname [file tail [value root.name]]]/a.####.exr"
    assert nuke.root()["project_directory"].evaluate() == tmp_path.as_posix()
    assert nuke.filename(read, nuke.REPLACE) == (tmp_path / "comp_v001/a.0001.exr").as_posix()
    read["file"].setValue("%{shot}/a.exr")
    with pytest.raises(StandInGap):
        read["file"].getEvaluatedValue()
    read["file"].setValue("a.exr")


def test_tcl_is_safe(nuke: Any):
    note = nuke.nodes.StickyNote(label="[exec ls]")
    with pytest.raises(RuntimeError, match="invalid command name"):
        note["label"].evaluate()


def test_an_unclosed_group_is_refused(nuke: Any):
    with pytest.raises(RuntimeError, match="not ended"):
        nuke.scriptReadText("Group {\n name Open\n}\nOutput {\n}\n")
    nuke.scriptClear()


def test_pasted_snippets_hang_on_the_selection(nuke: Any):
    source = nuke.nodes.Constant()
    artist.select(source)
    current().clipboard = (
        "set cut_paste_input [stack 0]\nversion 15.0 v1\npush $cut_paste_input\nGrade {\n name G\n}\n"
    )
    assert nuke.nodePaste("%clipboard%").input(0) is source
