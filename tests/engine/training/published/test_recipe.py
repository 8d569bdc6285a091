"""Recipes of the published model: read by the same reader, refused by the same sentences."""

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.grid_windows import SlotMap
from sparkvsr_engine.training.published.recipe import ClipStageRecipe, PublishedRecipe
from sparkvsr_engine.training.recipe import LiteRecipe, find_recipe, read_recipe
from tests.fakes.footage import write_recipe
from tests.fakes.published_training import RECIPE, write_published_recipe


def test_the_model_decides_what_kind_of_recipe_a_file_is(tmp_path):
    assert isinstance(read_recipe(write_published_recipe(tmp_path)), PublishedRecipe)
    assert isinstance(read_recipe(write_recipe(tmp_path)), LiteRecipe)
    with pytest.raises(
        InvalidSettings, match="'heavy', not one of lite, lite-damage, lite-shots, image, sparkvsr"
    ):
        read_recipe(write_published_recipe(tmp_path, RECIPE.replace('"sparkvsr"', '"heavy"')))


def test_the_shipped_recipe_is_the_published_one_with_its_defects_mended():
    recipe = read_recipe(find_recipe("sparkvsr"))
    first, second = recipe.stages
    assert (first.steps, first.learning_rate, first.frames, first.scenes) == (10_000, 2e-5, 33, 8)
    assert (second.steps, second.learning_rate, second.scenes) == (500, 5e-6, 8)
    assert (first.height, first.width) == (second.height, second.width) == (320, 640)
    assert (first.latent, first.is_decoded) == (1.0, False)
    assert (second.latent, second.pixel, second.dists, second.temporal) == (0.0, 1.0, 1.0, 1.0)
    assert first.final_share == second.final_share == 1.0
    # A clip with a past, so that every frame the VAE decodes has its own frame of the truth.
    assert second.frames == 9
    assert recipe.slots is SlotMap.CAUSAL
    assert recipe.sample.blind_share == 0.1
    assert recipe.sample.most_keyframes == 9


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("frames = 9\nheight", "frames = 8\nheight", "not 8n\\+1"),
        ("frames = 9\nmade", "frames = 12\nmade", "not 8n\\+1"),
        ("frames = 9\nheight", "frames = 17\nheight", "takes 17 frames, a scene holds 9"),
        ("height = 32", "height = 72", "multiple of 16"),
        ("width = 32", "width = 656", "multiple of 16 up to 640"),
        ("latent = 1.0", "", "needs a loss"),
        ("rank = 0", "rank = -1", "rank is -1"),
        ("made_frames = 2", "scales = [[3.0, 1.0]]", "scales are"),
        ("seed = 5", 'seed = 5\nslots = "odd"', "odd"),
        ("[adapters]", "[adapters]\nlayers = 3", "AdapterRecipe has no layers"),
        ("[sample]", "[sample]\ncrop = 64", "ClipSampleRecipe has no crop"),
    ],
)
def test_what_cannot_be_trained_is_refused(tmp_path, old, new, what):
    with pytest.raises(InvalidSettings, match=rf"toy\.toml.*{what}"):
        read_recipe(write_published_recipe(tmp_path, RECIPE.replace(old, new, 1)))


def test_stages_have_the_published_optimiser():
    stage = ClipStageRecipe(10, 1e-5, latent=1.0)
    assert (stage.betas, stage.weight_decay, stage.gradient_norm, stage.warm_up) == (
        (0.9, 0.95),
        1e-4,
        0.1,
        100,
    )
