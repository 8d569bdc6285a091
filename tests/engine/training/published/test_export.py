"""What training leaves behind is a checkpoint folder like any other: checked, opened, rendered."""

import json

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.grid_windows import SlotMap
from sparkvsr_engine.training.published.adapters import Adapters, lora_tensors
from sparkvsr_engine.training.published.export import export_adapted, export_whole
from sparkvsr_engine.training.published.recipe import AdapterRecipe
from tests.fakes.cogvideox import Clip, keyframe, render

CARD = {"name": "toy", "licence": "as the start's"}
ADAPTERS = AdapterRecipe(4, 8.0)


@pytest.fixture
def transformer(checkpoint):
    from sparkvsr_engine.models.cogvideox.checkpoints.loading import load_component

    return load_component(checkpoint, "transformer", "cpu", torch.float32)


def frames_of(folder):
    """Nine frames that the folder's weights make of noise under a keyframe."""
    from sparkvsr_engine.models.cogvideox.restorer import open_cogvideox

    picture = np.random.default_rng(0).random((8, 8, 3), dtype=np.float32)
    clip = Clip(FrameSpan(0, 9), lambda frame: picture)
    keys = {5: keyframe(5, np.random.default_rng(1).random((32, 32, 3)))}
    restorer = open_cogvideox(folder)
    assert restorer.slot_map is SlotMap.CAUSAL
    result = render(restorer, clip, keys, Geometry(8, 8, 32, 32))
    return np.stack([result.frames[frame] for frame in range(9)])


def test_a_whole_transformer_is_written_in_bfloat16_with_its_card(transformer, checkpoint, tmp_path):
    weights = {name: value + 0.01 for name, value in transformer.state_dict().items()}
    export_whole(weights, checkpoint, tmp_path / "out", SlotMap.CAUSAL, CARD)
    file = tmp_path / "out/transformer/diffusion_pytorch_model.safetensors"
    for name, value in load_file(file).items():
        assert torch.equal(value, weights[name].bfloat16())
    with safe_open(file, "pt") as tensors:
        assert tensors.metadata() == {"format": "pt", **CARD}
    assert json.loads((tmp_path / "out/card.json").read_text(encoding="utf-8")) == CARD
    assert frames_of(tmp_path / "out").shape == (9, 32, 32, 3)


def test_additions_are_a_lora_file_beside_the_weights_they_are_for(transformer, checkpoint, tmp_path):
    adapters = Adapters(transformer, ADAPTERS)
    plain = lora_tensors(adapters.state_dict(), ADAPTERS)
    export_adapted(plain, checkpoint, tmp_path / "plain", SlotMap.CAUSAL, CARD)
    with torch.no_grad():
        for value in adapters.parameters():
            value.normal_()
    moved = lora_tensors(adapters.state_dict(), ADAPTERS)
    export_adapted(moved, checkpoint, tmp_path / "moved", SlotMap.CAUSAL, CARD)
    with safe_open(tmp_path / "moved/lora.safetensors", "pt") as tensors:
        assert tensors.metadata() == {"format": "pt", **CARD}
    still, changed = frames_of(tmp_path / "plain"), frames_of(tmp_path / "moved")
    assert np.abs(still - changed).mean() > 1e-3


def test_exporting_again_replaces_what_was_there(transformer, checkpoint, tmp_path):
    weights = transformer.state_dict()
    for shift in (0.0, 0.5):
        shifted = {name: value + shift for name, value in weights.items()}
        export_whole(shifted, checkpoint, tmp_path / "out", SlotMap.TRAINED, CARD)
    result = load_file(tmp_path / "out/transformer/diffusion_pytorch_model.safetensors")
    assert all(torch.equal(result[name], (weights[name] + 0.5).bfloat16()) for name in result)
    assert 'slots = "trained"' in (tmp_path / "out/sparkvsr.toml").read_text(encoding="utf-8")
