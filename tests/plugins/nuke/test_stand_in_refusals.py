"""What Nuke refuses, the stand-in refuses, and notes it."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest

from tests.fakes.nuke import artist
from tests.fakes.nuke.application import current
from tests.fakes.nuke.refusals import take_refusals
from tests.fakes.nuke.start import start, stop


def test_unknown_classes_knobs_and_values(strict_nuke: Any):
    nuke = strict_nuke
    with pytest.raises(RuntimeError, match="Unknown command"):
        nuke.createNode("SparkVSR")
    read = nuke.nodes.Read()
    with pytest.raises(NameError, match="does not exist"):
        read["colourspace"]
    assert read.knob("colourspace") is None
    with pytest.raises(TypeError, match="no value 'start_at'"):
        read["frame_mode"].setValue("start_at")
    with pytest.raises(TypeError, match="takes a number"):
        read["version"].setValue("one")
    with pytest.raises(TypeError, match="takes a text"):
        read["file"].setValue(3)
    with pytest.raises(RuntimeError, match="no such knob"):
        nuke.createNode("Read", "colourspace linear")
    assert len(take_refusals()) == 6


def test_argument_counts_and_names(strict_nuke: Any):
    nuke = strict_nuke
    with pytest.raises(TypeError, match="takes 1 arguments"):
        nuke.toNode()
    with pytest.raises(TypeError, match="takes 2 arguments"):
        nuke.nodes.Dot().setInput(0)
    with pytest.raises(TypeError, match="no argument nuke_class"):
        nuke.addOnCreate(print, nuke_class="Group")
    with pytest.raises(TypeError, match="takes 3 arguments"):
        nuke.Enumeration_Knob("a", "b")


def test_backslashes_in_paths(strict_nuke: Any):
    nuke = strict_nuke
    with pytest.raises(ValueError, match="Tcl eats it"):
        nuke.nodes.Read()["file"].setValue("C:\\shots\\new.%04d.exr")
    with pytest.raises(ValueError, match="Tcl eats it"):
        nuke.nodes.Write(file="C:\\shots\\new.%04d.exr")
    with pytest.raises(ValueError, match="backslash"):
        nuke.pluginAddPath("C:\\plugins")


def test_tcl_really_eats_backslashes_of_naive_scripts(nuke: Any):
    nuke.scriptReadText('StickyNote {\n label "C:\\shots\\new"\n}')
    assert nuke.toNode("StickyNote1")["label"].value() == "C:shots\new"


def test_calls_off_the_main_thread(strict_nuke: Any):
    errors: list[str] = []

    def work() -> None:
        for call in (strict_nuke.root, strict_nuke.nodes.Dot, strict_nuke.Undo.begin):
            try:
                call()
            except RuntimeError as error:
                errors.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [text.endswith("off the main thread") for text in errors] == [True] * 3
    assert len(take_refusals()) == 3


def test_execute_in_main_thread_at_all(strict_nuke: Any):
    with pytest.raises(RuntimeError, match="not to be used"):
        strict_nuke.executeInMainThread(print)
    with pytest.raises(RuntimeError, match="not to be used"):
        strict_nuke.executeInMainThreadWithResult(print)


@pytest.mark.parametrize(
    "call",
    [
        lambda nuke: nuke.message("hello"),
        lambda nuke: nuke.ask("really?"),
        lambda nuke: nuke.menu("Nuke"),
        lambda nuke: nuke.toolbar("Nodes"),
        lambda nuke: nuke.activeViewer(),
        lambda nuke: nuke.ProgressTask("busy"),
        lambda nuke: nuke.nodes.Dot().showControlPanel(),
        lambda nuke: nuke.nodes.BackdropNode().getNodes(),
        lambda nuke: nuke.getPaneFor("x"),
        lambda nuke: __import__("nukescripts").panels.registerWidgetAsPanel("a.B", "B", "b"),
    ],
)
def test_the_interface_in_a_terminal(call: Any):
    nuke = start(mode="terminal")
    with pytest.raises(RuntimeError, match="needs the interface"):
        call(nuke)
    assert len(stop()) == 1


def test_undo_left_open_is_found_at_the_end_of_a_click(strict_nuke: Any):
    nuke = strict_nuke
    node = nuke.nodes.Group()
    node.addKnob(nuke.PyScript_Knob("go", "Go", "nuke.Undo.begin('left open')"))
    with pytest.raises(AssertionError, match="left open"):
        artist.click(node, "go")
    current().undo.end()


def test_undo_ended_twice_and_within_a_group(strict_nuke: Any):
    nuke = strict_nuke
    with pytest.raises(RuntimeError, match="without having been begun"):
        nuke.Undo.end()
    with nuke.Undo("step"), pytest.raises(RuntimeError, match="inside an open"):
        nuke.undo()


def test_a_deleted_node_is_not_attached(strict_nuke: Any):
    dot = strict_nuke.nodes.Dot()
    strict_nuke.delete(dot)
    with pytest.raises(ValueError, match="not attached"):
        dot.name()


def test_knobs_of_another_file_type(strict_nuke: Any):
    write = strict_nuke.nodes.Write(file="a.%04d.png")
    with pytest.raises(NameError):
        write["compression"]
    write["file_type"].setValue("exr")
    assert write["datatype"].value() == "16 bit half"


def test_a_refusal_is_noted_though_the_caller_hides_it():
    nuke = start()
    with contextlib.suppress(NameError):
        nuke.nodes.Read()["nothing"]
    assert stop() == ["NameError: knob nothing does not exist in Read Read1"]


@pytest.mark.parametrize("variant", ["nc", "indie", "assist"])
def test_variants_without_a_render_licence(variant: str):
    nuke = start(variant=variant)
    assert nuke.env[variant] is True
    write = nuke.nodes.Write(file="/nowhere/a.exr")
    limits = {"maxThreads": 1, "maxCache": "1G"}
    assert nuke.executeBackgroundNuke(nuke.EXE_PATH, [write], nuke.FrameRanges("1-2"), ["main"], limits) == -1
    assert stop() == []


def test_assist_makes_no_groups():
    nuke = start(variant="assist")
    with pytest.raises(RuntimeError, match="Assist"):
        nuke.nodes.Group()
    assert len(stop()) == 1
