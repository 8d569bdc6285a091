"""The published model trained, added and used as people do it, at toy size."""

import json

import pytest
from safetensors import safe_open

from sparkvsr_engine.cli import main
from tests.fakes.cogvideox import make_checkpoint
from tests.fakes.footage import write_footage
from tests.fakes.published_training import ADAPTED, RECIPE, write_published_recipe

pytest.importorskip("diffusers", reason="the published model needs the cogvideox extra")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Footage, a recipe, weights to start from, and a bank to share."""
    folder = tmp_path_factory.mktemp("training")
    write_footage(folder / "footage")
    write_published_recipe(folder)
    make_checkpoint(folder / "model")
    return folder


@pytest.fixture
def train(place, tmp_path, capsys):
    """Train into a run by its name; returns the exit status and the output, its last lines parsed."""

    def run(recipe, name, *more):
        footage = ("--footage", str(place / "footage"), "--bank", str(place / "bank"))
        where = ("--run", str(tmp_path / name), "--device", "cpu", "--loaders", "0", "--json")
        status = main(["train", str(recipe), *footage, *where, *more])
        text = capsys.readouterr()
        return status, [json.loads(line) for line in text.out.splitlines()], text.err

    return run


@pytest.mark.slow
@pytest.mark.parametrize("text", [RECIPE, ADAPTED])
def test_two_stages_are_trained_and_their_weights_become_the_model(train, place, tmp_path, home, text):
    recipe = write_published_recipe(tmp_path, text)
    start = ("--start", str(place / "model"))
    assert train(recipe, "run", *start, "--stop-after", "2")[1][-1]["event"] == "stopped"
    status, events, _ = train(recipe, "run", *start)
    assert status == 0
    assert [event["step"] for event in events[:-1]] == [3, 4, 5]
    folder = tmp_path / "run/toy"
    assert events[-1] == {"event": "trained", "weights": str(folder)}
    name = "lora" if text == ADAPTED else "transformer/diffusion_pytorch_model"
    with safe_open(folder / f"{name}.safetensors", "pt") as file:
        card = file.metadata()
    assert card["recipe"] == text
    assert "CogVideoX licence" in card["licence"]
    assert card["trained_from"]
    assert main(["models", "add", str(folder)]) == 0
    assert (home / "models/sparkvsr").resolve() == folder.resolve()


def test_weights_to_start_from_have_to_be_named(train, place, tmp_path):
    status, _, text = train(place / "toy.toml", "run")
    assert status == 2
    assert "--start" in text
    status, _, text = train(place / "toy.toml", "run", "--start", str(tmp_path))
    assert status == 1
    assert "transformer/config.json is missing" in text


@pytest.mark.slow
def test_clips_can_be_made_ahead_without_weights(train, place):
    status, events, _ = train(place / "toy.toml", "run", "--prepare", "2")
    assert (status, events[-1]) == (0, {"event": "prepared", "scenes": 2})
    assert len(list((place / "bank/clips").rglob("*.safetensors"))) == 2
