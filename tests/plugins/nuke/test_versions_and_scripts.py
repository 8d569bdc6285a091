"""Nodes live in scripts: saved, opened, copied, undone, with and without the plugin.

Reports 10, 12, 28, 29, 30, 31, 32, 33.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.nuke import artist
from tests.fakes.nuke.application import current
from tests.plugins.nuke.conftest import ROOT, close_scene, open_scene
from tests.plugins.nuke.scenes import Scene, half_steps, numbered, rgba_of, write_exr, write_plate

FRAMES = range(1001, 1005)


def plain(scene: Scene, **knobs: Any) -> Any:
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", FRAMES), 1001, 1004)
    scene.save()
    return scene.make_node(read, **knobs)


def text_of(nuke: Any) -> str:
    return "\n".join(f"{node.fullName()} {node.writeKnobs(0)}" for node in nuke.allNodes())


def test_landing_frames_add_no_undo_step_and_modify_nothing(scene: Scene):
    plain(scene)
    scene.press("upscale")
    scene.nuke.scriptSave()
    steps = scene.nuke.Undo.undoSize()
    scene.finish()
    assert scene.nuke.Undo.undoSize() == steps
    assert scene.nuke.modified() is False
    assert [scene.shows(frame) for frame in FRAMES] == list(FRAMES)


def test_one_undo_takes_back_one_click(scene: Scene):
    node = plain(scene)
    before = text_of(scene.nuke)
    steps = scene.nuke.Undo.undoSize()
    for action in ("add_keyframe", "clear_keyframes"):
        scene.press(action)
    assert scene.nuke.Undo.undoSize() == steps + 2
    scene.nuke.undo()
    assert node["keyframe_frames"].value() == str(scene.nuke.frame())
    scene.nuke.undo()
    assert text_of(scene.nuke) == before
    scene.upscale()
    assert scene.nuke.Undo.undoSize() == steps + 1
    scene.nuke.undo()
    assert node["result_version"].value() == 0
    assert node.node("result_v001") is None
    scene.nuke.redo()
    assert node["result_version"].value() == 1
    assert scene.shows(1002) == 1002


def test_saved_and_opened_three_times_it_is_identical(scene: Scene):
    plain(scene)
    scene.upscale()
    scene.nuke.scriptSave()
    path = scene.folder / "comp_v001.nk"
    first = path.read_text("utf-8")
    for _ in range(3):
        scene.nuke.scriptOpen(path.as_posix())
        assert scene.nuke.modified() is False
        scene.nuke.modified(True)
        scene.nuke.scriptSave()
        assert path.read_text("utf-8") == first
    scene.node = scene.nuke.toNode("SparkVSR1")
    assert [scene.shows(frame) for frame in FRAMES] == list(FRAMES)


def test_without_the_plugin_a_saved_script_renders_the_same_pixels(scene: Scene):
    """Report 10: another Nuke, another process, no plugin on any path."""
    plain(scene)
    scene.upscale()
    nuke = scene.nuke
    target = scene.folder / "out.%04d.exr"
    write = nuke.nodes.Write(file=target.as_posix(), file_type="exr", channels="rgba", inputs=[scene.node])
    write.setName("Out")
    nuke.scriptSave()
    script = scene.folder / "comp_v001.nk"
    command = [sys.executable, "-m", "tests.fakes.nuke.program", "-x", "-F", "1001-1004", str(script)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    for frame in FRAMES:
        rendered = scene.read(target, 1001, 1004)
        assert half_steps(rgba_of(scene.picture(frame, node=rendered)), rgba_of(scene.picture(frame))) <= 1


def test_a_render_stops_at_a_frame_that_is_not_there_and_names_it(scene: Scene):
    plain(scene)
    scene.upscale()
    nuke = scene.nuke
    write = nuke.nodes.Write(file=(scene.folder / "out.%04d.exr").as_posix(), file_type="exr")
    write.setInput(0, scene.node)
    nuke.scriptSave()
    scene.result_files()[2].unlink()
    script = scene.folder / "comp_v001.nk"
    command = [sys.executable, "-m", "tests.fakes.nuke.program", "-x", "-F", "1001-1004", str(script)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0
    assert "1003" in done.stderr
    assert not (scene.folder / "out.1003.exr").exists()


def test_a_copy_starts_its_own_jobs_and_versions(scene: Scene):
    node = plain(scene, keyframe_frames="1002", guidance=0.5, seed=7)
    node["keyframe_strength"].setValueAt(0.5, 1002)
    node["scale"].setExpression("1 + 0*frame")
    scene.upscale()
    artist.select(node)
    scene.nuke.nodeCopy("%clipboard%")
    copy = scene.nuke.nodePaste("%clipboard%")
    for name, knob in node.knobs().items():
        if name not in ("name", "selected", "xpos", "ypos"):
            assert copy[name].toScript(False) == knob.toScript(False), name
    copy.setInput(0, node.input(0))
    original = scene.state
    scene.node = copy
    scene.upscale()
    assert scene.state.token != original.token
    assert scene.state.latest.pattern != original.latest.pattern
    assert {job.job for job in scene.state.latest.jobs}.isdisjoint(
        job.job for version in original.versions for job in version.jobs
    )
    scene.node = node
    assert scene.state == original


def test_linked_animated_and_expression_knobs_are_evaluated_when_a_job_is_sent(scene: Scene):
    control = scene.nuke.nodes.NoOp(name="Control")
    control.addKnob(scene.nuke.Double_Knob("amount", "amount"))
    control["amount"].setValue(0.25)
    node = plain(scene, keyframe_frames="1001 1004", keyframe_policy="manual", model="lite")
    node["guidance"].setExpression("Control.amount * 2")
    node["keyframe_strength"].setValueAt(0.5, 1001)
    node["keyframe_strength"].setValueAt(2.0, 1004)
    node["output_path"].setValue("[file dirname [value root.name]]/out/plate_v###.####.exr")
    painted = scene.read(write_plate(scene.folder / "painted.%04d.exr", FRAMES), 1001, 1004)
    node.setInput(1, painted)
    version = scene.upscale()
    request = json.loads(version.jobs[0].request)
    settings = json.dumps(request)
    assert '"guidance": 0.5' in settings
    assert [item["strength"] for item in request["keyframes"]] == [0.5, 2.0]
    assert version.pattern.startswith(f"{scene.folder.as_posix()}/out/plate_v001/")
    scene.nuke.scriptSave()
    scene.nuke.scriptOpen((scene.folder / "comp_v001.nk").as_posix())
    node = scene.nuke.toNode("SparkVSR1")
    assert node["guidance"].hasExpression()
    assert node["keyframe_strength"].getKeyList() == [1001, 1004]
    assert node["output_path"].getText().startswith("[file dirname")


def test_a_new_version_leaves_connections_and_old_versions_alone(scene: Scene):
    node = plain(scene)
    below = scene.nuke.nodes.Grade(name="Below", inputs=[node])
    scene.upscale()
    files = {path: path.read_bytes() for path in scene.result_files()}
    assert scene.upscale().number == 2
    assert below.input(0) is node
    assert node.input(0).name() == "Read1"
    assert {path: path.read_bytes() for path in files} == files
    node["result_version"].setValue(1)
    assert scene.shows(1003) == 1003


def test_a_result_of_a_result_has_the_sources_metadata(scene: Scene):
    """Report 28: nothing grows with each pass."""
    node = plain(scene)
    scene.upscale()
    first = scene.node
    scene.make_node(node)
    scene.upscale()
    read = first.input(0)
    assert scene.picture(1002).metadata == scene.picture(1002, node=read).metadata


@pytest.mark.slow
def test_a_label_shows_when_a_result_is_out_of_date(scene: Scene):
    node = plain(scene)
    scene.upscale()
    scene.wait(lambda: "v001" in node["sparkvsr_status"].value())
    assert "out of date" not in node["sparkvsr_status"].value()
    assert "v001" in node["label"].evaluate()
    scene.nuke.frame(1003)
    node.setXYpos(7, 7)
    node["guidance"].setValue(0.5)
    scene.wait(lambda: "out of date" in node["sparkvsr_status"].value())
    node["guidance"].setValue(1.0)
    scene.wait(lambda: "out of date" not in node["sparkvsr_status"].value())


def test_opened_in_the_middle_of_a_job_it_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: Any
):
    """The script is saved with a job on its way; another Nuke opens it and sees it end."""
    frames = range(1001, 1025)
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", frames), 1001, 1024)
    scene.save()
    scene.make_node(read, model="lite", scale=2.0, keyframe_policy="none")
    scene.press("upscale")
    scene.nuke.scriptSave()
    close_scene()
    again = open_scene(monkeypatch, tmp_path, engine)
    again.nuke.scriptOpen((tmp_path / "comp_v001.nk").as_posix())
    again.node = again.nuke.toNode("SparkVSR1")
    assert again.state.latest is not None
    artist.open_panel(again.node)
    again.finish()
    assert all(job.state == "finished" for job in again.state.latest.jobs)
    assert [again.picture(frame).planes["rgba.green"].mean() > 0 for frame in (1001, 1024)] == [True, True]
    assert again.nuke.modified() is False


def test_a_name_beyond_ascii_and_awkward_texts_survive(scene: Scene):
    node = plain(scene, keyframe_model="", source_colour="")
    node.setName("Größe_1")
    scene.upscale()
    scene.nuke.scriptSave()
    for _ in range(3):
        scene.nuke.scriptOpen((scene.folder / "comp_v001.nk").as_posix())
        scene.nuke.modified(True)
        scene.nuke.scriptSave()
    scene.node = scene.nuke.toNode("Größe_1")
    assert [scene.shows(frame) for frame in FRAMES] == list(FRAMES)
    assert scene.node["sparkvsr_state"].value().isascii()


def test_make_read_places_an_ordinary_read(scene: Scene):
    plain(scene)
    scene.upscale()
    steps = scene.nuke.Undo.undoSize()
    scene.press("make_read")
    read = scene.nuke.toNode("SparkVSR1_v001")
    assert scene.nuke.Undo.undoSize() == steps + 1
    assert read.Class() == "Read"
    assert [scene.shows(frame, node=read) for frame in FRAMES] == list(FRAMES)
    assert read["localizationPolicy"].value() == "off"


def test_a_removed_node_loses_no_frame(scene: Scene):
    node = plain(scene)
    scene.press("upscale")
    pattern = scene.state.latest.pattern
    scene.nuke.delete(node)
    end = Path(pattern.replace("%V", "main") % 1004)
    scene.wait(end.is_file)
    assert current().callback_errors == []


@pytest.mark.slow
def test_an_edit_of_the_plate_is_seen_as_out_of_date_after_reload(scene: Scene):
    node = plain(scene)
    scene.upscale()
    write_exr(scene.folder / "plate.1002.exr", numbered(1009))
    node.input(0)["reload"].execute()
    scene.wait(lambda: "out of date" in node["sparkvsr_status"].value())
    scene.upscale()
    assert scene.shows(1002) == 1009
