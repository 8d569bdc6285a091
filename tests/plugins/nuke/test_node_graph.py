"""The node in the stand-in Nuke: graph, knobs and pictures, with results written by the test, no engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tkinter")

from tests.fakes.nuke.application import current
from tests.fakes.nuke.evaluation import picture_of
from tests.fakes.nuke_plates import plate_frame, read_exr, read_node, write_exr, write_plate

FOLDER = "ümläut [old] dir"


@pytest.fixture
def plate(nuke: Any, tmp_path: Path) -> Any:
    return read_node(nuke, write_plate(tmp_path / "plate", 1001, 1004), 1001, 1004)


@pytest.fixture
def node(nuke: Any, plate: Any) -> Any:
    import sparkvsr_nuke

    plate.setSelected(True)
    return sparkvsr_nuke.create()


def add_result(node: Any, folder: Path, number: int = 1, scale: int = 2, last: int = 1004) -> str:
    """A version whose frames are the plate's, each pixel `scale` times, brightened by a tenth."""
    from sparkvsr_nuke.footage.frame_mapping import ReadTiming
    from sparkvsr_nuke.node.graph import ResultFiles, add_version

    pattern = f"{folder.as_posix()}/s_v{number:03d}.%04d.exr"
    for frame in range(1001, last + 1):
        large = plate_frame(frame).repeat(scale, 0).repeat(scale, 1)
        write_exr(Path(pattern % frame), large + np.float32([0.1, 0.1, 0.1, 0]))
    files = ResultFiles(pattern, ReadTiming(1001, 1004), 48 * scale, 32 * scale, 1.0)
    add_version(node, number, files)
    return pattern


def pixels(node: Any, frame: int, channel: str = "rgba.green") -> np.ndarray:
    picture = picture_of(node, frame, "main")
    height, width = picture.format.height(), picture.format.width()
    return np.array([[picture.at(channel, x, y) for x in range(0, width, 7)] for y in range(0, height, 7)])


def test_a_new_node_shows_its_source_and_has_an_empty_state(node: Any):
    assert node["result_version"].value() == 0
    assert node.width() == 96
    assert np.isfinite(pixels(node, 1001)).all()


def test_a_render_without_a_result_fails(nuke: Any, node: Any, tmp_path: Path):
    from tests.fakes.nuke.start import running

    script = tmp_path / "comp.nk"
    nuke.scriptSaveAs(script.as_posix(), True)
    with running(mode="terminal") as terminal:
        terminal.scriptOpen(script.as_posix())
        with pytest.raises(RuntimeError, match="no_result"):
            picture_of(terminal.toNode("SparkVSR1"), 1001, "main")
    current_nuke_again()


def current_nuke_again() -> None:
    """The fixture ends a running stand-in."""
    from tests.fakes.nuke.start import start

    start()


def test_a_version_is_shown_and_its_views_match_their_names(node: Any, tmp_path: Path):
    add_result(node, tmp_path / "r")
    assert (node.width(), node.height()) == (96, 64)
    result = pixels(node, 1002)
    node["view"].setValue("difference")
    difference = pixels(node, 1002)
    node["view"].setValue("source")
    source = pixels(node, 1002)
    assert np.abs(np.abs(result - source) - difference).max() < 1e-3
    assert 0.05 < difference.mean() < 0.15


def test_versions_are_chosen_by_their_number(node: Any, tmp_path: Path):
    add_result(node, tmp_path / "a", 2, 2)
    add_result(node, tmp_path / "b", 7, 4)
    assert (node["result_version"].value(), node.width()) == (7, 192)
    node["result_version"].setValue(2)
    assert node.width() == 96
    node["result_version"].setValue(0)
    assert node.width() == 96


def test_other_layers_and_metadata_are_the_sources(nuke: Any, tmp_path: Path):
    import sparkvsr_nuke

    names = ("R", "G", "B", "A", "depth.Z")
    for frame in range(1001, 1005):
        layers = np.concatenate([plate_frame(frame), np.full((32, 48, 1), frame / 100, np.float32)], axis=2)
        write_exr(tmp_path / f"p.{frame}.exr", layers, names, owner="me")
    read = read_node(nuke, f"{tmp_path.as_posix()}/p.%04d.exr", 1001, 1004)
    node = sparkvsr_nuke.create()
    node.setInput(0, read)
    add_result(node, tmp_path / "r")
    assert "depth.Z" in node.channels()
    assert pixels(node, 1002, "depth.Z").mean() == pytest.approx(10.02, rel=1e-3)
    assert node.metadata() == read.metadata()


def test_a_frame_that_is_not_there_yet_is_black_and_appears_without_trace(
    nuke: Any, node: Any, tmp_path: Path
):
    from sparkvsr_nuke.following.results import reload_version

    pattern = add_result(node, tmp_path / "r", last=1002)
    assert pixels(node, 1004).max() == 0.0
    nuke.root().setModified(False)
    steps = len(current().undo.done)
    write_exr(Path(pattern % 1004), plate_frame(1004).repeat(2, 0).repeat(2, 1))
    reload_version(node, 1)
    assert pixels(node, 1004).mean() > 0.1
    assert not nuke.root().modified()
    assert len(current().undo.done) == steps


def test_a_render_stops_at_a_missing_frame_and_names_its_file(nuke: Any, node: Any, tmp_path: Path):
    from tests.fakes.nuke.start import running

    add_result(node, tmp_path / "r", last=1002)
    script = tmp_path / "comp.nk"
    nuke.scriptSaveAs(script.as_posix(), True)
    with running(mode="terminal") as terminal:
        terminal.scriptOpen(script.as_posix())
        inside = terminal.toNode("SparkVSR1")
        assert picture_of(inside, 1001, "main") is not None
        with pytest.raises(RuntimeError, match=r"s_v001\.1004\.exr"):
            picture_of(inside, 1004, "main")
    current_nuke_again()


