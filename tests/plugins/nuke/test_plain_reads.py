"""A plain Read goes by path: the artist's own files, whichever way frames and paths are mapped.

Reports 15, 16, 17, 19, 21, 22, 25, 26, 27, 28 of Nuke's public trackers.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest

from tests.fakes.nuke.application import current
from tests.fakes.nuke.writers import pack_timecode
from tests.plugins.nuke.scenes import (
    HEIGHT,
    WIDTH,
    Scene,
    half_steps,
    numbered,
    rgba_of,
    write_exr,
    write_plate,
)

FRAMES = range(1001, 1007)


def test_a_plain_read_comes_through_unchanged(scene: Scene):
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", FRAMES), 1001, 1006)
    scene.save()
    scene.make_node(read)
    assert scene.upscale().route == "path"
    assert [path.name for path in scene.result_files()] == [f"SparkVSR1_v001.{n}.exr" for n in FRAMES]
    for frame in FRAMES:
        assert scene.shows(frame) == frame
        assert half_steps(rgba_of(scene.picture(frame)), rgba_of(scene.picture(frame, node=read))) <= 1
    scene.node["view"].setValue("difference")
    assert np.abs(rgba_of(scene.picture(1003))).max() < 1e-3
    assert not (scene.folder / "sparkvsr" / "renders").exists()


@pytest.mark.parametrize(
    ("knobs", "first"),
    [
        ({"frame_mode": "expression", "frame": "frame+1000"}, 1),
        ({"frame_mode": "expression", "frame": "clamp(frame, 1001, 1003)"}, 1000),
        ({"frame_mode": "start at", "frame": "7"}, 7),
        ({"frame_mode": "offset", "frame": "50"}, 1051),
        ({"after": "bounce"}, 1003),
        ({"before": "black", "after": "black"}, 999),
    ],
)
def test_result_frames_show_what_the_source_shows(scene: Scene, knobs: dict[str, str], first: int):
    read = scene.read(write_plate(scene.folder / "plate.%04d.exr", FRAMES), 1001, 1006, **knobs)
    scene.save()
    scene.make_node(read, range_mode="custom", range_text=f"{first}-{first + 5}")
    assert scene.upscale().route == "path"
    for frame in range(first, first + 6):
        assert scene.shows(frame) == scene.shows(frame, node=read), frame


def test_tcl_python_and_relative_paths(scene: Scene):
    write_plate(scene.folder / "comp_v001" / "plate.%04d.exr", FRAMES)
    scene.save()
    scene.nuke.root()["project_directory"].setValue("[python {nuke.script_directory()}]")
    read = scene.nuke.nodes.Read(file="[file rootname [file tail [value root.name]]]/plate.####.exr")
    for name, value in {"first": 1001, "last": 1006}.items():
        read[name].setValue(value)
    scene.make_node(read)
    assert scene.upscale().route == "path"
    assert [scene.shows(frame) for frame in FRAMES] == list(FRAMES)


@pytest.mark.parametrize("name", ["ü and spaces", "[brackets] {braces}", "日本 $x"])
def test_awkward_folders_survive_rendering_and_three_rounds(scene: Scene, name: str):
    from tests.plugins.nuke.scenes import Scene as AnyScene

    home = AnyScene(scene.nuke, scene.folder / name)
    home.folder.mkdir()
    plate = write_plate(home.folder / "plate.%04d.exr", range(1001, 1003))
    read = scene.nuke.nodes.Read()
    read["file"].setValue(literal(plate))
    for knob, value in {"first": 1001, "last": 1002}.items():
        read[knob].setValue(value)
    path = home.save()
    home.make_node(read)
    home.upscale()
    scene.nuke.scriptSave()
    for _ in range(3):
        scene.nuke.scriptOpen(path.as_posix())
        scene.nuke.modified(True)
        scene.nuke.scriptSave()
    home.node = scene.nuke.toNode("SparkVSR1")
    assert [home.shows(frame) for frame in (1001, 1002)] == [1001, 1002]
    assert (home.folder / "sparkvsr").is_dir()


def literal(path: Path) -> str:
    """A path in which Tcl finds no command, as an artist writes it who has brackets in folders."""
    from sparkvsr_nuke.node.tcl_text import literal_path

    return literal_path(path.as_posix())


def test_a_missing_frame_is_reported_before_the_job_and_nothing_is_shifted(scene: Scene):
    plate = write_plate(scene.folder / "plate.%04d.exr", [n for n in FRAMES if n != 1004])
    scene.save()
    node = scene.make_node(scene.read(plate, 1001, 1006))
    scene.press("upscale")
    assert scene.had_message("no file for frame 1004")
    assert scene.state.versions == ()
    node["range_mode"].setValue("custom")
    node["range_text"].setValue("1001-1003")
    scene.upscale()
    assert [scene.shows(frame) for frame in (1001, 1002, 1003)] == [1001, 1002, 1003]


def test_deep_is_refused_with_advice(scene: Scene):
    scene.save()
    scene.make_node(scene.nuke.nodes.DeepRead(file="/nowhere/deep.%04d.exr"))
    scene.press("upscale")
    assert scene.had_message("deep", "DeepToImage")
    assert scene.state.versions == ()


def test_a_stale_local_copy_and_a_proxy_are_never_opened(scene: Scene):
    plate = write_plate(scene.folder / "plate.%04d.exr", FRAMES)
    proxy = write_plate(scene.folder / "proxy.%04d.exr", FRAMES)
    read = scene.read(plate, 1001, 1006, proxy=proxy.as_posix())
    for frame in FRAMES:
        write_exr(Path(str(proxy) % frame), numbered(1015, WIDTH // 2, HEIGHT // 2))
        copy = write_exr(scene.folder / "local" / f"{frame}.exr", numbered(1010))
        current().localised[plate.as_posix() % frame] = str(copy)
    scene.save()
    scene.nuke.root().setProxy(True)
    scene.make_node(read)
    scene.upscale()
    scene.nuke.root().setProxy(False)
    assert [scene.shows(frame) for frame in FRAMES] == list(FRAMES)
    assert scene.node.width() == WIDTH
    scene.nuke.root().setProxy(True)
    assert scene.state.latest.size[:2] == (WIDTH, HEIGHT)


def test_an_anamorphic_plate_keeps_its_pixel_aspect(scene: Scene):
    plate = write_plate(scene.folder / "plate.%04d.exr", FRAMES, PixelAspectRatio=2.0)
    scene.save()
    scene.make_node(scene.read(plate, 1001, 1006), scale=2.0)
    scene.upscale()
    shape = scene.node.format()
    assert (shape.width(), shape.height(), shape.pixelAspect()) == (WIDTH * 2, HEIGHT * 2, 2.0)
    scene.press("make_read")
    placed = scene.nuke.toNode("SparkVSR1_v001")
    assert placed.format().pixelAspect() == 2.0
    assert "pixel aspect 2" in placed["label"].value()


def test_layers_and_metadata_pass_through(scene: Scene):
    rng = np.random.default_rng(7)
    pixels = [np.concatenate([numbered(n), rng.random((HEIGHT, WIDTH, 2))], -1) for n in FRAMES]
    for frame, item in zip(FRAMES, pixels):
        path = scene.folder / f"plate.{frame}.exr"
        write_layered(path, item, frame)
    read = scene.read(scene.folder / "plate.%04d.exr", 1001, 1006)
    scene.save()
    scene.make_node(read)
    scene.upscale()
    before, after = scene.picture(1003, node=read), scene.picture(1003)
    assert set(after.planes) == set(before.planes) == {
        "rgba.red", "rgba.green", "rgba.blue", "rgba.alpha", "depth.Z", "motion and more.u"
    }  # fmt: skip
    for name in ("depth.Z", "motion and more.u"):
        assert np.array_equal(after.planes[name], before.planes[name])
    assert after.metadata == before.metadata
    assert after.metadata["input/timecode"] == "01:00:00:03"


def write_layered(path: Path, pixels: np.ndarray, frame: int) -> None:
    spec = oiio.ImageSpec(WIDTH, HEIGHT, 6, "half")
    spec.channelnames = ("R", "G", "B", "A", "depth.Z", "motion and more.u")
    code = pack_timecode(f"01:00:00:{frame - 1000:02d}")
    spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), code)
    spec.attribute("FramesPerSecond", oiio.TypeDesc("rational"), [24, 1])
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_image(np.ascontiguousarray(pixels.astype(np.float32)))
    output.close()


def test_values_far_outside_zero_to_one_come_through(scene: Scene):
    for frame in FRAMES:
        pixels = numbered(frame)
        pixels[:8] = -0.5
        pixels[8:16] = 500.0
        pixels[..., 3] = 1
        write_exr(scene.folder / f"plate.{frame}.exr", pixels)
    read = scene.read(scene.folder / "plate.%04d.exr", 1001, 1006)
    scene.save()
    scene.make_node(read)
    scene.upscale()
    assert half_steps(rgba_of(scene.picture(1002)), rgba_of(scene.picture(1002, node=read))) <= 1


def test_a_result_scaled_back_lies_on_its_source(scene: Scene):
    """Report 27: no half-pixel shift; the centre of mass of a blob stays within a twentieth of a pixel."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    for frame in FRAMES:
        pixels = np.ones((HEIGHT, WIDTH, 4), np.float32)
        pixels[..., :3] = np.exp(-((x - 30.3) ** 2 + (y - 20.6) ** 2) / 32.0)[..., None]
        write_exr(scene.folder / f"plate.{frame}.exr", pixels)
    read = scene.read(scene.folder / "plate.%04d.exr", 1001, 1006)
    scene.save()
    scene.make_node(read, scale=2.0, model="lite", keyframe_policy="none")
    scene.upscale()
    back = scene.nuke.nodes.Reformat(type="to format", resize="distort", inputs=[scene.node])
    back["format"].setValue(read.format())

    def centre(node: Any) -> np.ndarray:
        green = rgba_of(scene.picture(1003, node=node))[..., 1]
        return np.array([(green * axis).sum() for axis in (x, y)]) / green.sum()

    assert np.abs(centre(back) - centre(read)).max() < 0.05


