"""The perceptual loss sees a batch in every position of its first layer's stride."""

import pytest
import torch

from sparkvsr_engine.models.lite.networks.perceptual import Perceptual
from tests.fakes.metric_weights import write_all

SIDE = 64


@pytest.fixture(scope="module")
def perceptual(tmp_path_factory):
    return Perceptual(write_all(tmp_path_factory.mktemp("metrics")))


def pictures(count):
    return torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(2)).repeat(count, 1, 1, 1)


def dotted(batch, x, y):
    """With a dot in each cell of four by four."""
    result = batch.clone()
    result[..., y::4, x::4] = 1.0
    return result


def distance(perceptual, count, x, y):
    batch = pictures(count) * 0.5
    return float(perceptual(dotted(batch, x, y), batch, torch.ones(count)))


def test_where_in_its_cell_a_dot_lies_matters_little_over_a_batch(perceptual):
    places = [(0, 0), (1, 0), (2, 1), (3, 3)]
    alone = torch.tensor([distance(perceptual, 1, x, y) for x, y in places])
    together = torch.tensor([distance(perceptual, 16, x, y) for x, y in places])
    assert together.std() / together.mean() < 0.5 * alone.std() / alone.mean()


def test_the_same_is_nothing_apart_and_what_weighs_nothing_does_not_count(perceptual):
    batch = pictures(3)
    assert float(perceptual(batch, batch, torch.ones(3))) == 0
    assert float(perceptual(dotted(batch, 1, 1), batch, torch.zeros(3))) == 0


def test_a_position_is_a_pictures_own_wherever_it_lies_in_its_batch(perceptual):
    batch = pictures(16) * 0.5
    result = dotted(batch, 1, 1)
    positions = torch.arange(16)

    def apart(part):
        return float(perceptual(result[part], batch[part], torch.ones(len(part)), positions[part]))

    alone = [apart(positions[at : at + 1]) for at in range(16)]
    assert max(alone) > 1.05 * min(alone)
    assert apart(positions) == pytest.approx(sum(alone) / 16, rel=1e-4)
    assert apart(positions.flip(0)) == pytest.approx(apart(positions), rel=1e-4)
    assert float(perceptual(result, batch, torch.ones(16))) == pytest.approx(apart(positions), rel=1e-4)
