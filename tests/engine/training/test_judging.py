"""The judge of damage is trained as any model is, and ends up in one file with both networks."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing
from sparkvsr_engine.models.lite.damage import STATISTICS
from sparkvsr_engine.models.lite.loading import card_of, load_weights, save_weights
from sparkvsr_engine.training.recipe import find_recipe, read_recipe
from sparkvsr_engine.training.scenes.footage import frames_as_they_come
from sparkvsr_engine.training.trainees.judging import CLEAN, NETWORK, DamageSamples, DamageTrainee, Judged
from sparkvsr_engine.training.trainer import RunOptions, Trainer
from tests.engine.training.conftest import SCENES
from tests.fakes.lite_shots import small_network


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    path = tmp_path_factory.mktemp("recipe") / "judge.toml"
    path.write_text(
        f'name = "judge"\nmodel = "lite-damage"\nseed = 3\nscenes = {SCENES}\n'
        "report_steps = 4\n[[stages]]\nsteps = 12\nscenes = 4\nlearning_rate = 1e-2\nwarm_up = 1\n"
    )
    return read_recipe(path)


@pytest.fixture(scope="module")
def mixed_bank(open_bank, tmp_path_factory):
    """Clean scenes and degraded ones, all of them reductions."""
    bank = open_bank(
        tmp_path_factory.mktemp("mixed") / "scenes", seed=13, scales=((4.0, 1.0),), degraded_share=0.5
    )
    assert {bank.scene(number).degraded for number in range(SCENES)} == {False, True}
    return bank


@pytest.fixture
def start(tmp_path):
    """A folder of both networks."""
    for number, name in enumerate((NETWORK, CLEAN)):
        save_weights(small_network(number), tmp_path / name, {"recipe": f"name = '{name}'"})
    return tmp_path


def black_frames(count):
    return [np.zeros((40, 60, 3), np.uint8)] * count


def test_frames_as_they_come_are_taken_for_degraded(mixed_bank, judged, footage, entries):
    frames = list(frames_as_they_come(footage, entries, 1))
    assert len(frames) == sum(entry.kind == "video" for entry in entries)
    result = Judged.of(mixed_bank, SCENES, frames)
    assert result.degraded.tolist() == judged.degraded.tolist() + [1.0] * 3 * len(frames)


@pytest.fixture(scope="module")
def judged(mixed_bank):
    return Judged.of(mixed_bank, SCENES)


def test_all_reduced_frames_are_judged_with_whether_they_were_degraded(judged, mixed_bank):
    expected = [float(mixed_bank.scene(number).degraded) for number in range(SCENES) for _ in range(3)]
    assert judged.degraded.tolist() == expected
    assert judged.statistics.shape == (3 * SCENES, STATISTICS)
    assert torch.isfinite(judged.statistics).all()


def test_a_sample_leaves_some_statistics_untold(judged, recipe):
    result = DamageSamples(judged, replace(recipe, dropped=0.5), 8, 0)
    mean = judged.statistics.mean(0)
    assert len(result) == 8
    for sample in map(result.__getitem__, range(8)):
        message = sample["statistics"] != mean
        assert 0.3 < message.float().mean() < 0.7
        whole = (judged.statistics == torch.where(message, sample["statistics"], judged.statistics)).all(1)
        assert sample["degraded"] in judged.degraded[whole]
    assert DamageTrainee.collate([result[0], result[1]])["statistics"].shape == (2, STATISTICS)


def test_a_sample_is_a_function_of_seed_and_number(judged, recipe):
    first, second = DamageSamples(judged, recipe, 30, 0)[7], DamageSamples(judged, recipe, 30, 7)[0]
    assert torch.equal(first["statistics"], second["statistics"])


def test_a_bank_without_a_reduced_source_is_refused(open_bank, tmp_path):
    bank = open_bank(tmp_path / "scenes", scales=((1.0, 1.0),))
    with pytest.raises(InvalidSettings, match="no reduced source"):
        Judged.of(bank, 1)


def test_a_run_leaves_both_networks_and_the_judge_in_one_file(mixed_bank, recipe, start, tmp_path):
    rows = []
    trainee = DamageTrainee(recipe, mixed_bank, start, black_frames)
    trainer = Trainer(recipe, trainee, RunOptions(tmp_path / "run", "cpu", 0), rows.append)
    assert trainer.run()
    assert [row["step"] for row in rows] == [4, 8, 12]
    assert all(row["judged"] > 0 for row in rows)
    path = tmp_path / "out.safetensors"
    trainer.export(path, {"recipe": "name = 'judge'"})
    result = load_weights(path)
    for part, name in ((result.network, NETWORK), (result.clean, CLEAN)):
        expected = load_weights(start / name).network.state_dict()
        assert all(torch.equal(value, expected[key]) for key, value in part.state_dict().items())
    for key, value in result.judge.state_dict().items():
        assert torch.allclose(value, trainer.state.ema[key], rtol=1e-3, atol=2e-3)
    card = card_of(path)
    assert card["recipe"] == "name = 'judge'"
    assert card["clean_recipe"] == f"name = '{CLEAN}'"
    assert card["network_recipe"] == f"name = '{NETWORK}'"
    assert json.loads(card["config"]) == result.network.config.to_dict()


def test_a_run_without_both_networks_is_not_begun(mixed_bank, recipe, start, tmp_path):
    (start / CLEAN).unlink()
    with pytest.raises(ModelMissing, match=CLEAN):
        Trainer(
            recipe,
            DamageTrainee(recipe, mixed_bank, start, black_frames),
            RunOptions(tmp_path / "run", "cpu", 0),
            lambda row: None,
        )


@pytest.mark.parametrize("name", ["lite", "lite-clean", "lite-damage"])
def test_the_recipes_of_what_ships_can_be_read(name):
    assert read_recipe(find_recipe(name)).name == name
