"""Graphics among the scenes that `lite` is trained on, and samples in strong colours."""

from typing import Any

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.lite.loading import save_weights
from sparkvsr_engine.training.recipe import find_recipe, read_recipe
from sparkvsr_engine.training.sampling.recolouring import recoloured
from sparkvsr_engine.training.scenes.bank import Bank, SceneRecipe
from sparkvsr_engine.training.scenes.graphics_stage import GraphicsStage
from sparkvsr_engine.training.scenes.mixed_scenes import GraphicsRecipe, MixedScenes
from sparkvsr_engine.training.trainees.warm_start import start_from_weights
from tests.fakes.lite_shots import small_network


def graphics_bank(folder, **changes):
    recipe = SceneRecipe(seed=5, farthest=3, graphics=True, scales=((4.0, 1.0),), **changes)
    return Bank(folder, recipe, folder / "cache", [], [])


@pytest.fixture(scope="module")
def bank_of_graphics(tmp_path_factory):
    return graphics_bank(tmp_path_factory.mktemp("graphics"), degraded_share=0.0, taught=True)


def test_a_scene_of_graphics_has_shapes_and_no_teacher(bank_of_graphics):
    scene = bank_of_graphics.scene(0)
    assert scene.truth.shape == (3, 352, 640, 3)
    assert scene.source.shape == (7, 88, 160, 3)
    # The teacher bursts on graphics.
    assert scene.taught is None


def test_scenes_of_graphics_are_the_same_wherever_they_are_made(bank_of_graphics, tmp_path):
    anew = graphics_bank(tmp_path, degraded_share=0.0, taught=True).scene(1)
    assert np.array_equal(anew.source, bank_of_graphics.scene(1).source)
    assert np.array_equal(anew.truth, bank_of_graphics.scene(1).truth)


def test_light_is_reduced_as_light():
    stage = next(
        stage
        for stage in (GraphicsStage.at_random((), np.random.default_rng(seed)) for seed in range(400))
        if stage.scene.is_light and stage.frame(4).max() > 200
    )
    source, truth = stage.source(4, 160, 88), stage.frame(4)
    assert source.shape == (88, 160, 3)
    # The mean of light has a higher code than the mean of codes.
    reduced = truth.reshape(88, 4, 160, 4, 3).mean((1, 3))
    assert (source.astype(float) - reduced).max() > 5


def test_banks_take_turns_by_share(open_bank, bank_of_graphics, tmp_path):
    class Numbered:
        def __init__(self, name):
            self.name = name

        def check(self):
            pass

        def scene(self, number):
            return self.name, number

    mixed = MixedScenes(Numbered("footage"), Numbered("graphics"), 0.4)
    scenes: list[Any] = [mixed.scene(number) for number in range(40)]
    assert sum(name == "graphics" for name, _ in scenes) == 16
    for kind, count in (("graphics", 16), ("footage", 24)):
        assert [number for name, number in scenes if name == kind] == list(range(count))


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1])
def test_a_share_of_none_or_all_is_refused(share):
    with pytest.raises(ValueError, match="not between 0 and 1"):
        GraphicsRecipe(share)


def test_old_banks_keep_their_record():
    assert "graphics" not in SceneRecipe(seed=1).to_record()
    assert SceneRecipe(seed=1, graphics=True).to_record()["graphics"] is True


def test_a_share_of_aliased_scenes_is_drawn_and_noted():
    def aliased(share):
        stages = [GraphicsStage.at_random((), np.random.default_rng(seed), share).scene for seed in range(30)]
        assert not any(scene.is_light for scene in stages)
        return sum(scene.is_aliased for scene in stages)

    assert aliased(0.0) == 0
    assert 8 < aliased(0.5) < 22
    assert aliased(1.0) == 30
    assert "aliased" not in SceneRecipe(seed=1, graphics=True).to_record()
    assert SceneRecipe(seed=1, graphics=True, aliased=0.5).to_record()["aliased"] == 0.5


def test_all_pictures_of_a_recoloured_scene_change_alike(bank_of_graphics):
    scene = bank_of_graphics.scene(0)
    flat = np.array([200, 30, 90], np.uint8)
    import dataclasses

    plain = dataclasses.replace(
        scene, source=np.full_like(scene.source, flat), truth=np.full_like(scene.truth, flat)
    )
    seen = set()
    for seed in range(12):
        second = recoloured(plain, np.random.default_rng(seed))
        colour = second.truth[0, 0, 0]
        assert (second.source == colour).all()
        assert (second.truth == colour).all()
        seen.add(tuple(colour.tolist()))
    assert len(seen) > 6


@pytest.mark.parametrize("name", ["lite-graphics", "lite-clean-graphics", "lite-damage"])
def test_shipped_recipes_train_on_graphics(name):
    recipe = read_recipe(find_recipe(name))
    assert recipe.graphics.share == 0.4


def test_training_goes_on_from_the_part_that_is_named(tmp_path):
    from sparkvsr_engine.models.lite.weight_mixer import LiteWeights

    both = LiteWeights(small_network(1), small_network(2))
    save_weights(both, tmp_path / "both.safetensors", {})
    for part, seed in (("all", 1), ("clean", 2)):
        network = small_network(3)
        start_from_weights(network, tmp_path / "both.safetensors", part)
        expected = small_network(seed).blind.head.weight.half().float()
        assert np.array_equal(network.blind.head.weight.detach().numpy(), expected.detach().numpy())
    save_weights(small_network(1), tmp_path / "one.safetensors", {})
    with pytest.raises(InvalidSettings, match="no network for clean sources"):
        start_from_weights(small_network(3), tmp_path / "one.safetensors", "clean")
