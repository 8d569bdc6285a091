"""`nuke -t`: no interface is called, callbacks do nothing, jobs are sent and waited for.

Reports 9, 11, 13, 14 and the farm command.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes.engine_program import EngineProgram
from tests.fakes.nuke.application import current
from tests.plugins.nuke.conftest import close_scene, open_scene
from tests.plugins.nuke.scenes import Scene, rgba_of, write_plate

FRAMES = range(1001, 1005)


def plain(scene: Scene, **knobs: Any) -> Any:
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", FRAMES), 1001, 1004)
    scene.save()
    return scene.make_node(read, **knobs)


def test_a_script_sends_a_job_and_waits_for_its_end(terminal_scene: Scene):
    import sparkvsr_nuke

    scene = terminal_scene
    node = plain(scene)
    pattern = sparkvsr_nuke.render(node)
    assert [Path(pattern.replace("%V", "main") % frame).is_file() for frame in FRAMES] == [True] * 4
    assert [scene.shows(frame) for frame in FRAMES] == list(FRAMES)


def test_what_goes_wrong_is_one_sentence(terminal_scene: Scene):
    import sparkvsr_nuke

    scene = terminal_scene
    node = plain(scene)
    (scene.folder / "plate.1003.exr").unlink()
    with pytest.raises(RuntimeError, match="no file for frame 1003"):
        sparkvsr_nuke.render(node)


def test_a_press_in_a_terminal_is_a_line(terminal_scene: Scene):
    """Report 9: a button pressed by a script shows no box."""
    scene = terminal_scene
    plain(scene)
    (scene.folder / "plate.1003.exr").unlink()
    scene.press("upscale")
    assert ("tprint", "1003") in [(kind, "1003") for kind, text in current().messages if "1003" in text]


def test_opening_a_script_in_a_terminal_does_no_work(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    engine: EngineProgram,
    capsys: pytest.CaptureFixture[str],
    qt: Any,
):
    """Report 11: five nodes; no callback asks the engine, opens a file or prints."""
    scene = open_scene(monkeypatch, tmp_path, engine)
    plain(scene)
    for _ in range(4):
        scene.make_node(scene.nuke.toNode("Read1"))
    scene.nuke.scriptSave()
    close_scene()
    capsys.readouterr()
    again = open_scene(monkeypatch, tmp_path, engine, mode="terminal")
    again.nuke.scriptOpen((tmp_path / "comp_v001.nk").as_posix())
    assert len(again.nuke.allNodes("Group")) == 5
    assert capsys.readouterr().out == ""
    assert current().opened_files == []
    from sparkvsr_nuke.following import jobs

    assert jobs.runtime().session is None
    assert again.nuke.modified() is False
    close_scene()


@pytest.mark.parametrize(
    ("mode", "frames"), [("custom", (1002, 1003)), ("project", (1001, 1002)), ("input", (1001, 1004))]
)
def test_the_range_is_the_nodes(terminal_scene: Scene, mode: str, frames: tuple[int, int]):
    """Report 13."""
    import sparkvsr_nuke

    scene = terminal_scene
    scene.nuke.root()["first_frame"].setValue(1001)
    scene.nuke.root()["last_frame"].setValue(1002)
    node = plain(scene, range_mode=mode, range_text="1002-1003")
    sparkvsr_nuke.render(node)
    numbers = [int(path.name[-8:-4]) for path in scene.result_files()]
    assert numbers == list(range(frames[0], frames[1] + 1))


@pytest.mark.slow
def test_the_farm_command_writes_the_pixels_of_the_node(scene: Scene, engine: EngineProgram):
    """Run in an empty environment, without Nuke, plugin or daemon."""
    node = plain(scene, model="lite", scale=2.0, keyframe_policy="none")
    scene.upscale()
    expected = {frame: rgba_of(scene.picture(frame)) for frame in FRAMES}
    scene.press("farm")
    from sparkvsr_nuke.panel.qt import QtWidgets

    command = QtWidgets.QApplication.clipboard().text()
    words = shlex.split(command)
    assert words[:2] == ["sparkvsr", "upscale"]
    assert "--in-process" in words
    from sparkvsr_nuke.following import jobs

    jobs.wait(lambda: not jobs.runtime().steps)
    assert len(list(scene.folder.rglob("farm/template.json"))) == 1, jobs.runtime().log
    bare = {"PATH": f"{engine.program.parent}:{os.defpath}", "HOME": str(scene.folder / "farm")}
    done = subprocess.run(
        command, shell=True, env=bare, cwd="/", capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    scene.press("reload")
    assert node["result_version"].value() == 2
    for frame in FRAMES:
        assert np.array_equal(rgba_of(scene.picture(frame)), expected[frame])


def test_a_job_of_an_unmodified_script(scene: Scene):
    """Report 14: `scriptSave` does nothing when nothing changed; results are there all the same."""
    plain(scene)
    scene.nuke.modified(False)
    scene.upscale()
    assert [scene.shows(frame) for frame in FRAMES] == list(FRAMES)
