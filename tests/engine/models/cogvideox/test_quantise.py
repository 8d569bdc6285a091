"""8-bit weights."""

from __future__ import annotations

import importlib.util

import pytest
import torch

from bridge.errors import ModelMissing
from sparkvsr_engine.models.cogvideox.loading import load_component
from sparkvsr_engine.models.cogvideox.quantise import quantise_weights

HAS_TORCHAO = importlib.util.find_spec("torchao") is not None


@pytest.mark.skipif(not HAS_TORCHAO, reason="needs torchao")
def test_blocks_take_half_and_restore_nearly_the_same(checkpoint):
    transformer = load_component(checkpoint, "transformer", "cpu", torch.bfloat16)
    layer = transformer.transformer_blocks[0].ff.net[0].proj
    tokens = torch.randn(5, layer.in_features, dtype=torch.bfloat16)
    before = layer(tokens)
    quantise_weights(transformer)
    torch.testing.assert_close(layer(tokens), before, atol=0.05, rtol=0.05)
    assert transformer.proj_out.weight.dtype is torch.bfloat16


@pytest.mark.skipif(HAS_TORCHAO, reason="torchao is installed")
def test_without_torchao_it_says_what_to_install(checkpoint):
    with pytest.raises(ModelMissing, match="need the package torchao"):
        quantise_weights(load_component(checkpoint, "transformer", "cpu", torch.bfloat16))
