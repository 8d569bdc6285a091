"""A request from footage to weights with their card."""

import hashlib
import json
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open

from sparkvsr_bridge.errors import InvalidSettings, MediaUnreadable
from sparkvsr_engine.models.lite.loading import load_network
from sparkvsr_engine.training.recipe import find_recipe, read_recipe
from sparkvsr_engine.training.running import TrainingRequest, chosen_entries, open_bank, prepare_scenes, train
from tests.fakes.footage import RECIPE, line, write_manifest, write_photograph, write_recipe
from tests.fakes.systems import make_link

# One stage without a perceptual loss: a card's content does not depend on it.
SHORT = RECIPE[: RECIPE.rindex("[[stages]]")]


@pytest.fixture
def request_(bank, bank_folder, footage, tmp_path):
    path = write_recipe(tmp_path, SHORT)
    return TrainingRequest(str(path), footage, tmp_path / "run", bank_folder, "cpu", loaders=0)


def card_of(path):
    with safe_open(path, "pt") as file:
        return file.metadata()


def test_a_request_ends_in_weights_log_and_curves(request_):
    pytest.importorskip("matplotlib", reason="curves need the train extra")
    rows = []
    weights = train(request_, rows.append)
    assert weights == request_.folder / "tiny.safetensors"
    assert load_network(weights).config.channels == 8
    assert [row["step"] for row in rows] == [1, 2, 3, 4]
    logged = (request_.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(text) for text in logged] == rows
    assert (request_.folder / "curves.png").stat().st_size > 1000


def test_the_card_describes_how_the_weights_were_made(request_, entries):
    card = card_of(train(request_, lambda row: None))
    assert card["name"] == "tiny"
    assert card["licence"] == "Apache-2.0"
    assert card["recipe"] == SHORT
    assert card["made_with"].startswith("sparkvsr ")
    assert json.loads(card["footage"]) == [[e.path, e.sha256[:16], e.licence] for e in entries]
    listed = "\n".join(f"{e.path} {e.sha256} {e.licence}" for e in entries)
    assert card["manifest_sha256"] == hashlib.sha256(listed.encode()).hexdigest()


@pytest.mark.slow
def test_a_request_goes_on_from_weights_and_names_them(request_):
    first = train(request_, lambda row: None)
    begun = []
    again = replace(request_, folder=request_.folder.parent / "again", start=first)
    weights = train(again, begun.append)
    assert card_of(weights)["start"] == f"tiny.safetensors {hashlib.sha256(first.read_bytes()).hexdigest()}"
    first_run, second_run = (load_network(path).state_dict() for path in (first, weights))
    assert any(not torch.equal(first_run[name], second_run[name]) for name in first_run)
    assert "start" not in card_of(first)


@pytest.mark.slow
def test_a_stopped_request_goes_on_to_the_same_weights(request_):
    whole = train(request_, lambda row: None)
    apart = replace(request_, folder=request_.folder.parent / "apart")
    assert train(replace(apart, stop_after=3), lambda row: None) is None
    first_run, second_run = (
        load_network(path).state_dict() for path in (whole, train(apart, lambda row: None))
    )
    assert all(torch.equal(first_run[name], second_run[name]) for name in first_run)


def test_what_the_recipe_holds_back_is_not_trained_on(footage, tmp_path):
    recipe = read_recipe(write_recipe(tmp_path, 'held_back = ["river", "leaf"]\n' + SHORT))
    assert [entry.path for entry in chosen_entries(recipe, footage)] == [
        "train/clips/street.mp4",
        "train/photos/wall.png",
    ]


def test_footage_without_a_clip_is_refused(request_, tmp_path):
    write_photograph(tmp_path / "bare/train/a.png", 64, 48)
    write_manifest(tmp_path / "bare", [line("train/a.png", "photo")])
    with pytest.raises(InvalidSettings, match="no clip"):
        train(replace(request_, footage=tmp_path / "bare"), lambda row: None)
    with pytest.raises(MediaUnreadable, match=r"manifest\.tsv"):
        train(replace(request_, footage=tmp_path), lambda row: None)


def test_graphics_alone_need_no_clip(request_, tmp_path):
    write_photograph(tmp_path / "bare/train/a.png", 64, 48)
    write_manifest(tmp_path / "bare", [line("train/a.png", "photo")])
    bare = replace(request_, footage=tmp_path / "bare", bank=None)
    recipe = read_recipe(find_recipe("lite-drawn"))
    assert open_bank(bare, recipe, chosen_entries(recipe, bare.footage)).footage["clips"] == []


def test_a_bank_of_another_recipes_scenes_is_refused(request_, tmp_path):
    (tmp_path / "other").mkdir()
    second = write_recipe(tmp_path / "other", SHORT.replace("farthest = 3", "farthest = 2"))
    for run in (train, lambda request, message: prepare_scenes(request, 1, message)):
        with pytest.raises(InvalidSettings, match=r"farthest differ.*--bank"):
            run(replace(request_, recipe=str(second)), lambda row: None)


def test_without_a_bank_of_ones_own_it_lies_in_the_run(request_, entries, cache, clips):
    recipe = read_recipe(request_.folder.parent / "tiny.toml")
    inside = request_.folder / "bank" / "footage"
    inside.parent.mkdir(parents=True)
    make_link(inside, cache)
    bank = open_bank(replace(request_, bank=None), recipe, entries)
    assert bank.scene(0).truth.any()
    assert list((request_.folder / "bank" / "scenes").rglob("*.safetensors"))


@pytest.mark.slow
def test_scenes_are_made_ahead_by_other_processes_and_are_the_same(request_, bank, cache, tmp_path):
    ahead = tmp_path / "ahead"
    ahead.mkdir()
    make_link(ahead / "footage", cache)
    done = []
    assert prepare_scenes(replace(request_, bank=ahead), 2, done.append) == 2
    assert done == [1, 2]
    for number in range(2):
        name = f"scenes/000/{number:06d}.safetensors"
        assert (ahead / name).read_bytes() == (cache.parent / name).read_bytes()
