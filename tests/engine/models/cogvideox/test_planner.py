"""Planning without the model."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.cogvideox.planner import CogVideoXPlanner, open_cogvideox_planner
from sparkvsr_engine.models.cogvideox.restorer import open_cogvideox

SHOT, GEOMETRY = FrameSpan(0, 100), Geometry(16, 16, 32, 32)


def test_plan_and_identity_are_the_loaded_models(checkpoint):
    planner, restorer = open_cogvideox_planner(checkpoint, {}), open_cogvideox(checkpoint)
    assert planner.traits == restorer.traits
    assert planner.plan(SHOT, SHOT, [20], GEOMETRY) == restorer.plan(SHOT, SHOT, [20], GEOMETRY)


def test_its_options_plan_the_same_again(checkpoint):
    first = open_cogvideox_planner(checkpoint, {"length": 17, "slots": "causal"})
    again = open_cogvideox_planner(checkpoint, first.planning_options)
    assert first.planning_options == {"length": 17, "overlap": 9, "slots": "causal"}
    assert again.plan(SHOT, SHOT, [3], GEOMETRY) == first.plan(SHOT, SHOT, [3], GEOMETRY)


@pytest.mark.parametrize("options", [{"length": 32}, {"slots": "both"}, {"tile": 512}, {"overlap": 33}])
def test_options_that_make_no_sense_are_refused(checkpoint, options):
    with pytest.raises(InvalidSettings, match="The published model"):
        open_cogvideox_planner(checkpoint, options)


def test_a_folder_without_weights_is_refused(tmp_path):
    with pytest.raises(ModelMissing, match="fetch the weights"):
        open_cogvideox_planner(tmp_path, {})


def test_planning_imports_neither_torch_nor_diffusers(checkpoint):
    program = (
        "import sys; from pathlib import Path; from sparkvsr_engine.models.cogvideox.planner import *;"
        f"open_cogvideox_planner(Path({str(checkpoint)!r}), {{}}).plan(FrameSpan(0, 9), FrameSpan(0, 9), [],"
        " Geometry(1, 1, 2, 2)); assert not {'torch', 'diffusers', 'cv2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_keyframe_that_finds_its_latent_taken_is_named():
    planner = CogVideoXPlanner("weights")
    (ignored,) = planner.ignored_keyframes(FrameSpan(0, 33), [4, 6, 20])
    assert ignored.frame == 6
    assert "4 frames apart" in ignored.reason
    assert planner.ignored_keyframes(FrameSpan(0, 33), [4, 8, 20, 99]) == ()
