"""The stand-in renders real pictures: each class against numpy, origins, aspects, layers, metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest

from tests.fakes.nuke.application import current
from tests.fakes.nuke.evaluation import picture_of

WIDTH, HEIGHT = 8, 6
RNG = np.random.default_rng(21)


def write_exr(
    path: Path, pixels: np.ndarray, names: tuple[str, ...] = ("R", "G", "B", "A"), **extra: Any
) -> None:
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], len(names), "float")
    spec.channelnames = names
    for name, value in extra.items():
        spec.attribute(name, value)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    output.write_image(np.ascontiguousarray(pixels.astype(np.float32)))
    output.close()


def read_exr(path: Path) -> tuple[np.ndarray, Any]:
    opened = oiio.ImageInput.open(str(path))
    spec = opened.spec()
    pixels = opened.read_image("float")
    opened.close()
    assert pixels is not None
    return pixels, spec


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """Frames 1001-1010, each filled with a tenth of its number's last two digits, red growing upwards."""
    for frame in range(1001, 1011):
        pixels = np.zeros((HEIGHT, WIDTH, 4), np.float32)
        pixels[..., 1] = (frame - 1000) / 10
        pixels[..., 0] = np.arange(HEIGHT)[::-1, None]
        pixels[..., 3] = 1
        write_exr(tmp_path / f"plate.{frame}.exr", pixels, PixelAspectRatio=2.0)
    return tmp_path / "plate.%04d.exr"


def read_node(nuke: Any, plate: Path, **knobs: Any) -> Any:
    read = nuke.nodes.Read()
    read["file"].fromUserText(f"{plate.as_posix()} 1001-1010")
    for name, value in knobs.items():
        read[name].setValue(value)
    return read


def green(node: Any, frame: float) -> float:
    return round(picture_of(node, frame, "main").at("rgba.green", 0, 0) * 10)


def test_origin_is_at_the_bottom_left(nuke: Any, plate: Path):
    read = read_node(nuke, plate)
    nuke.frame(1001)
    assert [read.sample("red", 0.5, y + 0.5) for y in range(HEIGHT)] == list(range(HEIGHT))
    assert (read.width(), read.height(), read.pixelAspect()) == (WIDTH, HEIGHT, 2.0)


@pytest.mark.parametrize(
    ("knobs", "frame", "expected"),
    [
        ({}, 1003, 3),
        ({"frame_mode": "expression", "frame": "frame+1"}, 1003, 4),
        ({"frame_mode": "start at", "frame": "1"}, 3, 3),
        ({"frame_mode": "offset", "frame": "1000"}, 2005, 5),
        ({"before": "hold"}, 990, 1),
        ({"before": "loop"}, 1000, 10),
        ({"before": "bounce"}, 1000, 2),
        ({"before": "black"}, 1000, 0),
        ({"after": "hold"}, 1020, 10),
        ({"after": "loop"}, 1012, 2),
        ({"after": "bounce"}, 1011, 9),
        ({"after": "black"}, 1011, 0),
    ],
)
def test_which_file_a_frame_is_read_of(
    nuke: Any, plate: Path, knobs: dict[str, str], frame: int, expected: int
):
    assert green(read_node(nuke, plate, **knobs), frame) == expected


def test_a_missing_frame_fails_or_is_black_and_stays_so_until_reload(nuke: Any, plate: Path):
    gap = Path(str(plate) % 1004)
    content = gap.read_bytes()
    gap.unlink()
    read = read_node(nuke, plate)
    nuke.frame(1004)
    assert read.hasError()
    read["on_error"].setValue("black")
    assert not read.hasError()
    assert green(read, 1004) == 0
    gap.write_bytes(content)
    assert green(read, 1004) == 0
    nuke.modified(False)
    steps = nuke.Undo.undoSize()
    read["reload"].execute()
    assert green(read, 1004) == 4
    assert nuke.modified()
    assert nuke.Undo.undoSize() == steps + 1


def test_an_error_choice_may_be_an_expression(nuke: Any, plate: Path):
    read = read_node(nuke, plate)
    read["on_error"].setExpression("$gui ? 1 : 0")
    assert read["on_error"].value() == "black"
    current().gui = False
    assert read["on_error"].value() == "error"


def test_time_offset_and_frame_hold(nuke: Any, plate: Path):
    read = read_node(nuke, plate)
    offset = nuke.nodes.TimeOffset(time_offset=2, inputs=[read])
    hold = nuke.nodes.FrameHold(firstFrame=1007, inputs=[read])
    assert (green(offset, 1005), green(hold, 1001)) == (3, 7)
    assert (offset.firstFrame(), offset.lastFrame()) == (1003, 1012)


