"""Weights of `lite` on disk: one safetensors file that carries its sizes and its card."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.lite.damage import DamageJudge
from sparkvsr_engine.models.lite.networks.network import LiteConfig, LiteNetwork
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from sparkvsr_engine.storage.whole_files import written_whole

_CLEAN, _JUDGE, _DRAWN, _DAMAGED = "clean.", "judge.", "drawn.", "damaged."


def save_weights(weights: LiteNetwork | LiteWeights, path: Path, card: dict[str, str]) -> None:
    """Write weights in half precision, with their sizes and `card` (what it was trained on, how, figures).

    Sizes in the card, where it is another file's, are replaced.

    Args:
        weights: one network, or all sets.
        path: the file.
        card: texts that are written into the file's header.
    """
    sets = weights if isinstance(weights, LiteWeights) else LiteWeights(weights)
    tensors = sets.network.state_dict()
    others = ((_CLEAN, sets.clean), (_JUDGE, sets.judge), (_DRAWN, sets.drawn), (_DAMAGED, sets.damaged))
    for prefix, part in others:
        if part is not None:
            tensors |= {f"{prefix}{name}": value for name, value in part.state_dict().items()}
    short = {name: value.detach().to(torch.float16).contiguous() for name, value in tensors.items()}
    metadata = {**card, "config": json.dumps(sets.network.config.to_dict())}
    with written_whole(path) as partial:
        save_file(short, partial, metadata)


def load_weights(path: Path) -> LiteWeights:
    """All a weights file holds; raises ModelMissing when it does not fit."""
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        config = LiteConfig(**json.loads(metadata["config"]))
        clean, judge, drawn, damaged = (
            _taken_out(tensors, prefix) for prefix in (_CLEAN, _JUDGE, _DRAWN, _DAMAGED)
        )
        second, third, fourth = (
            LiteNetwork(config) if values else None for values in (clean, drawn, damaged)
        )
        sets = LiteWeights(LiteNetwork(config), second, DamageJudge() if judge else None, third, fourth)
        networks = ((sets.network, tensors), (second, clean), (third, drawn), (fourth, damaged))
        for part, values in (*networks, (sets.judge, judge)):
            if part is not None:
                part.load_state_dict(values)
        return sets
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelMissing(
            f"The weights {path} cannot be used ({error}); reinstall sparkvsr or train them anew with"
            " 'sparkvsr train lite'."
        ) from error


def card_of(path: Path) -> dict[str, str]:
    """A weights file's own description; raises ModelMissing when it cannot be read."""
    try:
        with safe_open(path, "pt") as file:
            return dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise ModelMissing(f"The weights {path} cannot be read ({error}); train them anew.") from error


def load_network(path: Path) -> LiteNetwork:
    """The network for all footage of a weights file, float32, on the CPU; raises as `load_weights`."""
    return load_weights(path).network


def _taken_out(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors under a prefix, which are taken out of the rest."""
    names = [name for name in tensors if name.startswith(prefix)]
    return {name.removeprefix(prefix): tensors.pop(name) for name in names}
