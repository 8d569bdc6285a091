"""The published model trained at toy size: what is trained restores, and runs go on to the same bits."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.grid_windows import SlotMap
from sparkvsr_engine.models.cogvideox.checkpoints.loading import make_component
from sparkvsr_engine.training.published import trainee as training
from sparkvsr_engine.training.published.recipe import AdapterRecipe, ClipStageRecipe
from sparkvsr_engine.training.published.trainee import PublishedTrainee
from sparkvsr_engine.training.recipe import find_recipe, read_recipe
from sparkvsr_engine.training.trainer import RunOptions, Trainer
from tests.fakes.cogvideox import Clip, keyframe, make_checkpoint, render
from tests.fakes.published_training import sample_by_hand, write_full_size_configs

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def recipes(published_recipe):
    """The toy recipe, training all of the transformer or additions to it."""
    adapted = replace(published_recipe, adapters=AdapterRecipe(4, 2.0))
    return {"whole": published_recipe, "adapted": adapted}


@pytest.fixture(scope="module")
def open_trainee(clip_bank, checkpoint):
    def open_(recipe, start=checkpoint):
        return PublishedTrainee(recipe, clip_bank, start)

    return open_


@pytest.fixture(scope="module")
def open_run(open_trainee):
    """Opens a run in a folder; goes on where it was stopped."""

    def open_(recipe, folder, stop_after=0, **start):
        options = RunOptions(folder, "cpu", loaders=0, stop_after=stop_after)
        return Trainer(recipe, open_trainee(recipe, **start), options, lambda row: None)

    return open_


@pytest.fixture(scope="module")
def whole_runs(open_run, recipes, tmp_path_factory):
    """Runs that were never stopped."""
    runs = {name: open_run(recipe, tmp_path_factory.mktemp(name)) for name, recipe in recipes.items()}
    assert all(run.run() for run in runs.values())
    return runs


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["whole", "adapted"])
def test_a_stopped_run_goes_on_to_the_same_bits(open_run, recipes, whole_runs, tmp_path, kind):
    for steps in (1, 3):
        assert not open_run(recipes[kind], tmp_path, steps).run()
    last = open_run(recipes[kind], tmp_path)
    assert last.run()
    whole = whole_runs[kind]
    resumed, uninterrupted = last.network.state_dict(), whole.network.state_dict()
    assert all(torch.equal(resumed[name], uninterrupted[name]) for name in uninterrupted)
    assert all(torch.equal(last.state.ema[name], whole.state.ema[name]) for name in uninterrupted)
    losses = [[row["total"] for row in run.state.losses] for run in (last, whole)]
    assert losses[0] == losses[1]


def test_the_stages_judge_latents_and_then_pictures(whole_runs):
    first, last = whole_runs["whole"].state.losses[0], whole_runs["whole"].state.losses[-1]
    beside = {"total", "step", "seconds_per_step", "learning_rate"}
    assert set(first) - beside == {"latent"}
    assert set(last) - beside == {"pixel", "temporal"}


def test_only_the_additions_are_trained_and_kept_when_asked_for(whole_runs):
    run = whole_runs["adapted"]
    assert all("|" in name for name in run.state.ema)
    assert sum(value.numel() for value in run.network.parameters()) < 10_000


def test_a_run_does_not_go_on_from_other_weights(open_run, recipes, tmp_path):
    torch.manual_seed(0)
    open_run(recipes["adapted"], tmp_path / "run", 1).run()
    second = make_checkpoint(tmp_path / "other")
    (second / "sparkvsr.toml").write_text('slots = "causal"\n', encoding="utf-8")
    with pytest.raises(InvalidSettings, match="started from other weights"):
        open_run(recipes["adapted"], tmp_path / "run", 1, start=second)


def test_a_start_that_is_no_checkpoint_or_merges_others_is_refused(open_trainee, recipes, tmp_path):
    with pytest.raises(ModelMissing, match=r"transformer/config\.json is missing"):
        open_trainee(recipes["whole"], tmp_path)
    second = make_checkpoint(tmp_path / "other")
    (second / "grain.safetensors").write_bytes(b"")
    (second / "sparkvsr.toml").write_text('[[lora]]\nfile = "grain.safetensors"\n', encoding="utf-8")
    with pytest.raises(InvalidSettings, match="LoRA"):
        open_trainee(recipes["whole"], second)


@pytest.mark.parametrize("slots", [(), (0,), (0, 2)])
def test_what_is_trained_is_what_restores(open_trainee, recipes, checkpoint, slots):
    from sparkvsr_engine.models.cogvideox.restorer import OpenOptions, open_cogvideox

    batch = sample_by_hand(slots)
    trainee = open_trainee(recipes["whole"])
    trainee.build(CPU)
    with torch.no_grad():
        frames = trainee.decoded(trainee.restored(batch)).permute(0, 2, 3, 1).numpy()
    source = batch["source"].numpy().astype(np.float32) / 255
    # The last frame of each slot of the causal map.
    picture = {4 * slot: batch["keyframes"][place].numpy() for place, slot in enumerate(slots)}
    restorer = open_cogvideox(checkpoint, options=OpenOptions(slot_map=SlotMap.CAUSAL))
    keyframes = {frame: keyframe(frame, picture) for frame, picture in picture.items()}
    clip = Clip(FrameSpan(0, 9), lambda frame: source[frame])
    result = render(restorer, clip, keyframes, Geometry(8, 8, 32, 32))
    for frame in range(9):
        np.testing.assert_allclose(frames[frame].clip(0, 1), result.frames[frame], atol=2e-4)


@pytest.mark.slow
@pytest.mark.parametrize("losses", [{"latent": 1.0}, {"pixel": 1.0, "temporal": 1.0}])
@pytest.mark.parametrize("kind", ["whole", "adapted"])
def test_steps_on_one_clip_lower_the_loss(open_trainee, recipes, losses, kind):
    stage = ClipStageRecipe(1, 1e-3, frames=9, height=32, width=32, **losses)
    torch.manual_seed(1)
    trainee = open_trainee(replace(recipes[kind], stages=(stage,)))
    network = trainee.build(CPU)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3 if kind == "whole" else 2e-2)
    batch, totals = sample_by_hand(), []
    # One colour: what random weights can be taught in a few steps.
    batch["truth"][:] = torch.tensor([50, 60, 80], dtype=torch.uint8)
    for _ in range(8):
        total = torch.stack(list(trainee.losses(batch, 0).values())).sum()
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(float(total.detach()))
    assert totals[-1] < 0.9 * totals[0]


def test_gradients_are_the_same_when_activations_are_computed_again(open_trainee, recipes):
    stage = ClipStageRecipe(1, 1e-3, frames=9, height=32, width=32, latent=1.0, pixel=1.0)
    result = []
    for again in (True, False):
        trainee = open_trainee(replace(recipes["whole"], stages=(stage,), is_recomputed=again))
        network = trainee.build(CPU)
        torch.stack(list(trainee.losses(sample_by_hand(), 0).values())).sum().backward()
        result.append({name: value.grad for name, value in network.named_parameters()})
    for name, gradient in result[0].items():
        assert gradient is not None, name
        torch.testing.assert_close(gradient, result[1][name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", ["whole", "adapted"])
def test_what_is_trained_stays_in_float32_over_halved_weights(open_trainee, recipes, kind, monkeypatch):
    monkeypatch.setattr(training, "frozen_precision", lambda place: torch.bfloat16)
    stage = ClipStageRecipe(1, 1e-3, frames=9, height=32, width=32, latent=1.0, pixel=1.0)
    trainee = open_trainee(replace(recipes[kind], stages=(stage,)))
    network = trainee.build(CPU)
    with torch.autocast("cpu", torch.bfloat16):
        losses = trainee.losses(sample_by_hand(), 0)
    torch.stack(list(losses.values())).sum().backward()
    for value in network.parameters():
        assert value.dtype is torch.float32
        assert torch.isfinite(value.grad).all()
    assert trainee.encoded(torch.rand(1, 3, 32, 32)).dtype is torch.float32


@pytest.mark.slow
def test_the_shipped_recipes_steps_fit_the_full_size_model(open_trainee, tmp_path, monkeypatch):
    """Shapes alone, on the meta device; the figures stand in docs/published-model.md."""
    folder = write_full_size_configs(tmp_path)

    def component(_start, name, _place, _dtype):
        return make_component(folder, name).requires_grad_(False)

    monkeypatch.setattr(training, "load_component", component)
    monkeypatch.setattr(training, "load_embedding", lambda at, rows, width: torch.zeros(1, rows, width))
    monkeypatch.setattr(torch, "autocast", lambda *inputs, **more: nullcontext())
    recipe = read_recipe(find_recipe("sparkvsr"))
    # DISTS needs weights, and its own tests show that it is followed.
    recipe = replace(recipe, stages=tuple(replace(stage, dists=0.0) for stage in recipe.stages))
    trainee = open_trainee(recipe)
    network = trainee.build(torch.device("meta"))
    assert sum(value.numel() for value in network.parameters()) == 5_571_594_880
    for stage, frames, work in ((0, 33, 321), (1, 9, 213), (1, 1, 62)):
        batch = {name: value.to("meta") for name, value in sample_of(frames).items()}
        with FlopCounterMode(display=False) as counted:
            losses = trainee.losses(batch | {"slots": torch.tensor([0])}, stage)
            torch.stack(list(losses.values())).sum().backward()
        assert counted.get_total_flops() / 1e12 == pytest.approx(work, abs=1)


def sample_of(frames):
    """A sample of the shipped recipe's size with one keyframe."""
    return {
        "source": torch.zeros(frames, 80, 160, 3, dtype=torch.uint8),
        "truth": torch.zeros(frames, 320, 640, 3, dtype=torch.uint8),
        "keyframes": torch.zeros(1, 320, 640, 3),
    }
