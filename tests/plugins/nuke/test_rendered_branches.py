"""Anything but a plain Read is rendered first: only what is needed, only once, and nothing is left changed.

Reports 18, 20, 23, 24 and the day-one demands on proxies, limits and failing renders.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes.nuke import artist
from tests.fakes.nuke.application import current
from tests.plugins.nuke.scenes import Scene, half_steps, numbered, rgba_of, write_exr, write_plate

FRAMES = range(1001, 1007)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every file Nuke itself writes, in order."""
    from tests.fakes.nuke.writers import Write

    files: list[str] = []
    original = Write._write

    def write(self: Any, frame: float, view: str) -> str:
        path = original(self, frame, view)
        files.append(path)
        return path

    monkeypatch.setattr(Write, "_write", write)
    return files


def graded(scene: Scene, **knobs: Any) -> Any:
    """A plate, brightened: a branch that no path stands for."""
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", FRAMES), 1001, 1006)
    return scene.nuke.nodes.Grade(multiply=0.5, inputs=[read], **knobs)


def test_a_graded_branch_is_rendered_and_its_result_is_graded(scene: Scene, written: list[str]):
    grade = graded(scene)
    scene.save()
    scene.make_node(grade)
    version = scene.upscale()
    assert version.route == "render"
    assert scene.had_message("Rendered first", "changes the picture")
    assert len(written) == len(FRAMES)
    for frame in FRAMES:
        assert half_steps(rgba_of(scene.picture(frame)), rgba_of(scene.picture(frame, node=grade))) <= 2
    assert scene.nuke.allNodes("Write") == []


def test_an_unchanged_branch_renders_nothing_and_a_changed_one_renders_what_changed(
    scene: Scene, written: list[str]
):
    grade = graded(scene)
    scene.save()
    scene.make_node(grade)
    scene.upscale()
    written.clear()
    scene.upscale()
    assert written == []
    grade["multiply"].setValueAt(0.5, 1005)
    grade["multiply"].setValueAt(0.25, 1006)
    scene.upscale()
    assert [Path(path).name[-8:-4] for path in written] == ["1006"]
    assert half_steps(rgba_of(scene.picture(1006)), rgba_of(scene.picture(1006, node=grade))) <= 2


def test_moving_a_node_or_the_playhead_renders_nothing(scene: Scene, written: list[str]):
    grade = graded(scene)
    scene.save()
    scene.make_node(grade)
    scene.upscale()
    written.clear()
    grade.setXYpos(300, 300)
    scene.nuke.frame(1006)
    scene.upscale()
    assert written == []
    assert scene.nuke.frame() == 1006


def test_proxy_frame_selection_and_the_modified_flag_are_as_before(scene: Scene):
    grade = graded(scene)
    scene.save()
    node = scene.make_node(grade)
    nuke = scene.nuke
    nuke.root().setProxy(True)
    nuke.frame(1003)
    artist.select(grade)
    scene.upscale()
    assert nuke.root().proxy() is True
    assert nuke.frame() == 1003
    assert [item.name() for item in nuke.selectedNodes()] == [grade.name()]
    nuke.root().setProxy(False)
    assert node.width() == 64
    assert half_steps(rgba_of(scene.picture(1002)), rgba_of(scene.picture(1002, node=grade))) <= 2


def test_a_failing_render_keeps_its_frames_and_restores_everything(scene: Scene, written: list[str]):
    grade = graded(scene)
    scene.save()
    scene.make_node(grade)
    scene.nuke.root().setProxy(True)
    scene.nuke.frame(1002)
    scene.nuke.modified(False)
    current().fail_at = 1004
    scene.press("upscale")
    assert scene.had_message("could not render frame 1004")
    assert scene.state.versions == ()
    assert scene.nuke.root().proxy() is True
    assert scene.nuke.frame() == 1002
    assert scene.nuke.allNodes("Write") == []
    assert scene.nuke.modified() is False
    current().fail_at = None
    written.clear()
    scene.upscale()
    assert [Path(path).name[-8:-4] for path in written] == ["1004", "1005", "1006"]


def test_cancel_while_the_branch_renders(scene: Scene, written: list[str]):
    scene.save()
    scene.make_node(graded_first := graded(scene))
    current().cancel_at = 2
    scene.press("upscale")
    assert scene.had_message("was cancelled")
    assert scene.state.versions == ()
    assert len(written) == 2
    current().cancel_at = None
    scene.upscale()
    assert half_steps(rgba_of(scene.picture(1005)), rgba_of(scene.picture(1005, node=graded_first))) <= 2


def test_limits_of_the_artist_do_not_stop_a_render(scene: Scene):
    """Report 20: a default of `use_limit`, and a script range that ends before the frames needed."""
    nuke = scene.nuke
    nuke.knobDefault("Write.use_limit", "true")
    nuke.root()["first_frame"].setValue(1)
    nuke.root()["last_frame"].setValue(2)
    grade = graded(scene)
    scene.save()
    scene.make_node(grade)
    scene.upscale()
    assert [scene.picture(frame).planes["rgba.green"].max() > 0 for frame in FRAMES] == [True] * 6
    assert (nuke.root().firstFrame(), nuke.root().lastFrame()) == (1, 2)


