"""Checkpoints: complete ones load, damaged ones are refused by the tensor's name."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.cogvideox.checkpoints.loading import check_folder, load_component
from sparkvsr_engine.models.cogvideox.checkpoints.prompt import load_embedding
from sparkvsr_engine.models.cogvideox.restorer import open_cogvideox
from tests.fakes.cogvideox import TEXT_WIDTH, TOKENS, Clip, keyframe, render


@pytest.fixture
def copy(checkpoint, tmp_path):
    shutil.copytree(checkpoint, tmp_path / "model")
    return tmp_path / "model"


def shards(folder):
    return sorted((folder / "transformer").glob("*.safetensors"))


def change_tensor(file, name, change):
    tensors = load_file(file)
    save_file(change(tensors, name), file)


def first_name(file):
    return next(iter(load_file(file)))


def test_a_sharded_float32_checkpoint_is_complete(checkpoint):
    report = check_folder(checkpoint)
    assert len(shards(checkpoint)) > 1
    assert report.is_usable
    assert report.stored_bytes == 4 * report.parameters


def test_a_checkpoint_restores_from_its_folder(checkpoint):
    picture = np.random.default_rng(0).random((16, 24, 3), dtype=np.float32)
    clip = Clip(FrameSpan(0, 9), lambda frame: np.roll(picture, frame, 1))
    geometry = Geometry(24, 16, 48, 32)
    result = render(open_cogvideox(checkpoint), clip, {0: keyframe(0, np.zeros((32, 48, 3)))}, geometry)
    assert {frame: pixels.shape for frame, pixels in result.frames.items()} == dict.fromkeys(
        range(9), (32, 48, 3)
    )
    assert np.isfinite(result.frames[8]).all()


def test_weights_load_in_the_precision_asked_for(checkpoint):
    half = load_component(checkpoint, "transformer", "cpu", torch.bfloat16)
    full = load_component(checkpoint, "transformer", "cpu", torch.float32)
    for name, value in half.state_dict().items():
        assert value.dtype is torch.bfloat16
        assert torch.equal(value, full.state_dict()[name].bfloat16())


def test_a_missing_tensor_is_named(copy):
    file = shards(copy)[0]
    name = first_name(file)
    change_tensor(file, name, lambda tensors, gone: {key: tensors[key] for key in tensors if key != gone})
    assert f"transformer: {name} is missing" in check_folder(copy).problems
    with pytest.raises(ModelMissing, match=name.replace(".", r"\.")):
        open_cogvideox(copy)


def test_a_tensor_of_another_shape_is_named_with_both(copy):
    file = copy / "vae/diffusion_pytorch_model.safetensors"
    change_tensor(file, "encoder.conv_in.conv.bias", lambda tensors, name: tensors | {name: torch.zeros(9)})
    assert "vae: encoder.conv_in.conv.bias is 9 where the model needs 8" in check_folder(copy).problems


def test_a_tensor_of_another_model_is_named(copy):
    file = shards(copy)[0]
    change_tensor(file, "extra.weight", lambda tensors, name: tensors | {name: torch.zeros(1)})
    assert "transformer: extra.weight is not part of the model" in check_folder(copy).problems


def test_a_cut_off_file_names_the_first_tensor_that_is_gone(copy):
    file = shards(copy)[-1]
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(ModelMissing, match=r"cut off: \S+ should end at byte"):
        open_cogvideox(copy)


def test_values_that_are_no_numbers_are_refused_by_name(copy):
    file = shards(copy)[0]
    name = first_name(file)
    change_tensor(file, name, lambda tensors, key: tensors | {key: torch.full_like(tensors[key], torch.nan)})
    with pytest.raises(ModelMissing, match=f"{name} holds values that are no numbers"):
        open_cogvideox(copy)


def test_a_missing_shard_is_named(copy):
    shards(copy)[1].unlink()
    assert "00002-of-" in " ".join(check_folder(copy).problems)


def test_a_folder_without_a_component_is_refused_by_its_name(copy):
    shutil.rmtree(copy / "vae")
    assert check_folder(copy).problems == ("vae/config.json is missing",)


def test_files_that_are_no_safetensors_are_refused(copy):
    shards(copy)[0].write_bytes(b"not a checkpoint")
    assert "no readable safetensors file" in " ".join(check_folder(copy).problems)


def test_another_model_of_the_family_is_refused(copy):
    path = copy / "transformer/config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"in_channels": 16}))
    assert any("takes 16 channels, 32 are needed" in problem for problem in check_folder(copy).problems)


def test_identity_follows_the_weights(copy):
    before = check_folder(copy).identity
    file = shards(copy)[0]
    change_tensor(file, first_name(file), lambda tensors, name: tensors | {name: tensors[name] + 1e-3})
    assert check_folder(copy).identity != before


def test_the_embedding_is_read_from_the_folder(checkpoint):
    assert load_embedding(checkpoint, TOKENS, TEXT_WIDTH).shape == (1, TOKENS, TEXT_WIDTH)


def test_an_embedding_of_another_length_is_refused(checkpoint):
    with pytest.raises(ModelMissing, match=f"the model needs 226x{TEXT_WIDTH}"):
        load_embedding(checkpoint, 226, TEXT_WIDTH)


def test_without_embedding_and_text_encoder_the_remedy_is_named(copy):
    (copy / "empty_prompt.safetensors").unlink()
    assert "embedding is missing" in check_folder(copy).notes[0]
    with pytest.raises(ModelMissing, match=r"put e3b0c442.*or fetch the model's text_encoder"):
        open_cogvideox(copy)
