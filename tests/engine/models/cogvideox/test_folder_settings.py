"""A folder's own settings: read, refused, part of the identity, and followed when the model is opened."""

from __future__ import annotations

import importlib.util
import shutil

import pytest
import torch
from safetensors.torch import save_file

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing
from sparkvsr_engine.core.grid_windows import SlotMap
from sparkvsr_engine.models.cogvideox.checkpoints.folder_settings import (
    FolderSettings,
    LoraFile,
    read_folder_settings,
)
from sparkvsr_engine.models.cogvideox.memory.run_plan import Precision
from sparkvsr_engine.models.cogvideox.planner import open_cogvideox_planner
from sparkvsr_engine.models.cogvideox.restorer import open_cogvideox

LAYER = "transformer_blocks.1.attn1.to_q"
LORA = '[[lora]]\nfile = "grain.safetensors"\nstrength = 0.5\n'


@pytest.fixture
def folder(checkpoint, tmp_path):
    result = shutil.copytree(checkpoint, tmp_path / "model")
    stem = f"transformer.{LAYER}"
    pair = {f"{stem}.lora_A.weight": torch.ones(4, 32), f"{stem}.lora_B.weight": torch.ones(32, 4)}
    save_file(pair, result / "grain.safetensors")
    return result


def write(folder, text):
    (folder / "sparkvsr.toml").write_text(text)
    return folder


def weight(folder):
    return open_cogvideox(folder).runner.model.transformer.get_submodule(LAYER).weight


def test_a_folder_without_the_file_is_run_as_published(folder):
    assert read_folder_settings(folder) == FolderSettings()
    assert FolderSettings().identity == ""


def test_everything_is_read(folder):
    write(folder, f'slots = "causal"\nprecision = "bfloat16"\n{LORA}')
    lora = LoraFile(folder / "grain.safetensors", 0.5)
    assert read_folder_settings(folder) == FolderSettings(SlotMap.CAUSAL, Precision.BFLOAT16, (lora,))


def test_loras_are_merged_at_their_strength(folder):
    before = weight(folder).clone()
    torch.testing.assert_close(weight(write(folder, LORA)), before + 0.5 * 4)


def test_precision_and_slots_are_followed(folder):
    restorer = open_cogvideox(write(folder, 'slots = "causal"\nprecision = "bfloat16"\n'))
    assert restorer.runner.model.dtype is torch.bfloat16
    assert restorer.slot_map is SlotMap.CAUSAL
    assert open_cogvideox_planner(folder, {}).planning_options["slots"] == "causal"


def test_planner_and_restorer_agree_on_an_identity_that_follows_the_settings(folder):
    result = set()
    for text in ("", LORA, LORA.replace("0.5", "0.6"), 'precision = "bfloat16"', 'slots = "causal"'):
        identity = open_cogvideox(write(folder, text)).traits.identity
        assert identity == open_cogvideox_planner(folder, {}).traits.identity
        result.add(identity)
    assert len(result) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slots = ", "cannot be read as TOML"),
        ('colour = "red"', "unknown keys colour; use lora, precision, slots"),
        ('slots = "early"', "'early' where one of causal, trained is meant"),
        ("precision = 8", "8 where one of float32, bfloat16, int8 is meant"),
        ('[[lora]]\nfile = "gone.safetensors"', "which is not there"),
        ("[[lora]]\nstrength = 1", "a lora without file"),
        (LORA.replace("0.5", '"much"'), "the strength 'much'; write a number"),
    ],
)
def test_what_is_no_setting_is_refused(folder, text, message):
    with pytest.raises(InvalidSettings, match=message):
        read_folder_settings(write(folder, text))


@pytest.mark.skipif(importlib.util.find_spec("torchao") is not None, reason="torchao is installed")
def test_8_bit_weights_without_torchao_are_refused_with_the_remedy(folder):
    with pytest.raises(ModelMissing, match=r'pip install "sparkvsr\[int8\]"'):
        open_cogvideox(write(folder, 'precision = "int8"'))
