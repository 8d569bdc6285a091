"""`sparkvsr models` and `sparkvsr doctor --plan`, called as the program calls them."""

from __future__ import annotations

import json
import shutil

import pytest

from sparkvsr_engine.cli import main
from tests.fakes.cogvideox import make_checkpoint

pytest.importorskip("diffusers", reason="the published model needs the cogvideox extra")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("published") / "model")


@pytest.fixture
def copy(checkpoint, tmp_path):
    return shutil.copytree(checkpoint, tmp_path / "copy")


@pytest.fixture
def run_command(capsys):
    """Run a command; returns its exit status and its JSON lines."""

    def run(*arguments):
        status = main([*map(str, arguments), "--json"])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def published(lines):
    return next(line for line in lines if line["name"] == "sparkvsr")


def test_without_weights_the_list_explains_how_to_get_them(run_command):
    status, lines = run_command("models", "list")
    assert status == 0
    assert not published(lines)["ready"]
    assert "models fetch sparkvsr" in published(lines)["remedy"]


def test_a_checked_folder_becomes_the_published_model(run_command, checkpoint, home):
    status, lines = run_command("models", "add", checkpoint)
    assert status == 0
    assert lines[-1]["event"] == "added"
    assert (home / "models/sparkvsr").resolve() == checkpoint
    assert published(run_command("models", "list")[1])["ready"]


def test_adding_names_what_is_missing_and_of_another_shape(run_command, copy, home):
    import torch
    from safetensors.torch import load, save_file

    vae = copy / "vae/diffusion_pytorch_model.safetensors"
    tensors = load(vae.read_bytes())
    del tensors["encoder.conv_in.conv.weight"]
    save_file(tensors | {"encoder.conv_in.conv.bias": torch.zeros(9)}, vae)
    status, lines = run_command("models", "add", copy)
    assert status == 1
    assert lines[-1]["code"] == "model_missing"
    assert "encoder.conv_in.conv.weight is missing" in lines[-1]["message"]
    assert "encoder.conv_in.conv.bias is 9 where the model needs 8" in lines[-1]["message"]
    assert not (home / "models/sparkvsr").exists()


def test_a_second_folder_takes_the_place_of_the_first(run_command, checkpoint, copy, home):
    run_command("models", "add", checkpoint)
    assert run_command("models", "add", copy)[0] == 0
    assert (home / "models/sparkvsr").resolve() == copy


def test_a_fetched_checkpoint_is_never_replaced_by_an_added_one(run_command, checkpoint, home):
    make_checkpoint(home / "models/sparkvsr")
    status, lines = run_command("models", "add", checkpoint)
    assert (status, lines[-1]["code"]) == (2, "invalid_settings")
    assert "holds a checkpoint already" in lines[-1]["message"]


def test_a_folder_that_is_none_is_refused(run_command, tmp_path):
    status, lines = run_command("models", "add", tmp_path / "gone")
    assert status == 1
    assert "transformer/config.json is missing" in lines[-1]["message"]


def test_fetching_without_a_hub_fails_in_one_sentence(run_command, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    status, lines = run_command("models", "fetch", "sparkvsr")
    assert (status, lines[-1]["code"]) == (1, "model_missing")
    assert "could not be fetched" in lines[-1]["message"]


def test_the_doctor_plans_for_this_machine_and_five_sizes_of_card(run_command):
    status, lines = run_command("doctor", "--plan", "1920x1080x97")
    assert status == 0
    rows = lines[-1]["rows"]
    assert [row["name"] for row in rows][1:] == ["12 GB", "16 GB", "24 GB", "48 GB", "80 GB"]
    assert rows[0]["budget_bytes"] > 0
    for row in rows[1:]:
        assert row["plan"].startswith("33 frames, bfloat16, offload ")
        assert max(row["stages"].values()) <= row["budget_bytes"]
        assert set(row["stages"]) == {"encode", "predict", "decode"}
        assert row["windows"] == 4


def test_the_doctor_refuses_a_plan_for_no_size(run_command):
    assert run_command("doctor", "--plan", "large")[0] == 2
