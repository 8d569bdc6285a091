import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.evaluation.measures.perceptual import Dists, Lpips
from tests.fakes.scenes import scene, softened, with_noise

# Computed with an independent implementation, on the random weights of the fakes and on the published ones:
# soft and noisy against the scene itself. float32 sums differ by the order of their terms.
RANDOM = {
    "lpips": (0.0928241, 0.1150356),
    "lpips_vgg": (0.1011913, 0.1296868),
    "dists": (0.0137460, 0.0071959),
}
PUBLISHED = {"lpips": (0.240864, 0.102401), "lpips_vgg": (0.267613, 0.262489), "dists": (0.265742, 0.233554)}


def distance(name, folder):
    if name == "dists":
        return Dists(folder / "lpips_vgg16.safetensors", folder / "dists_alpha_beta.pt")
    return Lpips(folder / f"lpips_{'alexnet' if name == 'lpips' else 'vgg16'}.safetensors")


def measured(name, folder):
    judge, reference = distance(name, folder), scene()
    return tuple(
        judge.measure(result, reference) for result in (softened(reference), with_noise(reference, 12))
    )


@pytest.mark.parametrize("name", RANDOM)
def test_the_formula_on_random_weights(name, random_weights):
    assert measured(name, random_weights) == pytest.approx(RANDOM[name], rel=1e-4, abs=2e-6)


@pytest.mark.parametrize("name", RANDOM)
def test_equal_pictures_are_at_distance_zero(name, random_weights):
    assert distance(name, random_weights).measure(scene(), scene()) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("real_weights", [("lpips_alexnet.safetensors",)], indirect=True)
def test_lpips_with_the_published_alexnet(real_weights):
    # The file may be kept in half precision, which moves the figure by a few 1e-5.
    assert measured("lpips", real_weights) == pytest.approx(PUBLISHED["lpips"], abs=2e-4)


@pytest.mark.parametrize("name", ["lpips_vgg", "dists"])
def test_vgg_distances_with_the_published_weights(name, real_weights):
    assert measured(name, real_weights) == pytest.approx(PUBLISHED[name], abs=2e-4)


def test_float_pictures_are_taken_as_they_are(random_weights):
    judge = distance("lpips", random_weights)
    soft = softened(scene())
    as_float = (soft / 255.0).astype(np.float32)
    assert judge.measure(as_float, scene()) == pytest.approx(judge.measure(soft, scene()), rel=1e-4)


@pytest.mark.parametrize("name", ["lpips", "lpips_vgg"])
def test_a_reference_whose_features_are_held_gives_the_same_distances(name, random_weights):
    judge, reference = distance(name, random_weights), scene()
    held = judge.against(reference)
    for result in (softened(reference), with_noise(reference, 12), reference):
        assert held(result) == pytest.approx(judge.measure(result, reference), rel=1e-4, abs=2e-6)


def test_a_damaged_weight_file_is_named(tmp_path):
    broken = tmp_path / "lpips_alexnet.safetensors"
    broken.write_bytes(b"no tensors here")
    with pytest.raises(ModelMissing, match=r"lpips_alexnet\.safetensors cannot be read"):
        Lpips(broken)


@pytest.mark.parametrize("content", [b"", b"no tensors here", None])
def test_a_damaged_file_of_dists_is_named(random_weights, tmp_path, content):
    broken = tmp_path / "dists_alpha_beta.pt"
    if content is None:
        torch.save({"alpha": torch.ones(1, 3, 1, 1), "beta": torch.ones(1, 3, 1, 1)}, broken)
    else:
        broken.write_bytes(content)
    with pytest.raises(ModelMissing, match=r"dists_alpha_beta\.pt cannot be read"):
        Dists(random_weights / "lpips_vgg16.safetensors", broken)
