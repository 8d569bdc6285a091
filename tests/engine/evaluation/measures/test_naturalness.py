import math

import numpy as np
import pytest

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.evaluation.measures.naturalness import Niqe
from tests.fakes.scenes import scene, softened, with_noise


@pytest.fixture
def niqe(random_weights):
    return Niqe(random_weights / "niqe_pris_params.npz")


# Computed with BasicSR's implementation in double precision; its half-size picture is float32.
def test_the_formula_against_another_implementation(niqe):
    picture = scene(0, 384, 288)
    result = [niqe.measure(p) for p in (picture, softened(picture), with_noise(picture, 12))]
    assert result == pytest.approx([7.541290, 7.056577, 7.018674], abs=2e-4)


@pytest.mark.parametrize("real_weights", [("niqe_pris_params.npz",)], indirect=True)
def test_the_published_parameters(real_weights):
    niqe, picture = Niqe(real_weights / "niqe_pris_params.npz"), scene(0, 384, 288)
    result = [niqe.measure(p) for p in (picture, softened(picture), with_noise(picture, 12))]
    assert result == pytest.approx([9.940376, 8.639450, 8.795668], abs=1e-3)


def test_two_blocks_are_the_least(niqe):
    assert Niqe.accepts(192, 96)
    assert not Niqe.accepts(191, 96)
    with pytest.raises(ValueError, match="two blocks"):
        niqe.measure(scene(0, 191, 96))


def test_a_flat_picture_has_no_figure(niqe):
    assert math.isnan(niqe.measure(np.full((192, 192, 3), 90, np.uint8)))


def test_a_missing_parameter_file_is_named(tmp_path):
    with pytest.raises(ModelMissing, match=r"niqe\.npz cannot be read"):
        Niqe(tmp_path / "niqe.npz")
