"""8-bit weights."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.cogvideox.checkpoints.loading import load_component
from sparkvsr_engine.models.cogvideox.checkpoints.quantise import quantise_weights
from sparkvsr_engine.models.cogvideox.memory.run_plan import Precision
from sparkvsr_engine.models.cogvideox.restorer import OpenOptions, open_cogvideox
from tests.fakes.cogvideox import Clip, keyframe, render

HAS_TORCHAO = importlib.util.find_spec("torchao") is not None


@pytest.mark.skipif(not HAS_TORCHAO, reason="needs torchao")
def test_blocks_take_half_and_restore_nearly_the_same(checkpoint):
    transformer: Any = load_component(checkpoint, "transformer", "cpu", torch.bfloat16)
    layer = transformer.transformer_blocks[0].ff.net[0].proj
    tokens = torch.randn(5, layer.in_features, dtype=torch.bfloat16)
    before = layer(tokens)
    quantise_weights(transformer)
    torch.testing.assert_close(layer(tokens), before, atol=0.05, rtol=0.05)
    assert transformer.proj_out.weight.dtype is torch.bfloat16


@pytest.mark.skipif(not HAS_TORCHAO, reason="needs torchao")
def test_a_shot_restored_with_8_bit_weights_is_nearly_the_one_of_bfloat16(checkpoint):
    picture, key = (np.random.default_rng(seed).random((32, 32, 3), dtype=np.float32) for seed in (2, 3))
    clip = Clip(FrameSpan(0, 9), lambda frame: picture[:16, :16])
    result = {
        precision: render(
            open_cogvideox(checkpoint, options=OpenOptions(precision=precision)),
            clip,
            {0: keyframe(0, key)},
            Geometry(16, 16, 32, 32),
        ).frames[4]
        for precision in Precision
    }
    errors = {kind: np.abs(result[kind] - result[Precision.FLOAT32]).mean() for kind in result}
    assert 0 < errors[Precision.INT8] < 2 * errors[Precision.BFLOAT16]


@pytest.mark.skipif(HAS_TORCHAO, reason="torchao is installed")
def test_without_torchao_the_error_names_what_to_install(checkpoint):
    with pytest.raises(ModelMissing, match="need the package torchao"):
        quantise_weights(load_component(checkpoint, "transformer", "cpu", torch.bfloat16))
