"""Keyframes of degraded scenes by image models one names, kept beside the bank."""

import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing
from sparkvsr_engine.training.recipe import find_recipe, read_recipe
from sparkvsr_engine.training.running import TrainingRequest, open_trainee, prepare_scenes
from sparkvsr_engine.training.sampling.sample_recipe import SampleRecipe
from sparkvsr_engine.training.sampling.samples import SampleSource
from sparkvsr_engine.training.scenes.bank import KEYFRAME_MODELS
from sparkvsr_engine.training.scenes.scenes_with_made_keyframes import MadeRecipe, MadeScenes
from sparkvsr_engine.training.trainees.lite_trainee import LiteTrainee
from sparkvsr_engine.training.trainer import RunOptions, Trainer
from tests.fakes.footage import RECIPE, write_recipe

MODELS = ("crisp", "span-x4")
SCENES = 4
MADE_TABLE = f"\n[made]\nmodels = {list(MODELS)}\n"


@pytest.fixture(scope="module")
def scenes(open_bank, tmp_path_factory):
    """Clean scenes and degraded ones; some are no fourfold reduction."""
    folder = tmp_path_factory.mktemp("mixed") / "scenes"
    return open_bank(folder, seed=13, scales=((4.0, 0.6), (2.0, 0.4)), degraded_share=0.5)


@pytest.fixture(scope="module")
def made_scenes(scenes, tmp_path_factory):
    return MadeScenes(tmp_path_factory.mktemp("made"), MadeRecipe(MODELS), scenes, None)


def is_fourfold(scene):
    return scene.truth.shape[2] == 4 * scene.source.shape[2]


@pytest.mark.slow
def test_degraded_scenes_of_the_models_scale_have_keyframes_made(scenes, made_scenes):
    kinds = set()
    for number in range(SCENES):
        plain, picture = scenes.scene(number), made_scenes.scene(number)
        kinds.add((plain.degraded, is_fourfold(plain)))
        assert np.array_equal(picture.source, plain.source)
        if plain.degraded and is_fourfold(plain):
            assert picture.made is not None
            assert picture.made.shape == plain.truth.shape
            apart = picture.made[0].mean((0, 1)) - plain.source[2].mean((0, 1))
            assert np.abs(apart).max() < 1
        else:
            assert picture.made is None
    assert {(True, True), (False, True)} <= kinds


def test_models_take_turns():
    recipe = MadeRecipe(("one", "two"))
    assert [recipe.model_of(number) for number in range(4)] == ["one", "two", "one", "two"]


def test_keyframes_of_other_models_are_refused(scenes, made_scenes, tmp_path):
    number = next(n for n in range(SCENES) if made_scenes.scene(n).made is not None)
    MadeScenes(tmp_path, MadeRecipe(MODELS), scenes, None).scene(number)
    with pytest.raises(InvalidSettings, match="identities"):
        MadeScenes(tmp_path, MadeRecipe(MODELS[:1]), scenes, None).check()


def test_a_large_model_that_was_not_fetched_is_named_before_anything_is_made(scenes, tmp_path):
    with pytest.raises(ModelMissing, match="models fetch realesrgan-x4plus"):
        MadeScenes(tmp_path / "made", MadeRecipe(("realesrgan-x4plus",)), scenes, tmp_path)


def test_a_share_of_samples_is_of_degraded_scenes(scenes):
    spare = {"scenes": SCENES, "crops_per_scene": 1}
    for share in (0.0, 1.0):
        source = SampleSource(scenes, SampleRecipe(seed=1, degraded=share, **spare), 100, crop=64)
        assert {float(source[index][0]["degraded"]) for index in range(4)} == {share}


@pytest.mark.parametrize("text", ["[made]\nmodels = []\n", "[made]\nmodel = 'crisp'\n"])
def test_a_recipe_that_names_no_models_is_refused(tmp_path, text):
    with pytest.raises(InvalidSettings, match="model"):
        read_recipe(write_recipe(tmp_path, f"{RECIPE}\n{text}"))


def test_pairs_have_no_keyframes_made(tmp_path):
    text = RECIPE.replace("[scene]", "[scene]\npaired = true") + MADE_TABLE
    with pytest.raises(InvalidSettings, match="leave out paired"):
        read_recipe(write_recipe(tmp_path, text))


@pytest.mark.slow
def test_a_request_prepares_them_and_trains_the_keyed_path_alone(footage, tmp_path, entries):
    text = RECIPE.replace("learning_rate", "blind_share = 0.0\nlearning_rate").replace(
        "perceptual = 0.02", "perceptual = 0.0"
    )
    text = text.replace("[scene]", "[scene]\ndegraded_share = 1.0\nscales = [[4.0, 1.0]]") + MADE_TABLE
    path = write_recipe(tmp_path, text)
    request = TrainingRequest(str(path), footage, tmp_path / "run", device="cpu", loaders=1)
    assert prepare_scenes(request, 2, lambda _: None) == 2
    assert len(list((tmp_path / "run/bank/made").rglob("*.safetensors"))) == 2
    recipe = read_recipe(path)
    trainee = open_trainee(request, recipe, entries)
    assert isinstance(trainee, LiteTrainee)
    trainer = Trainer(recipe, trainee, RunOptions(tmp_path / "run", device="cpu", loaders=0), lambda _: None)
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    assert trainer.run()
    after = trainer.network.state_dict()
    moved = {name.split(".")[0] for name in after if not torch.equal(before[name], after[name])}
    assert moved == {"keyed"}


def test_the_shipped_recipe_names_sharper_models_than_the_bank_draws():
    recipe = read_recipe(find_recipe("lite-keyed"))
    assert recipe.made is not None
    assert not set(recipe.made.models) & set(KEYFRAME_MODELS)
    assert recipe.name == "lite", "its weights take the place of the recipe `lite`'s"
    assert all(stage.blind_share == 0 for stage in recipe.stages)
