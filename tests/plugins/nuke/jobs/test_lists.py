"""What comes into a node's lists: suggestions, keyframes of small streams, models, policies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tkinter")

from tests.fakes.nuke.application import current
from tests.fakes.nuke_plates import read_node
from tests.plugins.nuke.jobs.node_jobs import click, in_the_interface, pump


@in_the_interface
def test_suggested_frames_are_one_undo_step_with_their_reasons(nuke: Any, shot: Any):
    from sparkvsr_nuke.following import jobs
    from sparkvsr_nuke.frame_text import parse_frames

    shot["model"].setValue("lite")
    shot["scale"].setValue(2.0)
    click(shot, "suggest_keyframes")
    pump(lambda: not jobs.runtime().steps, "nothing was suggested")
    frames = parse_frames(shot["keyframe_frames"].value())
    assert frames
    assert set(frames) <= set(range(1001, 1007))
    assert any(line.startswith(f"frame {frames[0]}: ") for line in jobs.runtime().log)
    nuke.undo()
    assert shot["keyframe_frames"].value() == ""
    assert current().messages == []


@in_the_interface
def test_keyframes_of_a_small_stream_come_into_the_list_with_its_full_size(
    nuke: Any, shot: Any, tmp_path: Path
):
    # The engine's folder lies on the path in Nuke's Pythons too; what it needs does not.
    pytest.importorskip("torch", reason="NOT CHECKED: this Python has no engine to pack with")
    from sparkvsr_nuke.following import jobs

    from tests.fakes.streams import packed_movie

    stream = packed_movie(tmp_path, "small.mp4", "2,7")
    shot.setInput(0, read_node(nuke, stream.as_posix(), 1, 12))
    nuke.root()["first_frame"].setValue(1)
    nuke.root()["last_frame"].setValue(12)
    click(shot, "take_stream_keyframes")
    pump(lambda: not jobs.runtime().steps, "no keyframes were taken")
    assert shot["keyframe_frames"].value() == "3 8"
    assert shot["scale"].value() == 2.0
    nuke.undo()
    assert (shot["keyframe_frames"].value(), shot["scale"].value()) == ("", 1.0)
    assert current().messages == []


@in_the_interface
def test_a_source_without_keyframes_of_its_own_changes_nothing_and_is_named(shot: Any):
    from sparkvsr_nuke.following import jobs

    shot["keyframe_frames"].setValue("1002")
    click(shot, "take_stream_keyframes")
    pump(lambda: not jobs.runtime().steps and bool(current().messages), "nothing was shown")
    assert "brings no keyframes" in current().messages[-1][1]
    assert (shot["keyframe_frames"].value(), shot["scale"].value()) == ("1002", 1.0)


@in_the_interface
@pytest.mark.parametrize(
    ("action", "knob", "name"),
    [("list_models", "model", "lite"), ("list_keyframe_models", "keyframe_model", "crisp")],
)
def test_models_are_chosen_from_the_engines_list(
    nuke: Any, shot: Any, action: str, knob: str, name: str, monkeypatch: pytest.MonkeyPatch
):
    offered: list[str] = []

    def choose(_title: str, _prompt: str, texts: list[str], _default: int) -> int:
        offered.extend(text.split(":")[0] for text in texts)
        return offered.index(name)

    monkeypatch.setattr(nuke, "choice", choose)
    click(shot, action)
    pump(lambda: shot[knob].value() == name, "no model was chosen")
    assert ("sparkvsr" in offered) == (knob == "model")
    nuke.undo()
    assert shot[knob].value() != name


@in_the_interface
def test_a_node_of_an_earlier_version_is_given_the_policies_there_are(nuke: Any, shot: Any):
    import sparkvsr_nuke
    from sparkvsr_nuke.node.knob_specs import POLICY_NAMES

    shot["keyframe_policy"].setValues(["adaptive", "manual", "none"])
    shot["keyframe_policy"].setValue("none")
    nuke.root().setModified(False)
    sparkvsr_nuke.knob_changed(shot, nuke.String_Knob("showPanel"))
    assert tuple(shot["keyframe_policy"].values()) == POLICY_NAMES
    assert shot["keyframe_policy"].value() == "none"
    assert not nuke.root().modified()
