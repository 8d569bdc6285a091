"""The compact image model learns a large one's answers and opens as a bundled model does."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing
from sparkvsr_engine.models.isr.bundled_models.bundled import BUNDLED
from sparkvsr_engine.models.isr.bundled_models.bundled_networks import load_bundled
from sparkvsr_engine.models.isr.bundled_models.networks import SRVGGNetCompact
from sparkvsr_engine.models.isr.locating import read_weights
from sparkvsr_engine.training.recipe import find_recipe, read_recipe
from sparkvsr_engine.training.running import TrainingRequest, train
from sparkvsr_engine.training.scenes.teacher_outputs import AnswerBank, AnswerRecipe, answer_of
from sparkvsr_engine.training.trainees.image_trainee import AnswerSamples, ImageTrainee, fill_from
from sparkvsr_engine.training.trainer import RunOptions, Trainer

MODEL = "span-x4"
SMALL = "realesr-animevideov3"
SCENES = 4
RECIPE = f"""
name = "student"
model = "image"
seed = 3
scenes = {SCENES}
start_from = "{SMALL}"
blocks = 16
report_steps = 2
ema = 0.0
[answers]
model = "{MODEL}"
[[stages]]
steps = 6
scenes = 2
crop = 24
learning_rate = 1e-4
warm_up = 1
"""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    path = tmp_path_factory.mktemp("recipe") / "student.toml"
    path.write_text(RECIPE)
    return read_recipe(path)


@pytest.fixture(scope="module")
def scenes(open_bank, tmp_path_factory):
    """Clean scenes and degraded ones; one is no fourfold reduction."""
    folder = tmp_path_factory.mktemp("mixed") / "scenes"
    return open_bank(folder, seed=13, scales=((4.0, 0.6), (2.0, 0.4)), degraded_share=0.5)


@pytest.fixture(scope="module")
def answers(scenes, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    return AnswerBank(tmp_path_factory.mktemp("answers"), AnswerRecipe(MODEL), scenes, home)


@pytest.fixture(scope="module")
def small():
    model = BUNDLED[SMALL]
    return load_bundled(model, read_weights(model, None)).module


def test_an_answer_is_the_models_in_the_sources_colour(scenes, answers):
    result = [number for number in range(SCENES) if answers.scene(number) is not None]
    assert 0 < len(result) < SCENES
    for number in result:
        answer, scene = answers.scene(number), scenes.scene(number)
        assert (answer.source == scene.source[2]).all()
        assert answer.degraded == scene.degraded
        assert answer.picture.shape == scene.truth.shape[1:]
        apart = answer.picture.mean((0, 1)) - answer.source.mean((0, 1))
        assert np.abs(apart).max() < 0.5


def test_the_colour_of_a_model_that_shifts_it_is_put_back():
    class Warm:
        name, identity, scale = "warm", "warm", 2

        def upscale(self, picture, is_cancelled=None):
            return np.repeat(np.repeat(picture, 2, 0), 2, 1) * np.float32([1.1, 1.0, 0.9])

    source = np.full((40, 50, 3), 120, np.uint8)
    assert np.abs(answer_of(Warm(), source).astype(int) - 120).max() <= 1


def test_clean_scenes_are_asked_about_in_steps(scenes):
    drawn = [scenes.scene(number) for number in range(SCENES)]
    fits = [scene.source.shape[2] * 4 == scene.truth.shape[2] for scene in drawn]
    every, second = AnswerRecipe(MODEL), AnswerRecipe(MODEL, clean_step=2)
    assert [every.asks(scene, number) for number, scene in enumerate(drawn)] == fits
    for number, scene in enumerate(drawn):
        expected = fits[number] and (scene.degraded or number % 2 == 0)
        assert second.asks(scene, number) == expected


def test_answers_of_another_model_are_refused(scenes, answers, tmp_path):
    folder = tmp_path / "answers"
    AnswerBank(folder, AnswerRecipe(MODEL), scenes, tmp_path).scene(0)
    with pytest.raises(InvalidSettings, match="identity"):
        AnswerBank(folder, AnswerRecipe(SMALL), scenes, tmp_path).check()


def test_a_large_model_that_was_not_fetched_is_named_before_anything_is_made(scenes, tmp_path):
    with pytest.raises(ModelMissing, match="models fetch realesrgan-x4plus"):
        AnswerBank(tmp_path / "answers", AnswerRecipe("realesrgan-x4plus"), scenes, tmp_path)


@pytest.mark.parametrize("blocks", [16, 32])
def test_a_network_starts_out_as_the_one_it_starts_from(small, blocks):
    network = SRVGGNetCompact(64, blocks, 4)
    fill_from(network, small)
    picture = torch.rand(1, 3, 20, 24, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert (network(picture) - small(picture)).abs().max() < 1e-6


def test_a_network_of_other_lengths_is_refused(small):
    with pytest.raises(ValueError, match="20 blocks"):
        fill_from(SRVGGNetCompact(64, 20, 4), small)


def test_samples_are_a_function_of_seed_and_number_and_belong_together(answers, recipe):
    kinds = ([], [])
    for number in range(SCENES):
        answer = answers.scene(number)
        if answer is not None:
            kinds[answer.degraded].append(number)
    samples = AnswerSamples(answers, kinds, recipe, 24, 8, first=5)
    again = AnswerSamples(answers, kinds, recipe, 24, 2, first=8)
    assert all((samples[3][name] == again[0][name]).all() for name in samples[3])
    for index in range(len(samples)):
        sample = samples[index]
        assert sample["source"].shape == (3, 24, 24)
        assert sample["picture"].shape == (3, 96, 96)
        reduced = torch.nn.functional.avg_pool2d(sample["picture"], 4)
        assert (reduced - sample["source"]).abs().mean() < 0.05


@pytest.mark.slow
def test_a_run_brings_the_network_nearer_to_the_answers_and_exports_what_a_bundled_model_is(
    answers, recipe, small, tmp_path
):
    rows = []
    trainee = ImageTrainee(recipe, answers, None, tmp_path)
    trainer = Trainer(recipe, trainee, RunOptions(tmp_path / "run", "cpu", 0), rows.append)
    before = difference(trainer.network, answers)
    assert trainer.run()
    assert [row["step"] for row in rows] == [2, 4, 6]
    assert difference(trainer.network, answers) < before
    path = tmp_path / trainee.export_name
    trainer.export(path, {"name": recipe.name})
    with safe_open(path, "pt") as file:
        card = file.metadata()
    assert card["answers"].startswith(MODEL)
    assert "Xintao Wang" in card["copyright"]
    as_bundled = replace(BUNDLED[SMALL], file=path.name)
    opened = load_bundled(as_bundled, path.read_bytes()).module
    assert abs(difference(opened, answers) - difference(trainer.network, answers)) < 1e-3


@pytest.mark.slow
def test_a_request_makes_scenes_and_answers_and_trains_on_them(footage, tmp_path):
    path = tmp_path / "student.toml"
    scene = (
        "[scene]\nseed = 13\nfarthest = 3\nmade_share = 0.0\nscales = [[4.0, 1.0]]\ndegraded_share = 0.5\n"
    )
    path.write_text(RECIPE.replace("steps = 6", "steps = 1") + scene)
    weights = train(TrainingRequest(str(path), footage, tmp_path / "run", loaders=0), lambda row: None)
    assert weights == tmp_path / "run" / "student.safetensors"
    with safe_open(weights, "pt") as file:
        card = file.metadata()
    assert card["source"] == f"{SMALL}, trained on the answers of {MODEL}"
    assert "[answers]" in card["recipe"]
    answers = list((tmp_path / "run" / "bank" / "answers").glob("*/*.safetensors"))
    assert len(answers) == SCENES


def difference(network, answers):
    """From all answers."""
    result = []
    for number in range(SCENES):
        answer = answers.scene(number)
        if answer is not None:
            source, expected = (
                torch.from_numpy(picture.transpose(2, 0, 1).copy())[None].float() / 255
                for picture in (answer.source, answer.picture)
            )
            with torch.no_grad():
                result.append(float((network(source) - expected).abs().mean()))
    return np.mean(result)


def test_slopes_distinguish_an_alternating_difference_from_an_even_one(answers, recipe, tmp_path):
    stages = (replace(recipe.stages[0], slopes=1.0),)
    trainee = ImageTrainee(replace(recipe, stages=stages), answers, None, tmp_path)
    network = trainee.build(torch.device("cpu"))
    trainee.start()
    source = torch.full((1, 3, 12, 12), 0.5)
    with torch.no_grad():
        result = network(source)
        stripes = 0.1 * (torch.arange(48) % 2).expand(1, 3, 48, 48)
        even = trainee.losses({"source": source, "picture": result - 0.05}, 0)
        striped = trainee.losses({"source": source, "picture": result - stripes}, 0)
    assert float(even["slopes"]) == pytest.approx(0, abs=1e-6)
    assert float(striped["slopes"]) == pytest.approx(0.1, rel=0.01)
    assert float(striped["difference"]) == pytest.approx(float(even["difference"]), rel=0.01)


def test_a_recipe_that_needs_the_perceptual_loss_is_marked(answers, recipe, tmp_path):
    stages = (replace(recipe.stages[0], perceptual=0.5),)
    trainee = ImageTrainee(replace(recipe, stages=stages), answers, None, tmp_path)
    with pytest.raises(InvalidSettings, match="--metric-weights"):
        trainee.build(torch.device("cpu"))


def test_the_shipped_recipe_is_read():
    recipe = read_recipe(find_recipe("crisp"))
    assert recipe.answers.model == "realesrgan-x4plus"
    assert recipe.stages[0].perceptual > 0
