"""Weights of `lite` on disk: one safetensors file that carries its sizes and its card."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from bridge.errors import ModelMissing
from sparkvsr_engine.models.lite.network import LiteConfig, LiteNetwork
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.precision import choose_precision
from sparkvsr_engine.models.lite.restorer import LiteRestorer


def save_weights(network: LiteNetwork, path: Path, card: dict[str, str]) -> None:
    """Write weights in half precision, with sizes and `card` (what it was trained on, how, figures)."""
    tensors = {
        name: value.detach().to(torch.float16).contiguous() for name, value in network.state_dict().items()
    }
    metadata = {"config": json.dumps(network.config.to_dict()), **card}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata)
    partial.replace(path)


def load_network(path: Path) -> LiteNetwork:
    """The network of a weights file, float32, on the CPU; raises ModelMissing when it does not fit."""
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        network = LiteNetwork(LiteConfig(**json.loads(metadata["config"])))
        network.load_state_dict(tensors)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelMissing(
            f"The weights {path} cannot be used ({error}); reinstall sparkvsr or train them anew with"
            " 'sparkvsr train lite'."
        ) from error
    return network


def open_lite(device: str = "auto", weights: Path | None = None) -> LiteRestorer:
    """The shipped model (or other weights of its kind) on a device, ready to run."""
    planner = LitePlanner(weights)
    return LiteRestorer(load_network(planner.weights), planner, choose_precision(device))
