"""LoRA files merged into the weights."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.cogvideox.checkpoints.loading import load_component
from sparkvsr_engine.models.cogvideox.checkpoints.lora import merge_lora

LAYER = "transformer_blocks.1.attn1.to_q"


@pytest.fixture
def transformer(checkpoint):
    return load_component(checkpoint, "transformer", "cpu", torch.float32)


def test_a_file_as_diffusers_writes_it_is_added_at_its_strength(transformer, tmp_path):
    down, up = torch.randn(4, 32), torch.randn(32, 4)
    save_file(
        {f"transformer.{LAYER}.lora_A.weight": down, f"transformer.{LAYER}.lora_B.weight": up},
        tmp_path / "lora.safetensors",
    )
    before = transformer.get_submodule(LAYER).weight.clone()
    second = transformer.get_submodule(LAYER.replace("to_q", "to_k")).weight.clone()
    assert merge_lora(transformer, tmp_path / "lora.safetensors", 0.5) == 1
    torch.testing.assert_close(transformer.get_submodule(LAYER).weight, before + 0.5 * up @ down)
    assert torch.equal(transformer.get_submodule(LAYER.replace("to_q", "to_k")).weight, second)


def test_alpha_is_divided_by_the_rank(transformer, tmp_path):
    down, up = torch.randn(4, 32), torch.randn(32, 4)
    stem = f"transformer.{LAYER}"
    tensors = {f"{stem}.lora_A.weight": down, f"{stem}.lora_B.weight": up, f"{stem}.alpha": torch.tensor(2.0)}
    save_file(tensors, tmp_path / "lora.safetensors")
    before = transformer.get_submodule(LAYER).weight.clone()
    merge_lora(transformer, tmp_path / "lora.safetensors")
    torch.testing.assert_close(transformer.get_submodule(LAYER).weight, before + 2 / 4 * up @ down)


def test_a_lora_of_another_model_is_refused_by_the_layers_name(transformer, tmp_path):
    tensors = {
        "transformer.blocks.0.lora_A.weight": torch.zeros(4, 8),
        "transformer.blocks.0.lora_B.weight": torch.zeros(8, 4),
    }
    save_file(tensors, tmp_path / "lora.safetensors")
    with pytest.raises(ModelMissing, match=r"blocks\.0 is missing or of another size"):
        merge_lora(transformer, tmp_path / "lora.safetensors")


def test_a_file_without_pairs_is_refused(transformer, tmp_path):
    save_file({"something": torch.zeros(1)}, tmp_path / "lora.safetensors")
    with pytest.raises(ModelMissing, match="no LoRA layers"):
        merge_lora(transformer, tmp_path / "lora.safetensors")


def test_a_missing_file_is_refused(transformer, tmp_path):
    with pytest.raises(ModelMissing, match="cannot be read as a LoRA file"):
        merge_lora(transformer, tmp_path / "gone.safetensors")
