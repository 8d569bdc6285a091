"""What goes wrong around the window: it shows one sentence, goes on, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.messages import DescribeEngineRequest, EngineReply
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_window.model.documents.memory import read_memory
from sparkvsr_window.model.window_model import WindowModel
from tests.fakes.systems import KILL
from tests.window.conftest import DEMO, open_clip, until

FAKE_ENGINE = Path(__file__).parents[1] / "fakes" / "engine.py"


def texts(model: WindowModel) -> list[str]:
    return [message.text for message in model.core.messages]


def prepare(model: WindowModel, clip: Path, last: int = 3) -> None:
    """Some frames at twice the size, with a keyframe."""
    open_clip(model, clip)
    model.set_settings(scale=2.0)
    model.player.go_to(last)
    model.player.mark_out()
    model.player.go_to(0)
    model.keyframes.set_picture(0, str(DEMO / "keyframe_00.jpg"))


def state(model: WindowModel) -> str:
    document = model.document
    return document.versions[-1].state if document is not None and document.versions else ""


def engine_pid(home: Path) -> int:
    with EngineProcess(home).connect("test") as client:
        return client.request(DescribeEngineRequest(), EngineReply).pid


@pytest.mark.slow
def test_a_killed_engine_comes_back_and_finishes_the_job(model: WindowModel, clip: Path, engine_home: Path):
    prepare(model, clip, last=4)
    model.rendering.render()
    until(model, lambda: state(model) == "running")
    os.kill(engine_pid(engine_home), KILL)
    until(model, lambda: "The engine went away; starting it again." in texts(model))
    until(model, lambda: state(model) == "finished")
    assert model.rendering.current.report.frames_done == 5


@pytest.mark.slow
def test_a_killed_engine_does_not_cost_the_preview_in_view(model: WindowModel, clip: Path, engine_home: Path):
    prepare(model, clip)
    model.stage.show_preview()
    until(model, lambda: model.preview.picture is not None and model.preview.picture.stage == "full")
    os.kill(engine_pid(engine_home), KILL)
    until(model, lambda: model.core.link.state.kind == "offline")
    model.set_guidance(0.2)
    until(model, lambda: model.preview.picture.wish.document.settings.guidance == 0.2)


@pytest.mark.slow
def test_a_window_closed_while_rendering_finds_its_job_again(
    make_model: Callable[[], WindowModel], clip: Path
):
    first = make_model()
    prepare(first, clip, last=4)
    first.rendering.render()
    until(first, lambda: state(first) == "running")
    first.close()
    second = make_model()
    open_clip(second, clip)
    assert state(second) in ("running", "queued", "finished")
    until(second, lambda: state(second) == "finished")
    assert Path(second.document.versions[0].target).is_file()


@pytest.mark.slow
def test_a_disk_that_is_pulled_is_named_and_shown_again_when_it_is_back(model: WindowModel, clip: Path):
    open_clip(model, clip)
    away = clip.rename(clip.with_name("away.mp4"))
    model.core.reader.cache.drop(str(clip))
    # What is open stays readable on this system; a process that starts anew finds nothing.
    os.kill(model.core.reader.process_id(), KILL)
    model.player.go_to(50)
    until(model, lambda: any(str(clip) in text for text in texts(model)))
    placed = model.pictures.placed(0)
    assert placed.picture is not None, "the last picture stays"
    assert placed.note
    away.rename(clip)
    until(model, lambda: (placed := model.pictures.placed(0)) and placed.frame == 50 and not placed.note)


def test_a_file_that_is_no_clip_is_one_sentence_and_the_clip_before_stays(
    model: WindowModel, clip: Path, tmp_path: Path
):
    open_clip(model, clip)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a movie at all")
    model.drop([str(broken)])
    until(model, lambda: not model.is_opening)
    assert model.document.clip.path == str(clip)
    assert [message.kind for message in model.core.messages] == ["error"]
    assert str(broken) in texts(model)[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, where the system lets us make one."""
    mount = shutil.which("mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = [str(mount), "-t", "tmpfs", "-o", "size=64k", "none", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this system mounts no small disks")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_leaves_the_state_before_and_is_named(small_disk: Path, engine_home: Path, clip: Path):
    place = EnginePlace(sys.executable, str(engine_home), name="window test", is_own_python=True)
    model = WindowModel(small_disk, place, lambda _: None)
    open_clip(model, clip)
    path = small_disk / "state.json"
    until(model, path.is_file)
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(b"x" * (1 << 20))
    model.set_guidance(0.4)
    model.stage.show_source()
    until(model, lambda: any("cannot be written" in text for text in texts(model)))
    assert read_memory(path)["documents"][str(clip)]["settings"]["guidance"] == 1.0, "what was there is whole"
    filler.unlink()
    model.core.set_document(model.document.without_keyframe(0))
    model.set_settings(look="propagate")
    until(model, lambda: read_memory(path)["documents"][str(clip)]["settings"]["guidance"] == 0.4)
    model.close()


def test_an_engine_of_another_generation_is_one_sentence_and_work_goes_on(
    tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SPARKVSR_ENGINE", f"{sys.executable} {FAKE_ENGINE} --major 9")
    home = tmp_path / "home"
    model = WindowModel(tmp_path / "window", EnginePlace("", str(home), name="window test"), lambda _: None)
    open_clip(model, clip)
    model.keyframes.add()
    model.rendering.render()
    until(model, lambda: any(message.kind == "error" for message in model.core.messages))
    assert any("protocol" in text and "9" in text for text in texts(model))
    model.player.go_to(20)
    until(model, lambda: (placed := model.pictures.placed(0)) and placed.frame == 20)
    assert [mark.frame for mark in model.document.keyframes] == [0]
    model.close()
    monkeypatch.undo()
    pid = int((home / "starts").read_text().split()[-1])
    os.kill(pid, KILL)
