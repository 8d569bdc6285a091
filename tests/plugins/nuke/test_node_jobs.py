"""The node with the real daemon: jobs in a terminal and in the interface, revisions, copies, no engine.

`SPARKVSR_TEST_ENGINE_PYTHON` names the engine's Python where this one is a host's own.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tkinter")

from tests.fakes.code_path import CODE_PATH
from tests.fakes.nuke import artist
from tests.fakes.nuke.application import current
from tests.fakes.nuke_plates import plate_frame, read_exr, read_node, write_exr, write_plate

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_SECONDS = 240
QT = next((name for name in ("PySide6", "PySide2") if importlib.util.find_spec(name) is not None), None)
in_the_interface = pytest.mark.skipif(QT is None, reason="NOT CHECKED: no PySide6 or PySide2 here")


@pytest.fixture(scope="module")
def engine_home() -> Iterator[Path]:
    """One engine for all tests here: its worker takes its time to start."""
    from sparkvsr_bridge.process import EngineProcess

    folder = Path(tempfile.mkdtemp(prefix="svsr-"))
    yield folder
    EngineProcess(folder, ("none",)).stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def environment(engine_home: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checkout's engine, started by the plugin as Nuke would."""
    monkeypatch.setenv("SPARKVSR_HOME", str(engine_home))
    python = os.environ.get("SPARKVSR_TEST_ENGINE_PYTHON", sys.executable)
    monkeypatch.setenv("SPARKVSR_ENGINE", f"{python} -m sparkvsr_engine")
    monkeypatch.setenv("PYTHONPATH", CODE_PATH)
    # The engine of the checkout, not an installed one.
    monkeypatch.setenv("SPARKVSR_KEEP_ENVIRONMENT", "PYTHONPATH")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("HOME", str(home))


@pytest.fixture
def shot(nuke: Any, tmp_path: Path) -> Iterator[Any]:
    """A node behind a Read of six frames; model identity, no keyframes; the script is saved."""
    yield from make_shot(nuke, tmp_path)


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


def settle() -> None:
    from sparkvsr_nuke.following import results
    from sparkvsr_nuke.node.script_nodes import all_nodes

    results.update_changed(is_final=True)
    for node in all_nodes():
        results.update_label(node)


@pytest.mark.slow
def test_a_terminal_sends_a_job_and_waits(tmp_path: Path):
    from tests.fakes.nuke.start import running
    from tests.plugins.nuke.conftest import forget_plugin

    with running(mode="terminal") as nuke:
        forget_plugin()
        for node in make_shot(nuke, tmp_path):
            import sparkvsr_nuke

            pattern = sparkvsr_nuke.render(node)
            assert pattern == f"{tmp_path.as_posix()}/sparkvsr/SparkVSR1_v001/SparkVSR1_v001.%04d.exr"
            for frame in range(1001, 1007):
                assert np.abs(read_exr(Path(pattern % frame)) - plate_frame(frame)).max() < 1e-3
            with pytest.raises(RuntimeError, match="Nothing changed"):
                sparkvsr_nuke.render(node, revise=True)
            node["range_mode"].setValue("custom")
            node["range_text"].setValue("1001-1004")
            assert sparkvsr_nuke.render(node, revise=True).endswith("SparkVSR1_v002.%04d.exr")
            assert node["result_version"].value() == 2
            assert "sparkvsr_nuke.following.timer" not in sys.modules


@in_the_interface
def test_a_job_in_the_interface_makes_one_undo_step_and_no_modification(nuke: Any, shot: Any):
    click(shot, "upscale")
    pump(lambda: shot["result_version"].value() == 1, "the job was not accepted")
    nuke.scriptSave()
    steps = [step.name for step in current().undo.done]
    pump(all_ended, "the job did not end")
    settle()
    assert [entry.report.state for entry in entries()] == ["finished"]
    assert not nuke.root().modified()
    assert [step.name for step in current().undo.done] == steps
    assert shot["sparkvsr_status"].value() == "v001"
    nuke.undo()
    assert shot["result_version"].value() == 0
    assert current().messages == []