def test_a_graded_branch_with_a_missing_file_names_the_frame(scene: Scene):
    grade = graded(scene)
    (scene.folder / "plate.1003.exr").unlink()
    scene.save()
    scene.make_node(grade)
    scene.press("upscale")
    assert scene.had_message("1003")
    assert scene.state.versions == ()


def test_negatives_and_glints_survive_the_render(scene: Scene):
    for frame in FRAMES:
        pixels = numbered(frame)
        pixels[:8, :, :3], pixels[8:16, :, :3] = -0.5, 500.0
        write_exr(scene.folder / f"plate.{frame}.exr", pixels)
    read = scene.read(scene.folder / "plate.%04d.exr", 1001, 1006)
    merge = scene.nuke.nodes.Merge2(operation="plus", inputs=[read, scene.nuke.nodes.Constant(color=0)])
    scene.save()
    scene.make_node(merge)
    assert scene.upscale().route == "render"
    assert half_steps(rgba_of(scene.picture(1002)), rgba_of(scene.picture(1002, node=read))) <= 2


@pytest.mark.parametrize("way", ["nuke", "stock", "custom", "$OCIO"])
def test_path_and_render_agree_under_every_colour_management(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, way: str
):
    """Report 24: one plate, by path and rendered, ends in the same pixels."""
    choose_colour(scene, monkeypatch, way)
    plate = write_plate(scene.folder / "plate.%04d.exr", FRAMES)
    space = "sRGB" if way == "nuke" else "sRGB - Texture"
    read = scene.read(plate, 1001, 1006, colorspace=space)
    scene.save()
    by_path = scene.make_node(read)
    assert scene.upscale().route == "path"
    node = scene.nuke.nodes.Merge2(operation="plus", inputs=[read, scene.nuke.nodes.Constant(color=0)])
    scene.make_node(node)
    assert scene.upscale().route == "render"
    for frame in (1001, 1004):
        first, second = (rgba_of(scene.picture(frame, node=item)) for item in (by_path, scene.node))
        assert half_steps(first, second) <= 2
        assert half_steps(first, rgba_of(scene.picture(frame, node=read))) <= 2


def choose_colour(scene: Scene, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    import OpenImageIO as oiio  # noqa: N813

    root = scene.nuke.root()
    stock = "cg-config-v1.0.0_aces-v1.3_ocio-v2.1"
    if way == "nuke":
        return
    root["colorManagement"].setValue("OCIO")
    root["workingSpaceLUT"].setValues(["scene_linear"])
    if way == "stock":
        root["OCIO_config"].setValue("fn-nuke_cg-config-v1.0.0_aces-v1.3_ocio-v2.1")
        root["OCIOConfigPath"].setValue(f"ocio://{stock}")
        return
    path = scene.folder / "config" / "studio.ocio"
    path.parent.mkdir()
    path.write_text(CONFIG, "utf-8")
    assert oiio.ColorConfig(str(path)).getNumColorSpaces() == 3
    if way == "custom":
        root["OCIO_config"].setValue("custom")
        root["customOCIOConfigPath"].setValue(path.as_posix())
    else:
        monkeypatch.setenv("OCIO", str(path))
        root["OCIO_config"].setValue("custom")


CONFIG = """ocio_profile_version: 2
roles: {default: sRGB - Texture, scene_linear: Studio Linear, data: Raw}
file_rules:
  - !<Rule> {name: Default, colorspace: default}
displays: {sRGB: [!<View> {name: Raw, colorspace: Raw}]}
active_displays: []
active_views: []
colorspaces:
  - !<ColorSpace> {name: Studio Linear, encoding: scene-linear}
  - !<ColorSpace> {name: Raw, isdata: true}
  - !<ColorSpace>
    name: sRGB - Texture
    to_scene_reference: !<ExponentWithLinearTransform> {gamma: 2.4, offset: 0.055, direction: forward}
"""


def test_an_unknown_colour_space_is_reported_before_the_job(scene: Scene):
    plate = write_plate(scene.folder / "plate.%04d.exr", FRAMES)
    scene.save()
    scene.make_node(scene.read(plate, 1001, 1006), source_colour="Sony Dream")
    scene.press("upscale")
    assert scene.had_message("Sony Dream")
    assert scene.state.versions == ()
    assert not list(scene.folder.glob("sparkvsr/*_v*"))


def test_overscan_is_reported_before_the_job(scene: Scene):
    import OpenImageIO as oiio  # noqa: N813

    for frame in FRAMES:
        spec = oiio.ImageSpec(80, 64, 4, "half")
        spec.channelnames = ("R", "G", "B", "A")
        spec.x, spec.y, spec.full_width, spec.full_height = -8, -8, 64, 48
        output = oiio.ImageOutput.create("a.exr")
        assert output.open(str(scene.folder / f"plate.{frame}.exr"), spec)
        output.write_image(np.ascontiguousarray(numbered(frame, 80, 64)))
        output.close()
    scene.save()
    scene.make_node(scene.read(scene.folder / "plate.%04d.exr", 1001, 1006))
    scene.upscale()
    assert scene.had_message("8 pixels of overscan")
    assert scene.node.width() == 64