def test_grade_clamps_black_by_default(nuke: Any, tmp_path: Path):
    write_exr(tmp_path / "a.exr", np.full((2, 2, 4), -0.5, np.float32))
    read = nuke.nodes.Read()
    read["file"].fromUserText((tmp_path / "a.exr").as_posix())
    grade = nuke.nodes.Grade(multiply=2, inputs=[read])
    assert grade.sample("red", 0, 0) == 0
    grade["black_clamp"].setValue(False)
    assert grade.sample("red", 0, 0) == -1


def test_merge_over_and_difference(nuke: Any):
    base = nuke.nodes.Constant(color=[0.2, 0.4, 0.6, 1], format="4 4 tiny")
    top = nuke.nodes.Constant(color=[0.5, 0.25, 0, 0.5], format="4 4 tiny")
    over = nuke.nodes.Merge2(inputs=[base, top])
    assert [round(over.sample(c, 1, 1), 4) for c in ("red", "green", "blue")] == [0.6, 0.45, 0.3]
    over["operation"].setValue("difference")
    assert [round(over.sample(c, 1, 1), 4) for c in ("red", "green", "blue")] == [0.3, 0.15, 0.6]


def test_copy_lays_channels_of_a_over_b_and_passes_the_rest(nuke: Any, tmp_path: Path):
    pixels = RNG.random((4, 4, 5)).astype(np.float32)
    write_exr(tmp_path / "b.exr", pixels, ("R", "G", "B", "A", "depth.Z"), shot="sh010")
    base = nuke.nodes.Read()
    base["file"].fromUserText((tmp_path / "b.exr").as_posix())
    top = nuke.nodes.Constant(color=[1, 2, 3, 0.5], format="4 4 tiny")
    copy = nuke.nodes.Copy(inputs=[base, top])
    for index, channel in enumerate(("red", "green", "blue", "alpha")):
        copy[f"from{index}"].setValue(f"rgba.{channel}")
        copy[f"to{index}"].setValue(f"rgba.{channel}")
    assert copy.channels() == ["rgba.red", "rgba.green", "rgba.blue", "rgba.alpha", "depth.Z"]
    assert [copy.sample(c, 1, 1) for c in ("red", "green", "blue", "rgba.alpha")] == [1, 2, 3, 0.5]
    assert copy.sample("depth.Z", 1, 1) == pixels[2, 1, 4]
    assert copy.metadata("exr/shot") == "sh010"


def test_switch_crop_and_a_format_that_follows(nuke: Any, plate: Path):
    read = read_node(nuke, plate)
    crop = nuke.nodes.Crop(box=[2, 1, 6, 5], reformat=True, inputs=[read])
    nuke.frame(1001)
    assert (crop.width(), crop.height(), crop.pixelAspect()) == (4, 4, 2.0)
    assert crop.sample("red", 0, 0) == 1
    switch = nuke.nodes.Switch(which=1, inputs=[read, crop])
    assert switch.width() == 4


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_reformat_does_not_shift(nuke: Any, tmp_path: Path, scale: int):
    ramp = np.tile(np.arange(16, dtype=np.float32)[None, :, None], (12, 1, 4))
    write_exr(tmp_path / "ramp.exr", ramp)
    read = nuke.nodes.Read()
    read["file"].fromUserText((tmp_path / "ramp.exr").as_posix())
    enlarged = nuke.nodes.Reformat(type="scale", scale=scale, inputs=[read])
    back = nuke.nodes.Reformat(type="to format", inputs=[enlarged])
    back["format"].setValue(read.format())
    assert (enlarged.width(), enlarged.height()) == (16 * scale, 12 * scale)
    inner = picture_of(back, 1, "main").planes["rgba.red"][3:-3, 3:-3]
    assert np.abs(inner - ramp[3:-3, 3:-3, 0]).max() < 1e-4


def test_write_keeps_halves_aspect_layers_and_timecode(nuke: Any, tmp_path: Path):
    pixels = (RNG.random((4, 6, 5)) * 500 - 0.5).astype(np.float16).astype(np.float32)
    write_exr(tmp_path / "in.exr", pixels, ("R", "G", "B", "A", "diffuse.R"), PixelAspectRatio=2.0)
    read = nuke.nodes.Read()
    read["file"].fromUserText((tmp_path / "in.exr").as_posix())
    target = tmp_path / "new folder ü" / "out.%04d.exr"
    write = nuke.nodes.Write(file=target.as_posix(), file_type="exr", channels="all", inputs=[read])
    with pytest.raises(RuntimeError, match="directory does not exist"):
        nuke.execute(write, 7, 7)
    write["create_directories"].setValue(True)
    nuke.execute(write, 7, 7)
    result, spec = read_exr(Path(str(target) % 7))
    assert spec.channelnames == ("R", "G", "B", "A", "diffuse.R")
    assert spec.get_float_attribute("PixelAspectRatio") == 2.0
    assert np.array_equal(result, pixels)