@in_the_interface
def test_a_graded_branch_is_rendered_once_and_then_only_where_it_changed(
    nuke: Any, shot: Any, tmp_path: Path
):
    grade = nuke.nodes.Grade()
    grade.setInput(0, shot.input(0))
    grade["white"].setValue(1.5)
    shot.setInput(0, grade)
    nuke.root().setProxy(True)
    nuke.frame(1003)
    click(shot, "upscale")
    pump(all_ended, "the job did not end")
    folders = sorted((tmp_path / "sparkvsr" / "renders").glob("*/source_*"))
    stamps = {path: path.stat().st_mtime_ns for path in folders[0].glob("*.exr")}
    assert len(stamps) == 6
    assert nuke.root().proxy()
    assert nuke.frame() == 1003
    shot["scale"].setValue(2.0)
    click(shot, "upscale")
    pump(lambda: all_ended(2), "the second job did not end")
    assert {path: path.stat().st_mtime_ns for path in folders[0].glob("*.exr")} == stamps
    assert sorted((tmp_path / "sparkvsr" / "renders").glob("*/source_*")) == folders
    nuke.root().setProxy(False)
    settle()
    assert shot["sparkvsr_status"].value() == "v002"
    grade["white"].setValue(1.2)
    settle()
    assert shot["sparkvsr_status"].value() == "v002  out of date"


@in_the_interface
def test_a_copy_has_jobs_and_versions_of_its_own(nuke: Any, shot: Any, tmp_path: Path):
    from sparkvsr_nuke.node.script_nodes import state_of

    click(shot, "upscale")
    pump(all_ended, "the job did not end")
    shot.setSelected(True)
    nuke.nodeCopy("%clipboard%")
    copy = nuke.nodePaste("%clipboard%")
    copy.setInput(0, shot.input(0))
    click(copy, "upscale")
    pump(lambda: all_ended(2), "the copy's job did not end")
    assert state_of(copy).token != state_of(shot).token
    assert [version.number for version in state_of(shot).versions] == [1]
    assert {path.name for path in (tmp_path / "sparkvsr").glob("*_v*")} >= {"SparkVSR1_v001"}
    assert len(list((tmp_path / "sparkvsr").glob("*_v*"))) == 2


@in_the_interface
def test_a_missing_frame_is_reported_before_anything_is_sent(shot: Any, tmp_path: Path):
    (tmp_path / "plate" / "plate.1004.exr").unlink()
    click(shot, "upscale")
    assert "no file for frame 1004" in current().messages[-1][1]
    assert not (tmp_path / "sparkvsr").exists()


@in_the_interface
def test_a_failing_branch_is_a_sentence_and_leaves_everything_as_it_was(nuke: Any, shot: Any, tmp_path: Path):
    (tmp_path / "plate" / "plate.1004.exr").unlink()
    grade = nuke.nodes.Grade()
    grade.setInput(0, shot.input(0))
    shot.setInput(0, grade)
    nuke.root().setProxy(True)
    names = sorted(item.name() for item in nuke.allNodes())
    click(shot, "upscale")
    pump(lambda: bool(current().messages), "no message came")
    assert "could not render frame 1004 of Grade1" in current().messages[-1][1]
    assert sorted(item.name() for item in nuke.allNodes()) == names
    assert nuke.root().proxy()
    assert shot["result_version"].value() == 0


