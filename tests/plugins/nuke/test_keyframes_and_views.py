"""Painted keyframes, strengths along a curve, two views: what an artist adds to a plain job (report 18)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes.nuke import artist
from tests.fakes.nuke.writers import Write
from tests.plugins.nuke.scenes import HEIGHT, WIDTH, Scene, numbered, rgba_of, write_exr, write_plate

FRAMES = range(1001, 1007)


def requests_of(scene: Scene) -> dict[str, Any]:
    """View -> the request of the latest version."""
    return {job.view: json.loads(job.request) for job in scene.state.latest.jobs}


def painted_branch(scene: Scene, read: Any, frames: tuple[int, ...]) -> Any:
    """The plate with red paint on it, keys at these frames."""
    red = scene.nuke.nodes.Constant(color=[0.5, 0, 0, 0])
    merge = scene.nuke.nodes.Merge2(operation="plus", inputs=[read, red], bbox="B")
    paint = scene.nuke.nodes.RotoPaint(inputs=[merge])
    paint["curves"]._painted = frames
    return paint


def test_only_the_painted_frames_of_the_branch_are_rendered_and_used(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    files: list[str] = []
    original = Write._write
    monkeypatch.setattr(
        Write, "_write", lambda self, frame, view: files.append(original(self, frame, view)) or files[-1]
    )
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", FRAMES), 1001, 1006)
    scene.save()
    node = scene.make_node(read, painted_branch(scene, read, (1001, 1005, 1040)), model="lite", scale=2.0)
    node["keyframe_policy"].setValue("manual")
    node["look"].setValue("propagate")
    scene.press("take_keyframes")
    assert node["keyframe_frames"].value() == "1001 1005"
    version = scene.upscale()
    assert version.route == "path"
    assert sorted(Path(path).name[-8:-4] for path in files) == ["1001", "1005"]
    keyframes = requests_of(scene)["main"]["keyframes"]
    assert [item["frame"] for item in keyframes] == [1001, 1005]
    assert all(Path(item["image"]).is_file() for item in keyframes)
    painted = rgba_of(scene.picture(1001))[..., 0].mean()
    plain = rgba_of(scene.picture(1001, node=read))[..., 0].mean()
    assert painted > plain + 0.1


def test_strength_is_read_along_its_curve(scene: Scene):
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", FRAMES), 1001, 1006)
    scene.save()
    node = scene.make_node(read, read, keyframe_frames="1001 1003 1005", keyframe_policy="manual")
    node["model"].setValue("lite")
    node["keyframe_strength"].setValueAt(0.0, 1001)
    node["keyframe_strength"].setValueAt(2.0, 1005)
    scene.nuke.frame(1002)
    scene.upscale()
    assert [item["strength"] for item in requests_of(scene)["main"]["keyframes"]] == [0.0, 1.0, 2.0]


def test_add_current_and_clear(scene: Scene):
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", FRAMES), 1001, 1006)
    node = scene.make_node(read)
    for frame in (1004, 1001, 1004):
        scene.nuke.frame(frame)
        scene.press("add_keyframe")
    assert node["keyframe_frames"].value() == "1001 1004"
    scene.press("clear_keyframes")
    assert node["keyframe_frames"].value() == ""


def test_two_views_make_two_results_each_of_its_own_view(stereo_scene: Scene):
    scene = stereo_scene
    for shift, view in ((0, "left"), (6, "right")):
        for frame in FRAMES:
            write_exr(scene.folder / f"plate.{view}.{frame}.exr", numbered(frame + shift))
    read = scene.nuke.nodes.Read(file=(scene.folder / "plate.%V.%04d.exr").as_posix())
    read["first"].setValue(1001)
    read["last"].setValue(1006)
    scene.save()
    scene.make_node(read, seed=5)
    version = scene.upscale()
    assert "%V" in version.pattern
    for frame in FRAMES:
        assert scene.shows(frame, "left") == frame
        assert scene.shows(frame, "right") == frame + 6
    requests = requests_of(scene)
    assert {requests[view]["options"]["seed"] for view in ("left", "right")} == {5}
    assert (scene.node.height(), scene.node.width()) == (HEIGHT, WIDTH)


def test_a_rendered_stereo_branch_keeps_its_views_apart(stereo_scene: Scene):
    scene = stereo_scene
    for shift, view in ((0, "left"), (6, "right")):
        for frame in FRAMES:
            write_exr(scene.folder / f"plate.{view}.{frame}.exr", numbered(frame + shift))
    read = scene.nuke.nodes.Read(file=(scene.folder / "plate.%V.%04d.exr").as_posix(), first=1001, last=1006)
    grade = scene.nuke.nodes.Grade(multiply=0.5, inputs=[read])
    scene.save()
    scene.make_node(grade)
    assert scene.upscale().route == "render"
    for view in ("left", "right"):
        expected = rgba_of(scene.picture(1003, view, grade))
        assert np.abs(rgba_of(scene.picture(1003, view)) - expected).max() < 2e-3


def test_one_chosen_view_is_the_only_one_rendered(stereo_scene: Scene):
    scene = stereo_scene
    for view in ("left", "right"):
        for frame in FRAMES:
            write_exr(scene.folder / f"plate.{view}.{frame}.exr", numbered(frame))
    read = scene.nuke.nodes.Read(file=(scene.folder / "plate.%V.%04d.exr").as_posix(), first=1001, last=1006)
    scene.save()
    scene.make_node(read, output_views="right")
    scene.upscale()
    assert [job.view for job in scene.state.latest.jobs] == ["right"]


def test_a_region_preview_is_the_part_the_viewer_shows(scene: Scene):
    """The Viewer's origin is at the bottom left, the engine's at the top left."""
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", FRAMES), 1001, 1006)
    scene.save()
    node = scene.make_node(read)
    scene.nuke.connectViewer(0, read)
    scene.nuke.toNode("Viewer1").setRoi({"x": 8, "y": 4, "r": 40, "t": 20})
    scene.nuke.frame(1003)
    scene.nuke.modified(False)
    steps = scene.nuke.Undo.undoSize()
    scene.press("preview_region")
    assert scene.nuke.modified() is False
    assert scene.nuke.Undo.undoSize() == steps
    node["view"].setValue("preview")
    picture, source = scene.picture(1003), scene.picture(1003, node=read)
    assert picture.format == source.format
    assert picture.at("rgba.green", 20, 10) == pytest.approx(3 / 16, abs=1e-3)
    for channel in ("rgba.red", "rgba.blue"):
        assert picture.at(channel, 20, 10) == pytest.approx(source.at(channel, 20, 10), abs=1e-3)
    assert picture.at("rgba.green", 50, 40) == 0


def test_a_frame_preview_costs_one_frame(scene: Scene):
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", FRAMES), 1001, 1006)
    scene.save()
    node = scene.make_node(read)
    scene.nuke.frame(1004)
    scene.press("preview")
    assert scene.state.versions == ()
    node["view"].setValue("preview")
    assert scene.shows(1004) == 1004
    artist.select(node)
