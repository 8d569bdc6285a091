"""Low-rank additions to the transformer's attention, trained beside weights that stay as they are.

Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models": a layer's output plus alpha / rank times
up(down(input)), `up` zero at first. Written out as any program that reads LoRA files expects it; what merges
them is `models.cogvideox.checkpoints.lora`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.training.published.recipe import AdapterRecipe

# The layers that the published training's own option adapts.
LAYERS = ("to_q", "to_k", "to_v", "to_out.0")
# A module's name may hold no dots.
_DOT = "|"


class _Pair(nn.Module):
    def __init__(self, inputs: int, outputs: int, rank: int) -> None:
        super().__init__()
        self.down = nn.Linear(inputs, rank, bias=False)
        self.up = nn.Linear(rank, outputs, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.up(self.down(inputs.to(self.down.weight.dtype)))


class Adapters(nn.ModuleDict):
    """The additions to one transformer, in float32; from when they are made its layers give them out.

    Raises InvalidSettings for a transformer without such layers.
    """

    def __init__(self, transformer: nn.Module, recipe: AdapterRecipe) -> None:
        super().__init__()
        scale = recipe.alpha / recipe.rank
        for name, layer in transformer.named_modules():
            if isinstance(layer, nn.Linear) and name.endswith(LAYERS):
                pair = _Pair(layer.in_features, layer.out_features, recipe.rank)
                self[name.replace(".", _DOT)] = pair.to(layer.weight.device)
                layer.register_forward_hook(_adding(pair, scale))
        if not len(self):
            raise InvalidSettings(
                "the transformer has no attention layers to adapt; train it whole (rank 0)."
            )


def _adding(pair: _Pair, scale: float) -> Any:
    def hook(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:  # noqa: ARG001
        return output + (scale * pair(inputs[0])).to(output.dtype)

    return hook


def lora_tensors(weights: Mapping[str, Tensor], recipe: AdapterRecipe) -> dict[str, Tensor]:
    """The content of a LoRA file: an `Adapters`' state under the names of the field, with alphas."""
    tensors: dict[str, Tensor] = {}
    for name, value in weights.items():
        layer, side = name.replace(_DOT, ".").removesuffix(".weight").rsplit(".", 1)
        kind = {"down": "lora_A", "up": "lora_B"}[side]
        tensors[f"transformer.{layer}.{kind}.weight"] = value.to(torch.bfloat16).cpu().contiguous()
        tensors[f"transformer.{layer}.alpha"] = torch.tensor(float(recipe.alpha))
    return tensors
