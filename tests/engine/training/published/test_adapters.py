"""Low-rank additions: nothing at first, then the change in a LoRA file, merged or not."""

import pytest
import torch
from safetensors.torch import save_file

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.training.published.adapters import Adapters, lora_tensors
from sparkvsr_engine.training.published.recipe import AdapterRecipe

RECIPE = AdapterRecipe(4, 2.0)


@pytest.fixture
def transformer(checkpoint):
    from sparkvsr_engine.models.cogvideox.checkpoints.loading import load_component

    return load_component(checkpoint, "transformer", "cpu", torch.float32)


def layer_answers(transformer, seed=0):
    """What every layer of the first block's attention gives for one input."""
    torch.manual_seed(seed)
    attention = transformer.transformer_blocks[0].attn1
    inputs = torch.randn(3, 32)
    return [layer(inputs) for layer in (attention.to_q, attention.to_k, attention.to_v, attention.to_out[0])]


def test_they_change_nothing_until_they_are_trained(transformer):
    before = layer_answers(transformer)
    adapters = Adapters(transformer, RECIPE)
    assert all(
        torch.equal(first, second) for first, second in zip(before, layer_answers(transformer), strict=True)
    )
    assert len(adapters) == 2 * 4
    assert not any(value.requires_grad for value in transformer.parameters())
    assert all(value.requires_grad for value in adapters.parameters())


def test_their_file_merged_gives_what_they_give(transformer, checkpoint, tmp_path):
    from sparkvsr_engine.models.cogvideox.checkpoints.loading import load_component
    from sparkvsr_engine.models.cogvideox.checkpoints.lora import merge_lora

    adapters = Adapters(transformer, RECIPE)
    with torch.no_grad():
        for value in adapters.parameters():
            # As bfloat16 has them, so that writing rounds nothing.
            value.copy_(torch.randn_like(value).bfloat16())
    save_file(lora_tensors(adapters.state_dict(), RECIPE), tmp_path / "lora.safetensors")
    merged = load_component(checkpoint, "transformer", "cpu", torch.float32)
    assert merge_lora(merged, tmp_path / "lora.safetensors") == len(adapters)
    for first, second in zip(layer_answers(transformer), layer_answers(merged), strict=True):
        torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-4)


def test_a_network_without_attention_is_refused():
    with pytest.raises(InvalidSettings, match="rank 0"):
        Adapters(torch.nn.Sequential(torch.nn.Linear(2, 2)), RECIPE)
