"""What a model brings to be trained: all of a run that is not the same for every model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

Batch = Mapping[str, Tensor]


def stacked(samples: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Samples of the same names and shapes to one batch."""
    return {name: torch.stack([sample[name] for sample in samples]) for name in samples[0]}


class Trainee(Protocol):
    """A model under a recipe. The trainer takes the steps, keeps the state and asks this for the rest."""

    @property
    def identity(self) -> str:
        """Of what a run cannot go on with another of, such as frozen weights; empty where there is none.

        Known once the network is built.
        """
        ...

    def build(self, place: torch.device) -> nn.Module:
        """The network on a device: all of its parameters are trained, its state is the checkpoint's.

        Everything below is about the one that was built last.
        Raises errors of `sparkvsr_bridge.errors` for whatever is missing to train any stage of the recipe.
        """
        ...

    def start(self) -> None:
        """Fill the network that was just built; not called where a run goes on."""
        ...

    def groups(self, stage: int) -> list[dict[str, Any]]:
        """The optimiser's parameter groups; `share` is each one's of the learning rate."""
        ...

    def samples(self, stage: int, count: int, first: int) -> torch.utils.data.Dataset[Any]:
        """`count` samples by number from `first` on: a pure function of recipe and number.

        Args:
            stage: number of the training's stage.
            count: how many.
            first: number of the first.
        """
        ...

    def part(self, stage: int) -> int:
        """How many of a step's samples go through at a time, a divisor of the stage's `scenes`.

        Gradients are summed over the parts, so a step needs the memory of one.
        """
        ...

    @property
    def collate(self) -> Callable[[Any], dict[str, Tensor]]:
        """Makes a batch of a part's samples; goes to other processes."""
        ...

    def losses(self, batch: Batch, stage: int) -> dict[str, Tensor]:
        """Each loss of a part by name, weighted, the same names for all parts of a stage.

        Their sum is what is minimised. Runs under the device's precision.
        """
        ...

    @property
    def card(self) -> dict[str, str]:
        """The exported file's description of the model itself; its licence above all."""
        ...

    @property
    def export_name(self) -> str:
        """What the exported file or folder is called in the run's folder."""
        ...

    def export(self, weights: Mapping[str, Tensor], path: Path, card: dict[str, str]) -> None:
        """Write averaged weights, the network's state by name, with their card.

        Args:
            weights: the network's state by name.
            path: the file.
            card: texts that are written into the file's header.
        """
        ...