@in_the_interface
def test_painted_keyframes_reach_the_engine_with_their_strength(nuke: Any, shot: Any, tmp_path: Path):
    from sparkvsr_nuke.node.script_nodes import state_of

    write_exr(tmp_path / "keys" / "k.1003.exr", plate_frame(1003) * np.float32([2, 1, 1, 1]))
    shot.setInput(1, read_node(nuke, f"{tmp_path.as_posix()}/keys/k.%04d.exr", 1003, 1003))
    shot["keyframe_frames"].setValue("1003")
    shot["keyframe_strength"].setAnimated()
    shot["keyframe_strength"].setValueAt(0.5, 1003)
    shot["look"].setValue("propagate")
    click(shot, "upscale")
    pump(all_ended, "the job did not end")
    from sparkvsr_bridge.hosts.requests import ShotRequest

    keyframe = ShotRequest.from_json(state_of(shot).versions[0].jobs[0].request).keyframes[0]
    assert (keyframe.frame, keyframe.strength) == (1003, 0.5)
    assert keyframe.image == f"{tmp_path.as_posix()}/keys/k.1003.exr"
    assert keyframe.colour == "Linear Rec.709 (sRGB)"
    assert [entry.report.state for entry in entries()] == ["finished"]
    settle()
    assert shot["sparkvsr_status"].value() == "v001"
    write_exr(tmp_path / "keys" / "k.1003.exr", plate_frame(1003))
    settle()
    assert shot["sparkvsr_status"].value() == "v001  out of date"


@in_the_interface
def test_a_preview_is_shown_and_is_no_edit(nuke: Any, shot: Any, tmp_path: Path):
    nuke.frame(1002)
    nuke.scriptSave()
    steps = len(current().undo.done)
    click(shot, "preview")
    pump(lambda: shot["view"].value() == "preview", "no preview came")
    picture = Path(shot.node("preview_picture")["file"].value())
    assert np.abs(read_exr(picture)[..., :3] - plate_frame(1002)[..., :3]).max() < 1e-3
    assert len(current().undo.done) == steps
    assert not nuke.root().modified()


