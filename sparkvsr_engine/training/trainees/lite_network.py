"""The network of `lite` as the trainer sees it, whatever its samples and losses are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor

from sparkvsr_engine.models.lite.loading import save_weights
from sparkvsr_engine.models.lite.networks.network import LiteConfig, LiteNetwork
from sparkvsr_engine.models.lite.networks.perceptual import Perceptual
from sparkvsr_engine.training.trainees.perceptual import open_perceptual


class NetworkStage(Protocol):
    """What a stage of a recipe holds for the network; see the recipes."""

    @property
    def scenes(self) -> int:
        """Samples of a step."""
        ...

    @property
    def blind_share(self) -> float:
        """Of the learning rate, for the blind path."""
        ...

    @property
    def perceptual(self) -> float:
        """Weight of the perceptual loss."""
        ...


class NetworkRecipe(Protocol):
    """What a recipe holds for the network."""

    @property
    def name(self) -> str:
        """Of the weights."""
        ...

    @property
    def network(self) -> LiteConfig:
        """Its sizes."""
        ...

    @property
    def stages(self) -> tuple[NetworkStage, ...]:
        """One after the other."""
        ...


R = TypeVar("R", bound=NetworkRecipe)


class LiteNetworkTrainee(Generic[R]):
    """See `trainee.Trainee`, of which samples and losses are left to the kinds of training.

    metric_weights: folder of the perceptual loss's; start: fills a new network.
    """

    identity = ""

    def __init__(
        self, recipe: R, metric_weights: Path | None, start: Callable[[LiteNetwork], None] | None
    ) -> None:
        self._recipe = recipe
        self._metric_weights = metric_weights
        self._start = start
        self._perceptual: Perceptual | None = None

    def build(self, place: torch.device) -> LiteNetwork:
        """See `Trainee`; the perceptual loss is opened at once, not after hours of a first stage."""
        is_used = any(stage.perceptual for stage in self._recipe.stages)
        self._perceptual = open_perceptual(self._recipe.name, is_used, self._metric_weights, place)
        self._network = LiteNetwork(self._recipe.network).to(place)
        return self._network

    def start(self) -> None:
        """See `Trainee`; on the processor, wherever the network is trained."""
        if self._start is not None:
            place = next(self._network.parameters()).device
            self._start(self._network.cpu())
            self._network.to(place)

    def groups(self, stage: int) -> list[dict[str, Any]]:
        """See `Trainee`: the blind path may start from trained weights and then moves less, or not at all."""
        share = self._recipe.stages[stage].blind_share
        # Nothing is to be learnt through it either, which takes a good part of a step's time.
        self._network.blind.requires_grad_(share > 0)
        return [
            {"params": list(self._network.blind.parameters()), "share": share},
            {"params": list(self._network.keyed.parameters()), "share": 1.0},
        ]

    def part(self, stage: int) -> int:
        """See `Trainee`: a whole step."""
        return self._recipe.stages[stage].scenes

    @property
    def card(self) -> dict[str, str]:
        """See `Trainee`."""
        return {"licence": "Apache-2.0"}

    @property
    def export_name(self) -> str:
        """See `Trainee`: one file."""
        return f"{self._recipe.name}.safetensors"

    def export(self, weights: Mapping[str, Tensor], path: Path, card: dict[str, str]) -> None:
        """See `Trainee`."""
        averaged = LiteNetwork(self._recipe.network)
        averaged.load_state_dict({name: value.cpu() for name, value in weights.items()})
        save_weights(averaged, path, card)
