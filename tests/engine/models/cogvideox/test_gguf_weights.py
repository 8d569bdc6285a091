"""Weights in a GGUF file in place of safetensors."""

from __future__ import annotations

import importlib.util
import shutil

import pytest
import torch
from safetensors.torch import load_file

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.cogvideox.checkpoints.checkpoint import weight_files
from sparkvsr_engine.models.cogvideox.checkpoints.loading import check_folder, load_component

HAS_GGUF = importlib.util.find_spec("gguf") is not None
needs_gguf = pytest.mark.skipif(not HAS_GGUF, reason="needs gguf")


@pytest.fixture
def folder(checkpoint, tmp_path):
    return shutil.copytree(checkpoint, tmp_path / "model")


def take_shards(folder):
    """The transformer's tensors, whose files are removed."""
    tensors = {}
    for file in sorted((folder / "transformer").glob("*.safetensors")):
        tensors |= load_file(file)
        file.unlink()
    (folder / "transformer/diffusion_pytorch_model.safetensors.index.json").unlink()
    return tensors


def write_gguf(path, tensors):
    """Matrices in blocks of 8 bits where rows divide into them, the rest as it is."""
    from gguf import GGMLQuantizationType, GGUFWriter
    from gguf.quants import quantize

    writer = GGUFWriter(path, "sparkvsr")
    for name, tensor in tensors.items():
        values = tensor.numpy()
        if values.ndim == 2 and values.shape[1] % 32 == 0:
            kind = GGMLQuantizationType.Q8_0
            writer.add_tensor(name, quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@needs_gguf
def test_a_packed_transformer_is_checked_and_loaded(folder):
    tensors = take_shards(folder)
    write_gguf(folder / "transformer/model-Q8_0.gguf", tensors)
    assert check_folder(folder).is_usable
    loaded = load_component(folder, "transformer", "cpu", torch.float32).state_dict()
    assert loaded.keys() == tensors.keys()
    for name, value in loaded.items():
        torch.testing.assert_close(value, tensors[name], atol=0.01, rtol=0.01)


def test_a_note_that_macos_leaves_beside_the_file_is_no_second_one(tmp_path):
    for name in ("model-Q8_0.gguf", "._model-Q8_0.gguf"):
        (tmp_path / name).touch()
    assert weight_files(tmp_path) == [tmp_path / "model-Q8_0.gguf"]


@needs_gguf
def test_a_tensor_missing_from_it_is_named(folder):
    tensors = take_shards(folder)
    gone = next(iter(tensors))
    write_gguf(folder / "transformer/model.gguf", {name: tensors[name] for name in tensors if name != gone})
    assert check_folder(folder).problems == (f"transformer: {gone} is missing",)


@needs_gguf
def test_a_file_that_is_none_is_refused(folder):
    take_shards(folder)
    (folder / "transformer/model.gguf").write_bytes(b"not a checkpoint")
    assert "no readable GGUF file" in " ".join(check_folder(folder).problems)


@pytest.mark.skipif(HAS_GGUF, reason="gguf is installed")
def test_without_the_package_the_error_names_what_to_install(folder):
    take_shards(folder)
    (folder / "transformer/model.gguf").write_bytes(b"GGUF")
    with pytest.raises(ModelMissing, match=r'pip install "sparkvsr\[gguf\]"'):
        load_component(folder, "transformer", "cpu", torch.float32)


def test_a_folder_without_weights_is_refused_with_what_may_stand_there(folder):
    take_shards(folder)
    assert "nor one GGUF file" in " ".join(check_folder(folder).problems)
