"""What a step lowers, by name, of results that are given."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from sparkvsr_engine.models.distances.dists import DistsLoss
from sparkvsr_engine.models.distances.files import DISTS_FILES
from sparkvsr_engine.models.lite.learning import objective
from sparkvsr_engine.models.lite.learning.objective import Objective
from sparkvsr_engine.models.lite.learning.recipe import LearningRecipe
from sparkvsr_engine.models.lite.pixels.planes import Planes
from tests.fakes.metric_weights import write_all

SIDE = 128


@pytest.fixture(scope="module")
def dists(tmp_path_factory):
    folder = write_all(tmp_path_factory.mktemp("metrics"))
    return DistsLoss(*(folder / name for name in DISTS_FILES))


def batch_of(luma, position=5):
    """A batch of crops whose residual is all there is of them."""
    count = len(luma)
    chroma = torch.zeros(count, 2, SIDE // 2, SIDE // 2)
    return {
        "luma": torch.zeros_like(luma),
        "chroma": chroma,
        "wanted_luma": luma,
        "wanted_chroma": chroma,
        "weight": torch.ones_like(luma),
        "position": torch.full((count,), position),
    }


def losses_of(monkeypatch, dists, result, batch, step=0, **fields):
    """Of a result in place of the network's own."""
    planes = Planes(result, batch["chroma"])
    monkeypatch.setattr(objective, "run_batch", lambda *_: SimpleNamespace(restored=planes, blind=planes))
    recipe = LearningRecipe(9, dists=1.0, dists_from=4, **fields)
    return Objective(recipe, None, dists).losses(None, batch, step)


def test_dists_counts_from_its_step_on(monkeypatch, dists):
    batch = batch_of(torch.rand(2, 1, SIDE, SIDE))
    losses_by_step = [losses_of(monkeypatch, dists, batch["wanted_luma"], batch, step) for step in (3, 4)]
    assert ["dists" in losses for losses in losses_by_step] == [False, True]
    assert float(losses_by_step[1]["dists"]) == pytest.approx(0, abs=1e-5)


def test_dists_of_a_part_of_every_other_crop_can_be_followed_downhill(monkeypatch, dists):
    target = torch.rand(4, 1, SIDE, SIDE)
    batch = batch_of(target, position=0)
    result = (0.5 * target).requires_grad_()
    loss = losses_of(monkeypatch, dists, result, batch, 4)["dists"]
    loss.backward()
    seen = result.grad.abs().amax((1, 2, 3)) > 0
    assert seen.tolist() == [True, False, True, False]
    side = objective._DISTS_SIDE
    assert not result.grad[..., side:, :].any()
    assert not result.grad[..., side:].any()
    improved = result.detach() - 0.02 * result.grad / result.grad.abs().max()
    assert losses_of(monkeypatch, dists, improved, batch, 4)["dists"] < loss


@pytest.mark.parametrize("position", range(16))
def test_every_position_is_inside_and_the_last_reaches_the_end(position):
    pictures = torch.arange(SIDE * SIDE).reshape(1, 1, SIDE, SIDE)
    part = objective._part(pictures, position)
    assert part.shape[-2:] == (objective._DISTS_SIDE,) * 2
    assert (part[0, 0, -1, -1] == SIDE * SIDE - 1) == (position == 15)


def test_crops_smaller_than_a_part_are_seen_whole():
    pictures = torch.rand(1, 3, 32, 64)
    assert torch.equal(objective._part(pictures, 15), pictures)