@in_the_interface
def test_an_engine_that_is_not_there_is_a_sentence(shot: Any, home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPARKVSR_HOME", str(home))
    monkeypatch.setenv("SPARKVSR_ENGINE", "/nowhere/sparkvsr")
    click(shot, "upscale")
    pump(lambda: bool(current().messages), "no message came")
    assert "/nowhere/sparkvsr" in current().messages[-1][1]
    assert shot["result_version"].value() == 0


@in_the_interface
def test_cancel_reaches_a_request_that_is_still_on_its_way(shot: Any, tmp_path: Path):
    from sparkvsr_nuke.following import jobs

    click(shot, "upscale")
    click(shot, "cancel")
    pump(lambda: not jobs.runtime().steps, "the request did not end")
    assert shot["result_version"].value() == 0
    assert entries() == []
    assert current().messages == []
    assert list(jobs.runtime().log) == ["The request was cancelled before it was sent."]


@in_the_interface
def test_cancel_stops_a_running_job_and_resume_goes_on(shot: Any):
    shot["model"].setValue("lite")
    shot["scale"].setValue(2.0)
    shot["keyframe_frames"].setValue("1003")
    click(shot, "upscale")
    pump(lambda: bool(entries()), "the job was not accepted")
    click(shot, "cancel")
    pump(all_ended, "the job did not end")
    assert [entry.report.state for entry in entries()] == ["cancelled"]
    settle()
    assert shot["sparkvsr_status"].value() == "v001  cancelled"
    click(shot, "resume")
    pump(lambda: entries()[0].report.state == "finished", "the job did not go on")
    pump(lambda: bool(entries()[0].trust), "the trust in keyframes was not asked for")
    settle()
    assert shot["sparkvsr_status"].value() == "v001"


@in_the_interface
def test_a_failure_while_the_timer_ticks_opens_its_box_outside_of_it(
    shot: Any, monkeypatch: pytest.MonkeyPatch
):
    import nuke
    from sparkvsr_nuke.following import jobs

    ticking: list[bool] = []
    monkeypatch.setattr(nuke, "message", lambda _: ticking.append(jobs.runtime().is_ticking))
    shot["model"].setValue("no such model")
    click(shot, "upscale")
    pump(lambda: bool(ticking), "no message came")
    assert ticking == [False]


@in_the_interface
def test_two_clicks_in_a_row_make_two_versions(shot: Any, tmp_path: Path):
    from sparkvsr_nuke.node.script_nodes import state_of

    click(shot, "upscale")
    click(shot, "upscale")
    pump(lambda: all_ended(2), "the jobs did not end")
    assert [version.number for version in state_of(shot).versions] == [1, 2]
    assert {entry.record.origin for entry in entries()} == {state_of(shot).token}


@in_the_interface
def test_suggested_frames_are_one_undo_step_with_their_reasons(nuke: Any, shot: Any):
    from sparkvsr_nuke.following import jobs
    from sparkvsr_nuke.frame_text import parse_frames

    shot["model"].setValue("lite")
    shot["scale"].setValue(2.0)
    click(shot, "suggest_keyframes")
    pump(lambda: not jobs.runtime().steps, "nothing was suggested")
    frames = parse_frames(shot["keyframe_frames"].value())
    assert frames
    assert set(frames) <= set(range(1001, 1007))
    assert any(line.startswith(f"frame {frames[0]}: ") for line in jobs.runtime().log)
    nuke.undo()
    assert shot["keyframe_frames"].value() == ""
    assert current().messages == []


@in_the_interface
def test_keyframes_of_a_small_stream_come_into_the_list_with_its_full_size(
    nuke: Any, shot: Any, tmp_path: Path
):
    # The engine's folder lies on the path in Nuke's Pythons too; what it needs does not.
    pytest.importorskip("torch", reason="NOT CHECKED: this Python has no engine to pack with")
    from sparkvsr_nuke.following import jobs

    from tests.fakes.streams import packed_movie

    stream = packed_movie(tmp_path, "small.mp4", "2,7")
    shot.setInput(0, read_node(nuke, stream.as_posix(), 1, 12))
    nuke.root()["first_frame"].setValue(1)
    nuke.root()["last_frame"].setValue(12)
    click(shot, "take_stream_keyframes")
    pump(lambda: not jobs.runtime().steps, "no keyframes were taken")
    assert shot["keyframe_frames"].value() == "3 8"
    assert shot["scale"].value() == 2.0
    nuke.undo()
    assert (shot["keyframe_frames"].value(), shot["scale"].value()) == ("", 1.0)
    assert current().messages == []


@in_the_interface
def test_a_source_without_keyframes_of_its_own_changes_nothing_and_is_named(shot: Any):
    from sparkvsr_nuke.following import jobs

    shot["keyframe_frames"].setValue("1002")
    click(shot, "take_stream_keyframes")
    pump(lambda: not jobs.runtime().steps and bool(current().messages), "nothing was shown")
    assert "brings no keyframes" in current().messages[-1][1]
    assert (shot["keyframe_frames"].value(), shot["scale"].value()) == ("1002", 1.0)


@in_the_interface
@pytest.mark.parametrize(
    ("action", "knob", "name"),
    [("list_models", "model", "lite"), ("list_keyframe_models", "keyframe_model", "crisp")],
)
def test_models_are_chosen_from_the_engines_list(
    nuke: Any, shot: Any, action: str, knob: str, name: str, monkeypatch: pytest.MonkeyPatch
):
    offered: list[str] = []

    def choose(_title: str, _prompt: str, texts: list[str], _default: int) -> int:
        offered.extend(text.split(":")[0] for text in texts)
        return offered.index(name)

    monkeypatch.setattr(nuke, "choice", choose)
    click(shot, action)
    pump(lambda: shot[knob].value() == name, "no model was chosen")
    assert ("sparkvsr" in offered) == (knob == "model")
    nuke.undo()
    assert shot[knob].value() != name


@in_the_interface
def test_a_node_of_an_earlier_version_is_given_the_policies_there_are(nuke: Any, shot: Any):
    import sparkvsr_nuke
    from sparkvsr_nuke.node.knob_specs import POLICY_NAMES

    shot["keyframe_policy"].setValues(["adaptive", "manual", "none"])
    shot["keyframe_policy"].setValue("none")
    nuke.root().setModified(False)
    sparkvsr_nuke.knob_changed(shot, nuke.String_Knob("showPanel"))
    assert tuple(shot["keyframe_policy"].values()) == POLICY_NAMES
    assert shot["keyframe_policy"].value() == "none"
    assert not nuke.root().modified()
