"""Losses of the published model: each frame against its own, learned ones refused early without weights."""

from dataclasses import replace

import pytest
import torch

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing
from sparkvsr_engine.evaluation.measures.perceptual import Dists
from sparkvsr_engine.models.distances.files import LPIPS_ALEXNET
from sparkvsr_engine.models.lite.networks.perceptual import Perceptual
from sparkvsr_engine.training.published.judging import Judge
from sparkvsr_engine.training.published.recipe import ClipStageRecipe
from sparkvsr_engine.training.trainees.losses import change_loss
from tests.fakes.metric_weights import (
    ALEXNET,
    ALEXNET_LEVELS,
    VGG16,
    VGG16_LEVELS,
    write_dists,
    write_network,
)

PLACE = torch.device("cpu")
PICTURES = ClipStageRecipe(1, 1e-3, frames=9, pixel=1.0, temporal=1.0)


def with_stage(recipe, stage):
    return replace(recipe, stages=(stage,))


def frames(count, seed=0, side=32):
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(seed))


def test_equal_clips_cost_nothing(published_recipe):
    judge = Judge(with_stage(published_recipe, PICTURES), None, PLACE)
    losses = judge.of_pictures(PICTURES, frames(5), frames(5))
    assert {name: float(value) for name, value in losses.items()} == {"pixel": 0.0, "temporal": 0.0}


def test_a_clip_a_frame_late_costs_what_it_should(published_recipe):
    judge = Judge(with_stage(published_recipe, PICTURES), None, PLACE)
    clip = frames(6)
    late = judge.of_pictures(PICTURES, clip[:-1], clip[1:])
    assert late["pixel"] == pytest.approx(float((2 * (clip[:-1] - clip[1:])).square().mean()))
    assert late["temporal"] > 0.1


def test_a_steady_error_is_no_flicker_and_a_single_frame_cannot_flicker():
    clip = frames(4)
    assert change_loss(clip + 0.1, clip) == pytest.approx(0, abs=1e-7)
    flickering = clip + 0.1 * torch.tensor([1, -1, 1, -1]).view(4, 1, 1, 1)
    assert change_loss(flickering, clip) == pytest.approx(0.2, abs=1e-6)
    assert change_loss(clip[:1], clip[:1] + 1) == 0


def test_weights_of_losses_count(published_recipe):
    heavy = replace(PICTURES, pixel=3.0, temporal=0.0, latent=2.0)
    judge = Judge(with_stage(published_recipe, heavy), None, PLACE)
    first, second = frames(2), frames(2, 1)
    assert set(judge.of_pictures(heavy, first, second)) == {"pixel"}
    plain = judge.of_pictures(PICTURES, first, second)["pixel"]
    assert judge.of_pictures(heavy, first, second)["pixel"] == pytest.approx(3 * float(plain))
    latent = judge.of_latents(heavy, first, second)["latent"]
    assert latent == pytest.approx(2 * float((first - second).square().mean()))
    assert judge.of_latents(PICTURES, first, second) == {}


def test_dists_is_that_of_the_measures_and_can_be_followed_downhill(published_recipe, tmp_path):
    write_network(tmp_path / "lpips_vgg16.safetensors", VGG16, VGG16_LEVELS, seed=5)
    write_dists(tmp_path / "dists_alpha_beta.pt")
    stage = ClipStageRecipe(1, 1e-3, frames=9, dists=1.0)
    judge = Judge(with_stage(published_recipe, stage), tmp_path, PLACE)
    result, truth = frames(1).requires_grad_(), frames(1, 1)
    loss = judge.of_pictures(stage, result, truth)["dists"]
    measure = Dists(tmp_path / "lpips_vgg16.safetensors", tmp_path / "dists_alpha_beta.pt")
    pictures = [picture[0].detach().permute(1, 2, 0).numpy() for picture in (result, truth)]
    assert float(loss.detach()) == pytest.approx(measure.measure(*pictures), rel=1e-4)
    loss.backward()
    nearer = (result.detach() - 0.02 * result.grad / result.grad.abs().max()).clamp(0, 1)
    assert judge.of_pictures(stage, nearer, truth)["dists"] < loss


def test_lpips_is_that_of_the_trainer_of_lite(published_recipe, tmp_path):
    write_network(tmp_path / LPIPS_ALEXNET, ALEXNET, ALEXNET_LEVELS, seed=3)
    stage = ClipStageRecipe(1, 1e-3, frames=9, lpips=2.0)
    judge = Judge(with_stage(published_recipe, stage), tmp_path, PLACE)
    first, second = frames(2, side=64), frames(2, 1, side=64)
    alone = Perceptual(tmp_path)(first, second, torch.ones(2))
    assert judge.of_pictures(stage, first, second)["lpips"] == pytest.approx(2 * float(alone), rel=1e-5)


def test_learned_losses_without_their_weights_are_refused_at_once(published_recipe, tmp_path):
    dists = with_stage(published_recipe, ClipStageRecipe(1, 1e-3, frames=9, dists=1.0))
    with pytest.raises(ModelMissing, match=r"lpips_vgg16.*models fetch metrics"):
        Judge(dists, tmp_path, PLACE)
    lpips = with_stage(published_recipe, ClipStageRecipe(1, 1e-3, frames=9, lpips=1.0))
    with pytest.raises(ModelMissing, match=r"lpips_alexnet.*models fetch metrics"):
        Judge(lpips, tmp_path, PLACE)
    with pytest.raises(InvalidSettings, match="metrics' weights"):
        Judge(lpips, None, PLACE)
