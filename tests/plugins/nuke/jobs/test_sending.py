"""The node with the real daemon: jobs in a terminal and in the interface, revisions, copies, keyframes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tkinter")

from tests.fakes.nuke.application import current
from tests.fakes.nuke_plates import plate_frame, read_exr, read_node, write_exr
from tests.plugins.nuke.jobs.node_jobs import (
    all_ended,
    click,
    entries,
    in_the_interface,
    make_shot,
    pump,
    update_results,
)


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
    update_results()
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
    update_results()
    assert shot["sparkvsr_status"].value() == "v002"
    grade["white"].setValue(1.2)
    update_results()
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
    update_results()
    assert shot["sparkvsr_status"].value() == "v001"
    write_exr(tmp_path / "keys" / "k.1003.exr", plate_frame(1003))
    update_results()
    assert shot["sparkvsr_status"].value() == "v001  out of date"


@in_the_interface
def test_two_clicks_in_a_row_make_two_versions(shot: Any, tmp_path: Path):
    from sparkvsr_nuke.node.script_nodes import state_of

    click(shot, "upscale")
    click(shot, "upscale")
    pump(lambda: all_ended(2), "the jobs did not end")
    assert [version.number for version in state_of(shot).versions] == [1, 2]
    assert {entry.record.origin for entry in entries()} == {state_of(shot).token}