def test_paths_of_any_letters_survive_saving_and_opening(nuke: Any, node: Any, tmp_path: Path):
    add_result(node, tmp_path / FOLDER)
    before = pixels(node, 1003)
    texts = []
    for turn in range(3):
        script = tmp_path / f"comp{turn}.nk"
        nuke.scriptSaveAs(script.as_posix(), True)
        texts.append(script.read_text("utf-8"))
        nuke.scriptClear()
        nuke.scriptOpen(script.as_posix())
        assert not nuke.root().modified()
        assert np.array_equal(pixels(nuke.toNode("SparkVSR1"), 1003), before)
    names = [text.replace("comp1.nk", "comp0.nk").replace("comp2.nk", "comp0.nk") for text in texts]
    assert names[0] == names[1] == names[2]


def test_a_version_is_one_undo_step(nuke: Any, node: Any, tmp_path: Path):
    from sparkvsr_nuke.node.quiet import one_undo

    inside = sorted(item.name() for item in node.nodes())
    with one_undo("version"):
        add_result(node, tmp_path / "r")
    nuke.undo()
    assert sorted(item.name() for item in node.nodes()) == inside
    assert node["result_version"].value() == 0


def test_every_knob_survives_copy_save_and_open(nuke: Any, node: Any, tmp_path: Path):
    for name, value in (
        ("range_mode", "custom"),
        ("range_text", "1001-1003"),
        ("keyframe_frames", "1001 1003"),
        ("keyframe_policy", "manual"),
        ("scale", 3.0),
        ("guidance", 0.5),
        ("look", "propagate"),
        ("judge_damage", False),
        ("damage", 0.25),
        ("learn", True),
        ("model", "identity"),
        ("keyframe_model", "balanced"),
        ("seed", 7),
        ("output_path", "/p/[value root.name]/x_v###.####.exr"),
        ("output_views", "main"),
    ):
        node[name].setValue(value)
    node["keyframe_strength"].setAnimated()
    node["keyframe_strength"].setValueAt(0.5, 1001)
    node["keyframe_strength"].setValueAt(1.5, 1003)
    from sparkvsr_nuke.node.node_knobs import settings_of_node

    settings = settings_of_node(node)
    assert settings.keyframes == {1001: 0.5, 1003: 1.5}
    assert settings.learns
    script = tmp_path / "comp.nk"
    nuke.scriptSaveAs(script.as_posix(), True)
    nuke.scriptClear()
    nuke.scriptOpen(script.as_posix())
    opened = nuke.toNode("SparkVSR1")
    assert settings_of_node(opened) == settings
    assert opened["output_path"].getText() == "/p/[value root.name]/x_v###.####.exr"


def test_a_node_of_a_version_without_learning_learns_nothing(node: Any):
    from sparkvsr_nuke.node.node_knobs import settings_of_node

    node["range_mode"].setValue("custom")
    node["range_text"].setValue("1001-1003")
    node.removeKnob(node["learn"])
    assert not settings_of_node(node).learns


def test_make_read_is_an_ordinary_read_of_the_same_pictures(node: Any, plate: Any, tmp_path: Path):
    from sparkvsr_nuke.following import results
    from sparkvsr_nuke.node.script_nodes import state_of, write_state
    from sparkvsr_nuke.node.state import Version

    pattern = add_result(node, tmp_path / "r")
    version = Version(1, pattern, (), (96, 64, 1.0), "", "path x", "path", "")
    write_state(node, state_of(node).with_version(version))
    read = results.make_read(node)
    assert read.Class() == "Read"
    assert read["label"].value() == "SparkVSR v001"
    assert np.array_equal(pixels(read, 1002), pixels(node, 1002))


def test_the_wrong_press_is_a_sentence_and_no_exception(node: Any):
    import sparkvsr_nuke

    node.setInput(0, None)
    sparkvsr_nuke.press(node, "upscale")
    sparkvsr_nuke.press(node, "make_read")
    sparkvsr_nuke.press(node, "preview_region")
    texts = [text for _, text in current().messages]
    assert texts[0].startswith("The node has no source")
    assert texts[1] == "The node shows no result yet; use Upscale first."
    assert texts[2] == "No Viewer has a region of interest; open one and switch its ROI on."


def test_keyframes_are_one_undo_step_each(nuke: Any, node: Any):
    import sparkvsr_nuke

    nuke.frame(1003)
    sparkvsr_nuke.press(node, "add_keyframe")
    assert node["keyframe_frames"].value() == "1003"
    nuke.frame(1001)
    sparkvsr_nuke.press(node, "add_keyframe")
    assert node["keyframe_frames"].value() == "1001 1003"
    nuke.undo()
    assert node["keyframe_frames"].value() == "1003"


def test_read_frames_become_keyframes(nuke: Any, node: Any, tmp_path: Path):
    import sparkvsr_nuke

    for frame in (1002, 1004):
        write_exr(tmp_path / f"keys/k.{frame}.exr", plate_frame(frame))
    node.setInput(1, read_node(nuke, f"{tmp_path.as_posix()}/keys/k.%04d.exr", 1001, 1004))
    sparkvsr_nuke.press(node, "take_keyframes")
    assert node["keyframe_frames"].value() == "1002 1004"
    assert read_exr(tmp_path / "keys/k.1002.exr").shape == (32, 48, 4)
