"""The engine is absent, killed, slow or cancelled: one sentence, nothing lost (reports 7, 33, 34)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.engine_program import EngineProgram
from tests.fakes.nuke.application import current
from tests.fakes.programs import KILL
from tests.plugins.nuke.conftest import close_scene, open_scene
from tests.plugins.nuke.scenes import Scene, write_plate

FRAMES = range(1001, 1025)


@pytest.fixture
def lonely(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: EngineProgram, qt: Any
) -> Iterator[tuple[Scene, EngineProgram]]:
    """A scene with an engine of its own, which the test may kill."""
    private_engine = replace(engine, home=Path(tempfile.mkdtemp(prefix="svsr-")))
    yield open_scene(monkeypatch, tmp_path, private_engine), private_engine
    close_scene()
    private_engine.stop()


def plain(scene: Scene, **knobs: Any) -> Any:
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", FRAMES), 1001, 1024)
    scene.save()
    return scene.make_node(read, **knobs)


def engine_pid(engine: EngineProgram) -> int:
    result = list(engine.home.rglob("engine.json"))
    return int(json.loads(result[0].read_text())["pid"]) if result else 0


def test_a_missing_engine_is_reported_and_the_script_can_be_saved(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    node = plain(scene)
    monkeypatch.setenv("SPARKVSR_HOME", tempfile.mkdtemp(prefix="svsr-"))
    monkeypatch.setenv("SPARKVSR_ENGINE", "/nowhere/sparkvsr")
    scene.press("upscale")
    assert scene.state.versions == ()
    assert scene.had_message("ngine")
    assert all("Traceback" not in line for line in scene.reports)
    node["guidance"].setValue(0.5)
    scene.nuke.scriptSave()
    assert scene.nuke.modified() is False


@pytest.mark.slow
def test_an_engine_killed_in_the_middle_is_started_again_and_nothing_is_lost(
    lonely: tuple[Scene, EngineProgram],
):
    scene, engine = lonely
    plain(scene, model="lite", scale=2.0, keyframe_policy="none")
    scene.press("upscale")
    scene.wait(lambda: len(scene.result_files()) > 0)
    os.kill(engine_pid(engine), KILL)
    landed = {path.name for path in scene.result_files()}
    scene.nuke.modified(True)
    scene.nuke.scriptSave()
    scene.finish()
    assert landed <= {path.name for path in scene.result_files()}
    if scene.state.latest.jobs[0].state != "finished":
        scene.press("resume")
        scene.finish()
    assert scene.state.latest.jobs[0].state == "finished"
    assert len(scene.result_files()) == len(FRAMES)


@pytest.mark.slow
def test_cancel_ends_the_job_and_keeps_its_frames(scene: Scene):
    plain(scene, model="lite", scale=4.0, keyframe_policy="none")
    scene.press("upscale")
    scene.press("cancel")
    scene.finish()
    assert scene.state.latest.jobs[0].state in ("cancelled", "finished")
    count = len(scene.result_files())
    if scene.state.latest.jobs[0].state == "cancelled":
        scene.press("resume")
        scene.finish()
    assert len(scene.result_files()) == len(FRAMES) >= count


def test_cancel_without_a_job_shows_a_message(scene: Scene):
    plain(scene)
    scene.press("cancel")
    assert scene.had_message("No job of this node runs")


@pytest.mark.slow
def test_the_engine_starts_from_a_poisoned_environment(
    lonely: tuple[Scene, EngineProgram], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Report 7: Nuke's own Python paths and libraries are not the engine's."""
    scene, engine = lonely
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "numpy.py").write_text("raise ImportError('numpy of Nuke')\n")
    monkeypatch.setenv("PYTHONPATH", str(trap))
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    plain(scene)
    scene.upscale()
    assert scene.shows(1002) == 1002
    assert engine_pid(engine) not in (0, os.getpid())


def test_an_unwritable_output_folder_is_reported_and_saving_works(scene: Scene):
    # Nobody makes a folder in a file, not even root or Windows.
    (scene.folder / "file").touch()
    blocked = scene.folder / "file" / "nowhere"
    node = plain(scene)
    node["output_path"].setValue(f"{blocked.as_posix()}/plate_v###.####.exr")
    scene.press("upscale")
    assert scene.had_message("cannot be made")
    assert scene.state.versions == ()
    scene.nuke.scriptSave()
    assert current().modified is False


def test_the_bridge_runs_in_a_thread_that_never_calls_nuke(scene: Scene):
    """Report 35: the stand-in notes any call off the main thread, and the scene's end fails on it."""
    plain(scene)
    scene.upscale()
    assert "sparkvsr_nuke.following.jobs" in sys.modules


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk that a few pictures fill."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = (
        shutil.which("mount")
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True, check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_reported_and_the_script_can_be_saved(scene: Scene, full_disk: Path):
    """Report 33: the job fails with one sentence, what is finished stays, saving works."""
    node = plain(scene, scale=4.0, model="lite", keyframe_policy="none")
    node["output_path"].setValue(f"{full_disk.as_posix()}/plate_v###.####.exr")
    scene.press("upscale")
    scene.finish()
    assert scene.state.latest.jobs[0].state == "failed"
    assert scene.had_message("disk")
    assert all("Traceback" not in line for line in scene.reports)
    node["guidance"].setValue(0.5)
    scene.nuke.scriptSave()
    assert current().modified is False
