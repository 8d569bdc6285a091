"""A trained model as a checkpoint folder in the published layout, for `--model DIR` and `models add`.

What was not trained is linked from the folder that training started from, not copied.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.system.held_files import replace_when_free
from sparkvsr_engine.core.grid_windows import SlotMap
from sparkvsr_engine.folder_links import link_folder
from sparkvsr_engine.models.cogvideox.checkpoints.checkpoint import SINGLE_NAME
from sparkvsr_engine.models.cogvideox.checkpoints.folder_settings import SETTINGS_NAME, read_folder_settings
from sparkvsr_engine.models.cogvideox.checkpoints.prompt import EMBEDDING_NAME, find_embedding

LORA_NAME = "lora.safetensors"
CARD_NAME = "card.json"


def refuse_merged_start(start: Path) -> None:
    """Raise InvalidSettings for a folder that is not what its weights are: an export would lose its LoRAs."""
    if read_folder_settings(start).loras:
        raise InvalidSettings(
            f"{start / SETTINGS_NAME} merges LoRA files into the weights; start from a folder that has none."
        )


def export_whole(
    weights: Mapping[str, Tensor], start: Path, path: Path, slots: SlotMap, card: dict[str, str]
) -> None:
    """A transformer trained whole, in bfloat16, in one file.

    Args:
        weights: the network's state by name.
        start: the checkpoint that training began with.
        path: the file.
        slots: which slot of a window a frame falls into.
        card: texts that are written into the file's header.
    """
    tensors = {name: value.to(torch.bfloat16).cpu().contiguous() for name, value in weights.items()}
    folder = path / "transformer"
    folder.mkdir(parents=True, exist_ok=True)
    _save(tensors, folder / SINGLE_NAME, card)
    config = (start / "transformer/config.json").read_bytes()
    (folder / "config.json").write_bytes(config)
    _add_rest(start, path, slots, card)


def export_adapted(
    tensors: Mapping[str, Tensor], start: Path, path: Path, slots: SlotMap, card: dict[str, str]
) -> None:
    """A transformer as it was, with a LoRA file that is merged whenever the folder is opened.

    Args:
        tensors: of the LoRA, by name.
        start: the checkpoint that training began with.
        path: the file.
        slots: which slot of a window a frame falls into.
        card: texts that are written into the file's header.
    """
    path.mkdir(parents=True, exist_ok=True)
    _save(dict(tensors), path / LORA_NAME, card)
    _link(start / "transformer", path / "transformer")
    _add_rest(start, path, slots, card, f'[[lora]]\nfile = "{LORA_NAME}"\n')


def _save(tensors: dict[str, Tensor], file: Path, card: dict[str, str]) -> None:
    partial = file.with_suffix(".partial")
    save_file(tensors, partial, {"format": "pt", **card})
    replace_when_free(partial, file)


def _add_rest(start: Path, path: Path, slots: SlotMap, card: dict[str, str], settings: str = "") -> None:
    for name in ("vae", "scheduler"):
        _link(start / name, path / name)
    embedding = find_embedding(start)
    if embedding is not None:
        (path / EMBEDDING_NAME).write_bytes(embedding.read_bytes())
    (path / SETTINGS_NAME).write_text(f'slots = "{slots.value}"\n{settings}', encoding="utf-8")
    (path / CARD_NAME).write_text(json.dumps(card, indent=2), encoding="utf-8")


def _link(target: Path, place: Path) -> None:
    link_folder(target.expanduser().resolve(), place)
