"""Shots to train `lite` on: what is drawn of them, what their crops hold, and a run of a few steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.lite.loading import load_weights
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.training.recipe import find_recipe, read_recipe
from sparkvsr_engine.training.running import TrainingRequest, open_trainee, train
from sparkvsr_engine.training.shots.shot_bank import ShotBank
from sparkvsr_engine.training.shots.shot_plan import draw_plan
from sparkvsr_engine.training.shots.shot_recipe import ShotDraws, read_shot_recipe

DRAWS = ShotDraws(7, shots=2, photograph_share=0.0, farthest=4, targets=2, crops=2, side=64)
TABLE = {
    "name": "short",
    "seed": 7,
    "stages": [{"steps": 2, "scenes": 2, "crops": 1, "learning_rate": 1e-3, "warm_up": 1, "textures": 0.1}],
    "shots": {"shots": 2, "photograph_share": 0.0, "farthest": 4, "targets": 1, "crops": 2, "side": 64},
}


def plans(length=40, count=200, **changes):
    draws = replace(DRAWS, **changes)
    return [draw_plan(length, draws, np.random.default_rng([1, number])) for number in range(count)]


def test_targets_lie_between_keyframes_and_are_none():
    for plan in plans(single=0.0):
        first, last = plan.keyframes
        assert first < last < len(plan.frames)
        for example in plan.examples:
            assert first < example.target < last
            assert example.keyframes in ((), plan.keyframes)


def test_shares_are_those_of_the_recipe():
    drawn = plans(single=0.25, bare=0.5, keyframes=(("true", 0.75), ("wrong", 0.25)))
    examples = [example for plan in drawn for example in plan.examples]
    assert np.mean([len(plan.keyframes) == 1 for plan in drawn]) == pytest.approx(0.25, abs=0.1)
    assert np.mean([not example.keyframes for example in examples]) == pytest.approx(0.5, abs=0.1)
    assert np.mean([plan.kind == "wrong" for plan in drawn]) == pytest.approx(0.25, abs=0.1)


def test_some_shots_show_every_second_frame_and_none_leaves_its_stage():
    steps = {plan.frames[1] - plan.frames[0] for plan in plans(doubled=0.5)}
    assert steps == {1, 2}
    for length in (3, 5, 17):
        assert all(0 <= place < length for plan in plans(length, 50) for place in plan.frames)
        assert all(plan.examples for plan in plans(length, 50))


@pytest.fixture(scope="module")
def shots(bank, tmp_path_factory):
    return ShotBank(tmp_path_factory.mktemp("shots"), replace(DRAWS, keyframes=(("true", 1.0),)), bank, None)


def test_a_shots_crops_are_a_pure_function_of_its_number(shots, bank, tmp_path):
    again = ShotBank(tmp_path, replace(DRAWS, keyframes=(("true", 1.0),)), bank, None)
    first, second = shots.scene(0), again.scene(0)
    assert len(first["luma"]) <= DRAWS.targets * DRAWS.crops
    assert first["luma"].shape[1:] == (1, 64, 64)
    assert first.keys() == second.keys()
    assert all((first[name] == second[name]).all() for name in first)
    assert not np.array_equal(first["luma"][0], shots.scene(1)["luma"][0])


def test_what_is_wanted_is_a_picture_nearer_to_the_truth_than_the_source(shots):
    """The truth is sharp: it has more detail than the damaged source that lies under it."""
    planes = shots.scene(0)
    source, target = planes["luma"].astype(np.float32), planes["wanted_luma"].astype(np.float32)
    assert (source + target).min() > -0.1
    assert (source + target).max() < 1.1
    assert np.abs(np.diff(source + target)).mean() > 1.1 * np.abs(np.diff(source)).mean()


def test_shots_of_another_recipe_are_refused(shots, bank, tmp_path):
    ShotBank(tmp_path, DRAWS, bank, None).scene(0)
    with pytest.raises(InvalidSettings, match="another recipe"):
        ShotBank(tmp_path, replace(DRAWS, single=1.0), bank, None).check()


def test_wrong_keyframes_and_made_ones_are_learnt_under_too(bank, tmp_path):
    for kind in ("wrong", "balanced"):
        draws = replace(DRAWS, keyframes=((kind, 1.0),), bare=0.0)
        assert ShotBank(tmp_path / kind, draws, bank, None).scene(0)["key0_distance"].all()


def test_a_run_goes_on_with_the_weights_for_all_footage(footage, tmp_path, monkeypatch):
    monkeypatch.setattr("sparkvsr_engine.training.running.read_recipe", lambda _: read_shot_recipe(TABLE))
    start = LitePlanner().weights
    request = TrainingRequest("lite-shots", footage, tmp_path / "run", loaders=0, start=start)
    result = train(request, lambda _: None)
    assert result is not None
    before, after = (load_weights(path).network.state_dict() for path in (start, result))
    apart = max(float((before[name] - after[name]).abs().max()) for name in before)
    assert 0 < apart < 0.05
    assert all(torch.isfinite(value).all() for value in after.values())


def test_without_weights_to_go_on_with_it_names_the_option(footage, tmp_path):
    recipe = read_recipe(find_recipe("lite-shots"))
    with pytest.raises(InvalidSettings, match="--start"):
        open_trainee(TrainingRequest("lite-shots", footage, tmp_path), recipe, [])


def test_a_crop_that_no_stage_holds_is_refused():
    with pytest.raises(ValueError, match="side is 999"):
        replace(DRAWS, side=999)
