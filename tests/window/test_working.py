"""A person's work, from opening a clip to comparing versions, on the model alone with a real engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_engine.media.images import read_image, write_image
from sparkvsr_window.model.documents.records import PAINTED
from sparkvsr_window.model.pictures import Placed
from sparkvsr_window.model.viewing import HEAT_MAP, VERSION, Side
from sparkvsr_window.model.window_model import WindowModel
from tests.window.conftest import DEMO, open_clip, until


def placed(model: WindowModel) -> Placed:
    position = model.pictures.placed(0)
    assert position is not None
    return position


def pixels(model: WindowModel) -> np.ndarray:
    picture = placed(model).picture
    assert picture is not None
    return np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 4)[..., :3]


def wait_for_preview(model: WindowModel) -> None:
    until(model, lambda: placed(model).picture is not None and placed(model).label == "Preview")


def prepare(model: WindowModel, clip: Path) -> None:
    """Four frames at twice the size, with a keyframe."""
    open_clip(model, clip)
    model.set_settings(scale=2.0)
    model.player.go_to(3)
    model.player.mark_out()
    model.player.go_to(0)
    model.keyframes.set_picture(0, str(DEMO / "keyframe_00.jpg"))


def finish(model: WindowModel, count: int) -> None:
    until(model, lambda: model.document is not None and len(model.document.versions) == count)
    assert model.document is not None
    until(model, lambda: model.document.versions[-1].state in ("finished", "failed"))
    assert model.document.versions[-1].state == "finished", list(model.core.messages)


@pytest.mark.slow
def test_a_clip_is_rendered_revised_and_compared(model: WindowModel, clip: Path):
    prepare(model, clip)
    source = pixels(model)
    assert source.shape == (180, 320, 3)
    model.rendering.render()
    finish(model, 1)
    assert Path(model.document.versions[0].target).is_file()
    assert "Version 1 renders 4 frames." in [message.text for message in model.core.messages]
    model.stage.show_version()
    until(model, lambda: placed(model).label == "Version 1" and placed(model).picture is not None)
    assert pixels(model).shape == (360, 640, 3)
    small = pixels(model).reshape(180, 2, 320, 2, 3).mean(axis=(1, 3))
    assert np.abs(small - source).mean() < 8, "a version shows another frame than the source"
    model.set_guidance(0.3)
    model.rendering.render()
    finish(model, 2)
    report = model.rendering.report(model.document.versions[1].key)
    assert (report.version, report.passes_run) == (2, 0), "guidance needs no network pass"
    model.stage.set_side_b(Side(VERSION, model.document.versions[0].key))
    model.stage.show_version()
    model.stage.set_wipe(0.5)
    until(model, lambda: all(each.picture for each in map(model.pictures.placed, (0, 1)) if each))
    assert [model.pictures.placed(index).label for index in (0, 1)] == ["Version 2", "Version 1"]
    model.stage.set_wipe(None)
    model.stage.show_heat_map()
    until(model, lambda: placed(model).label == "Trust" and placed(model).picture is not None)
    assert model.core.viewing.side_a.kind == HEAT_MAP
    until(model, lambda: set(model.advice.trust) == {0, 1, 2, 3})


@pytest.mark.slow
def test_a_version_that_was_learnt_is_learnt_again(model: WindowModel, clip: Path, tmp_path: Path):
    prepare(model, clip)
    # A blank keyframe has nothing to teach, which takes no time; its lesson is asked for all the same.
    write_image(tmp_path / "blank.png", np.zeros((360, 640, 3), np.uint8))
    model.keyframes.set_picture(0, str(tmp_path / "blank.png"))
    model.set_settings(learn="auto", look="propagate")
    assert not model.rendering.learns_again
    model.rendering.learn_again()
    assert "no version to learn again" in list(model.core.messages)[-1].text
    model.rendering.render()
    finish(model, 1)
    assert model.rendering.learns_again
    model.keyframes.set_strength(0, 0.5)
    model.rendering.learn_again()
    finish(model, 2)
    report = model.rendering.report(model.document.versions[1].key)
    assert (report.version, report.frames_reused) == (2, 0)
    assert any("learn" in note for note in (*report.run_notes, *report.warnings))
    model.set_settings(learn="off")
    assert not model.rendering.learns_again


@pytest.mark.slow
def test_the_same_request_is_not_rendered_twice(model: WindowModel, clip: Path):
    prepare(model, clip)
    model.rendering.render()
    finish(model, 1)
    model.rendering.render()
    model.poll()
    assert len(model.document.versions) == 1
    assert "Nothing has changed" in model.core.messages[-1].text


@pytest.mark.slow
def test_guidance_answers_with_the_newest_position_and_without_a_network_pass(model: WindowModel, clip: Path):
    prepare(model, clip)
    model.stage.show_preview()
    wait_for_preview(model)
    before = pixels(model).copy()
    for step in range(20):
        model.set_guidance(step / 20)
    until(model, lambda: model.preview.picture.wish.document.settings.guidance == 0.95)
    model.set_guidance(0.0)
    until(model, lambda: model.preview.picture.wish.document.settings.guidance == 0.0)
    assert not np.array_equal(before, pixels(model))


def test_a_region_is_shown_over_the_source(model: WindowModel, clip: Path):
    prepare(model, clip)
    model.set_region((100, 60, 64, 32))
    wait_for_preview(model)
    preview = placed(model)
    assert preview.region == (100, 60, 64, 32)
    assert (preview.picture.width, preview.picture.height) == (64, 32)
    assert preview.under is not None


@pytest.mark.slow
def test_a_keyframe_is_painted_outside_and_picked_up_when_saved(
    model: WindowModel, clip: Path, opened_pictures: list[Path]
):
    prepare(model, clip)
    model.player.go_to(2)
    model.keyframes.edit(2)
    until(model, lambda: opened_pictures)
    path = opened_pictures[0]
    mark = model.document.keyframe_at(2)
    assert (mark.image, mark.origin) == (str(path), PAINTED)
    picture = read_image(path).pixels
    assert picture.shape[:2] == (360, 640)
    painted = picture.copy()
    painted[:90] = np.iinfo(picture.dtype).max
    write_image(path, painted)
    until(model, lambda: model.document.keyframe_at(2).stamp != mark.stamp)
    model.stage.show_preview()
    wait_for_preview(model)
    texts = [message.text for message in model.core.messages]
    assert any(text.startswith("The keyframe at 2 differs in colour") for text in texts), texts


def test_what_was_decided_is_there_again_after_a_new_start(make_model: Callable[[], WindowModel], clip: Path):
    first = make_model()
    prepare(first, clip)
    first.keyframes.set_strength(0, 0.5)
    first.set_guidance(1.5)
    first.remember(theme="light")
    first.close()
    second = make_model()
    open_clip(second, clip)
    document = second.document
    assert (document.first, document.last, document.settings.scale) == (0, 3, 2.0)
    assert (document.keyframes[0].strength, document.settings.guidance) == (0.5, 1.5)
    assert second.memory["theme"] == "light"


@pytest.mark.slow
def test_a_suggestion_becomes_keyframes(model: WindowModel, clip: Path):
    open_clip(model, clip)
    model.suggest()
    until(model, lambda: model.advice.suggestions)
    frames = [choice.frame for choice in model.advice.suggestions]
    model.advice.accept()
    assert [mark.frame for mark in model.document.keyframes] == frames
    assert all(mark.reason for mark in model.document.keyframes)


def test_nothing_that_is_asked_for_waits(model: WindowModel, clip: Path):
    """Every command returns while the engine is still starting; how long is measured in benchmarks."""
    prepare(model, clip)
    started = time.thread_time()
    for command in (model.stage.show_preview, model.rendering.render, model.suggest, model.stage.show_source):
        command()
    assert time.thread_time() - started < 1.0


@pytest.mark.slow
def test_a_preview_of_light_is_shown_as_its_source(model: WindowModel, tmp_path: Path):
    """EXR previews come as light: shown as codes they were dark, and clipped above 1."""
    ramp = np.repeat(np.linspace(0, 8, 64, dtype=np.float32)[None, :, None], 48, axis=0).repeat(3, axis=2)
    for number in (1, 2):
        write_image(tmp_path / f"plate.{number:04d}.exr", ramp)
    open_clip(model, tmp_path / "plate.%04d.exr")
    source = pixels(model).copy()
    model.set_settings(scale=1.0, model="identity")
    model.stage.show_preview()
    wait_for_preview(model)
    assert np.abs(pixels(model).astype(int) - source).max() <= 2
    assert pixels(model)[..., 0].max() < 255
