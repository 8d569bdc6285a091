"""LoRA files merged into the transformer's weights: no adapter, no extra time per pass, no peft."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkvsr_bridge.errors import ModelMissing

if TYPE_CHECKING:
    from torch import Tensor, nn

_PREFIXES = ("transformer.", "")
_PAIRS = ((".lora_A.weight", ".lora_B.weight"), (".lora.down.weight", ".lora.up.weight"))


def merge_lora(transformer: nn.Module, path: Path, strength: float = 1.0) -> int:
    """Add strength * (alpha / rank) * B A to every layer the file names; returns how many those are.

    The file is read by diffusers, so what it can load is what can be merged.

    Args:
        transformer: changed in place.
        path: of the LoRA.
        strength: 1 is as trained.

    Raises:
        ModelMissing: when it is no LoRA of this transformer.
    """
    import torch

    tensors, alphas = _read(path)
    layers = dict(transformer.named_modules())
    merged = 0
    for name, down, up in _pairs(tensors):
        layer = layers.get(name)
        weight: Any = getattr(layer, "weight", None)
        if weight is None or weight.shape != (up.shape[0], down.shape[1]):
            raise ModelMissing(
                f"{path} is no LoRA of this model: {name} is missing or of another size.", layer=name
            )
        scale = strength * alphas.get(name, down.shape[0]) / down.shape[0]
        with torch.no_grad():
            weight.copy_(weight.float() + scale * (up.float() @ down.float()))
        merged += 1
    if merged == 0:
        raise ModelMissing(f"{path} holds no LoRA layers; give a file of lora_A and lora_B weights.")
    return merged


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, float]]:
    """The file's matrices, and its alphas by layer where it states them."""
    # The package offers the class only beside transformers; its module needs none.
    from diffusers.loaders.lora_pipeline import CogVideoXLoraLoaderMixin

    try:
        state = CogVideoXLoraLoaderMixin.lora_state_dict(str(path))
    except Exception as error:
        raise ModelMissing(f"{path} cannot be read as a LoRA file ({error}).") from error
    if not isinstance(state, dict):
        raise ModelMissing(f"{path} cannot be read as a LoRA file.")
    alphas = ((name, float(value)) for name, value in state.items() if name.endswith(".alpha"))
    return state, {_layer_of(name.removesuffix(".alpha")): value for name, value in alphas}


def _pairs(tensors: dict[str, Tensor]) -> list[tuple[str, Tensor, Tensor]]:
    """Layer name, A [rank, in] and B [out, rank] of every pair."""
    pairs: list[tuple[str, Tensor, Tensor]] = []
    for down_suffix, up_suffix in _PAIRS:
        for name, down in tensors.items():
            stem = name.removesuffix(down_suffix)
            if stem != name and stem + up_suffix in tensors:
                pairs.append((_layer_of(stem), down, tensors[stem + up_suffix]))
    return pairs


def _layer_of(name: str) -> str:
    return name.removeprefix(_PREFIXES[0])