def test_a_limit_blocks_a_render_and_cancel_ends_it(nuke: Any, tmp_path: Path):
    source = nuke.nodes.Constant(format="4 4 tiny")
    write = nuke.nodes.Write(file=(tmp_path / "a.%04d.exr").as_posix(), file_type="exr", inputs=[source])
    write["use_limit"].setValue(True)
    with pytest.raises(RuntimeError, match="limit"):
        nuke.execute(write, 5, 6)
    write["use_limit"].setValue(False)
    current().cancel_at = 1
    with pytest.raises(RuntimeError, match="Cancelled"):
        nuke.execute(write, 5, 6)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.0005.exr"]


def test_views_read_and_write_their_own_files(tmp_path: Path):
    from tests.fakes.nuke.start import running

    with running(views=("left", "right")) as nuke:
        for value, view in enumerate(("left", "right"), 1):
            write_exr(tmp_path / f"{view}.0001.exr", np.full((2, 2, 4), value, np.float32))
        read = nuke.nodes.Read(file=(tmp_path / "%V.%04d.exr").as_posix())
        assert [picture_of(read, 1, view).at("rgba.red", 0, 0) for view in nuke.views()] == [1, 2]
        context = nuke.OutputContext()
        context.setView(context.viewFromName("right"))
        context.setFrame(12)
        assert read["file"].getEvaluatedValue(context) == (tmp_path / "right.0012.exr").as_posix()
        write = nuke.nodes.Write(
            file=(tmp_path / "out.%V.%04d.exr").as_posix(), file_type="exr", inputs=[read]
        )
        nuke.execute(write, 1, 1, 1, ["right"])
        assert (tmp_path / "out.right.0001.exr").is_file()
        assert not (tmp_path / "out.left.0001.exr").exists()


def test_proxy_mode_is_smaller_and_a_local_copy_is_read(nuke: Any, plate: Path, tmp_path: Path):
    read = read_node(nuke, plate)
    nuke.frame(1001)
    nuke.root().setProxy(True)
    assert read.width() == WIDTH // 2
    nuke.root().setProxy(False)
    write_exr(tmp_path / "copy.exr", np.full((HEIGHT, WIDTH, 4), 9, np.float32))
    current().localised[plate.as_posix() % 1002] = str(tmp_path / "copy.exr")
    assert green(read, 1002) == 90
    read["localizationPolicy"].setValue("off")
    read["reload"].execute()
    assert green(read, 1002) == 2


def test_deep_is_refused(nuke: Any):
    deep = nuke.nodes.DeepRead(file="/nowhere/deep.%04d.exr")
    assert deep.hasError()


def test_hashes_change_with_what_is_upstream_and_with_the_frame(nuke: Any, plate: Path):
    read = read_node(nuke, plate)
    grade = nuke.nodes.Grade(inputs=[nuke.nodes.Dot(inputs=[read])])
    nuke.frame(1001)
    first = grade.opHashes()
    grade.setXYpos(50, 60)
    assert grade.opHashes() == first
    nuke.frame(1002)
    assert grade.opHashes() != first
    nuke.frame(1001)
    read["colorspace"].setValue("sRGB")
    assert grade.opHashes() != first


def test_png_is_read_as_srgb_and_raw_as_it_is(nuke: Any, tmp_path: Path):
    write = nuke.nodes.Write(file=(tmp_path / "a.png").as_posix(), file_type="png")
    write.setInput(0, nuke.nodes.Constant(color=0.5, format="4 4 tiny"))
    nuke.execute(write, 1, 1)
    read = nuke.nodes.Read()
    read["file"].fromUserText((tmp_path / "a.png").as_posix())
    assert read.sample("red", 1, 1) == pytest.approx(0.5, abs=0.005)
    read["raw"].setValue(True)
    assert read.sample("red", 1, 1) == pytest.approx(188 / 255, abs=0.002)


def test_a_config_gives_its_names_and_converts(nuke: Any, tmp_path: Path):
    root = nuke.root()
    root["colorManagement"].setValue("OCIO")
    root["OCIO_config"].setValue("fn-nuke_cg-config-v1.0.0_aces-v1.3_ocio-v2.1")
    read = nuke.nodes.Read()
    names = nuke.getColorspaceList(read["colorspace"])
    assert "ACEScg" in names
    assert names[0].startswith("default\tdefault (")
    write_exr(tmp_path / "a.exr", np.full((2, 2, 4), 0.18, np.float32))
    read["file"].fromUserText((tmp_path / "a.exr").as_posix())
    assert read.sample("red", 0, 0) == pytest.approx(0.18)
    read["colorspace"].setValue(
        "sRGB - Texture" if "sRGB - Texture" in names else "sRGB Encoded Rec.709 (sRGB)"
    )
    assert read.sample("red", 0, 0) == pytest.approx(0.0271, abs=0.002)
