"""Training goes on to the same bits, lowers its loss, and exports what it averaged."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing
from sparkvsr_engine.models.checkpoint import load_checkpoint, update_average
from sparkvsr_engine.models.distances.files import LPIPS_ALEXNET
from sparkvsr_engine.models.lite.loading import load_network
from sparkvsr_engine.models.lite.networks.batches import run_batch
from sparkvsr_engine.models.lite.networks.network import LiteNetwork
from sparkvsr_engine.models.lite.networks.perceptual import Perceptual
from sparkvsr_engine.training.recipe import StageRecipe, read_recipe
from sparkvsr_engine.training.sampling.samples import SampleSource
from sparkvsr_engine.training.schedule import learning_rate
from sparkvsr_engine.training.trainees.lite_stages import collate, losses_of
from sparkvsr_engine.training.trainees.lite_trainee import LiteTrainee
from sparkvsr_engine.training.trainer import RunOptions, Trainer
from tests.fakes.footage import write_recipe
from tests.fakes.lite_shots import SMALL
from tests.fakes.metric_weights import ALEXNET, ALEXNET_LEVELS, write_network


@pytest.fixture(scope="module")
def metric_weights(tmp_path_factory):
    """LPIPS of random content: the real layout."""
    folder = tmp_path_factory.mktemp("metrics")
    write_network(folder / LPIPS_ALEXNET, ALEXNET, ALEXNET_LEVELS, seed=3)
    return folder


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    return read_recipe(write_recipe(tmp_path_factory.mktemp("recipe")))


@pytest.fixture(scope="module")
def open_run(recipe, bank, metric_weights):
    """Opens a run in a folder; goes on where it was stopped."""

    def open_(folder, stop_after=0, of=None, **changes):
        weights = changes.pop("metric_weights", metric_weights)
        options = RunOptions(folder, stop_after=stop_after, **{"device": "cpu", "loaders": 0, **changes})
        trainee = LiteTrainee(of or recipe, bank, weights)
        return Trainer(of or recipe, trainee, options, lambda row: None)

    return open_


@pytest.fixture
def new_trainer(open_run, tmp_path):
    return lambda name="run", **inputs: open_run(tmp_path / name, **inputs)


def same_weights(first, second):
    first_state, second_state = first.network.state_dict(), second.network.state_dict()
    return all(torch.equal(first_state[name], second_state[name]) for name in first_state) and all(
        torch.equal(first.state.ema[name], second.state.ema[name]) for name in first_state
    )


@pytest.fixture(scope="module")
def whole(open_run, tmp_path_factory):
    """A run that was never stopped."""
    trainer = open_run(tmp_path_factory.mktemp("whole"))
    assert trainer.run()
    return trainer


@pytest.mark.slow
@pytest.mark.parametrize("stops", [(3,), (4,), (1, 4)])
def test_a_stopped_run_goes_on_to_the_same_bits(new_trainer, whole, stops):
    for steps in stops:
        assert not new_trainer(stop_after=steps).run()
    last = new_trainer()
    assert last.run()
    assert same_weights(last, whole)
    assert [row["step"] for row in last.state.losses] == [1, 2, 3, 4, 5, 6]


def test_a_run_killed_between_checkpoints_goes_on_from_the_last_one(new_trainer, whole, tmp_path, recipe):
    class Killed(Exception):
        pass

    def kill_at_three(row):
        if row["step"] == 3:
            raise Killed

    broken = new_trainer("killed")
    broken._on_report = kill_at_three
    with pytest.raises(Killed):
        broken.run()
    assert load_checkpoint(tmp_path / "killed" / "checkpoint.pt")["step"] == 2
    again = new_trainer("killed")
    assert again.state.step == 2
    assert again.run()
    assert same_weights(again, whole)
    lines = (tmp_path / "killed" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == sum(stage.steps for stage in recipe.stages)


@pytest.mark.slow
def test_samples_made_by_other_processes_train_the_same_weights(new_trainer, whole):
    trainer = new_trainer(loaders=2)
    assert trainer.run()
    assert same_weights(trainer, whole)


def test_a_finished_run_has_nothing_left_to_do(open_run, whole):
    again = open_run(whole._path.parent)
    assert again.run()
    assert same_weights(again, whole)


def test_seeds_make_runs_of_their_own(new_trainer, recipe):
    first, same, second = (
        new_trainer(name, of=replace(recipe, seed=seed), stop_after=1)
        for name, seed in (("one", 7), ("same", 7), ("other", 8))
    )
    for trainer in (first, same, second):
        trainer.run()
    assert same_weights(first, same)
    assert not same_weights(first, second)


def test_the_second_stage_has_its_own_losses(whole):
    first, last = whole.state.losses[0], whole.state.losses[-1]
    assert "perceptual" not in first
    assert last["perceptual"] >= 0
    assert {"total", "blind", "keyed", "step", "seconds_per_step", "learning_rate"} <= set(first)


@pytest.mark.slow
def test_a_stage_with_a_temporal_loss_goes_on_to_the_same_bits(recipe, open_bank, tmp_path):
    stage = replace(recipe.stages[0], steps=3, temporal=0.5)
    recipe = replace(recipe, scene=replace(recipe.scene, paired=True), stages=(stage,))
    bank = open_bank(tmp_path / "scenes", paired=True)

    def run(name, stop_after=0):
        options = RunOptions(tmp_path / name, "cpu", loaders=0, stop_after=stop_after)
        trainer = Trainer(recipe, LiteTrainee(recipe, bank), options, lambda row: None)
        trainer.run()
        return trainer

    whole = run("whole")
    assert all(row["temporal"] > 0 for row in whole.state.losses)
    run("apart", 1)
    assert same_weights(run("apart"), whole)


def test_averaged_weights_are_exported_in_half_precision(whole, tmp_path):
    path = tmp_path / "tiny.safetensors"
    whole.export(path, {"licence": "Apache-2.0"})
    for name, value in load_file(path).items():
        assert torch.equal(value, whole.state.ema[name].to(torch.float16))
    assert load_network(path).config == whole.network.config


def test_a_start_fills_a_new_network_and_never_one_that_goes_on(recipe, bank, metric_weights, tmp_path):
    options = RunOptions(tmp_path, "cpu", loaders=0, stop_after=1)
    started = []
    for _ in range(2):
        trainee = LiteTrainee(recipe, bank, metric_weights, started.append)
        Trainer(recipe, trainee, options, lambda row: None).run()
    assert len(started) == 1
    assert isinstance(started[0], LiteNetwork)


def test_a_perceptual_loss_without_weights_is_refused_before_training(new_trainer, tmp_path):
    with pytest.raises(ModelMissing, match=r"lpips.*models fetch metrics"):
        new_trainer(metric_weights=tmp_path / "nothing here")
    with pytest.raises(InvalidSettings, match="metrics"):
        new_trainer(metric_weights=None)


def test_without_a_perceptual_loss_no_weights_are_asked_for(new_trainer, recipe):
    plain = replace(recipe, stages=recipe.stages[:1])
    assert new_trainer(of=plain, metric_weights=None, stop_after=1) is not None


def test_thirty_steps_on_one_batch_lower_the_loss(recipe, bank):
    source = SampleSource(bank, replace(recipe.sample, blind_share=0.0), 4, crop=64)
    batch = collate([source[index] for index in range(2)])
    torch.manual_seed(1)
    network = LiteNetwork(SMALL)
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3)
    stage = StageRecipe(30, 2e-3)
    losses = []
    for _ in range(30):
        result = losses_of(run_batch(network, batch), batch, stage, None)
        total = result["blind"] + result["keyed"]
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        losses.append(float(total.detach()))
    assert losses[-1] < 0.6 * losses[0]
    assert min(losses[-5:]) < min(losses[:5])


def test_training_computes_what_the_network_computes_alone(recipe, bank):
    source = SampleSource(bank, recipe.sample, 3, crop=64)
    scenes = [source[index] for index in range(3)]
    torch.manual_seed(1)
    network = LiteNetwork(SMALL)
    with torch.no_grad():
        together = run_batch(network, collate(scenes))
        for index, scene in enumerate(scenes):
            alone = run_batch(network, collate([scene]))
            assert torch.allclose(together.restored.luma[index], alone.restored.luma[0], atol=1e-4)


def test_only_degraded_entries_count_for_the_perceptual_loss(metric_weights):
    perceptual = Perceptual(metric_weights)
    rng = torch.Generator().manual_seed(0)
    result, expected = (torch.rand(2, 3, 64, 64, generator=rng) for _ in range(2))
    both = perceptual(result, expected, torch.ones(2))
    first = perceptual(result, expected, torch.tensor([1.0, 0.0]))
    second = perceptual(result, expected, torch.tensor([0.0, 1.0]))
    assert both == pytest.approx(float(first + second), rel=1e-4)
    assert perceptual(result, expected, torch.zeros(2)) == 0
    assert perceptual(expected, expected, torch.ones(2)) == pytest.approx(0, abs=1e-6)


def test_the_perceptual_loss_runs_on_the_device_of_its_pictures(metric_weights):
    perceptual = Perceptual(metric_weights, "meta")
    pictures = torch.zeros(2, 3, 64, 64, device="meta")
    assert perceptual(pictures, pictures, torch.ones(2, device="meta")).device.type == "meta"


def test_the_rate_rises_and_then_falls_to_its_share():
    stage = StageRecipe(steps=100, learning_rate=1.0, warm_up=10, final_share=0.1)
    rates = [learning_rate(stage, step) for step in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0.1)


def test_a_young_average_forgets_faster():
    network = LiteNetwork(SMALL)
    ema = {}
    update_average(ema, network, 0.9, 0)
    name = "blind.head.bias"
    with torch.no_grad():
        network.get_parameter(name).fill_(1.0)
        ema[name].zero_()
    update_average(ema, network, 0.9, 1)
    assert ema[name][0] == pytest.approx(1 - 2 / 11)
    ema[name].zero_()
    update_average(ema, network, 0.9, 100_000)
    assert ema[name][0] == pytest.approx(0.1)