def test_the_artists_files_are_left_alone(scene: Scene):
    plate = write_plate(scene.folder / "plate.%04d.exr", FRAMES)
    before = {path.name: path.read_bytes() for path in scene.folder.glob("plate.*")}
    scene.save()
    scene.make_node(scene.read(plate, 1001, 1006))
    scene.upscale()
    assert {path.name: path.read_bytes() for path in scene.folder.glob("plate.*")} == before
    shutil.rmtree(scene.folder / "sparkvsr")
    assert scene.picture(1001).planes["rgba.green"].max() == 0


def test_parts_of_other_sizes_and_odd_names_cost_nothing(scene: Scene):
    """Report 26: a small part, a long name and a numbered layer beside the picture."""
    long_name = "beauty_" + "x" * 60
    for frame in FRAMES:
        write_parts(
            scene.folder / f"plate.{frame}.exr",
            {
                "rgba": (("R", "G", "B", "A"), numbered(frame)),
                "proxy": (("proxy.R", "proxy.G", "proxy.B"), np.full((12, 16, 3), 0.25, np.float32)),
                long_name: ((f"{long_name}.Y",), np.full((HEIGHT, WIDTH, 1), 0.5, np.float32)),
                "layer.0001": (("layer.0001.u",), np.full((HEIGHT, WIDTH, 1), 0.75, np.float32)),
            },
        )
    read = scene.read(scene.folder / "plate.%04d.exr", 1001, 1006)
    scene.save()
    scene.make_node(read)
    scene.upscale()
    assert [scene.shows(frame) for frame in FRAMES] == list(FRAMES)
    before, after = scene.picture(1003, node=read), scene.picture(1003)
    assert set(after.planes) == set(before.planes)


def write_parts(path: Path, parts: dict[str, tuple[tuple[str, ...], np.ndarray]]) -> None:
    """An EXR of several parts, each of its own size."""
    specs = []
    for name, (channels, pixels) in parts.items():
        spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], len(channels), "half")
        spec.channelnames = channels
        spec.attribute("oiio:subimagename", name)
        spec.full_width, spec.full_height = WIDTH, HEIGHT
        specs.append(spec)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), specs), output.geterror()
    for index, (_, pixels) in enumerate(parts.values()):
        if index:
            assert output.open(str(path), specs[index], "AppendSubimage"), output.geterror()
        assert output.write_image(np.ascontiguousarray(pixels.astype(np.float32))), output.geterror()
    output.close()
