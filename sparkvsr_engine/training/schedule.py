"""What every model's recipe holds: stages one after the other, how steps are taken, what is kept of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StageSchedule:
    """One stage of training, as far as the trainer has to know it; AdamW takes its steps.

    steps: optimiser steps. scenes: samples of the model's kind per step.
    learning_rate: at its highest; warm-up steps rise to it, then a cosine falls to `final_share` of it.
    Raises ValueError for a stage of no steps or no scenes.
    """

    steps: int
    learning_rate: float
    scenes: int = 6
    warm_up: int = 200
    final_share: float = 0.01
    gradient_norm: float = 0.5
    weight_decay: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.99)

    def __post_init__(self) -> None:
        if self.steps < 1 or self.scenes < 1:
            raise ValueError("a stage needs 1 step and 1 scene or more")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A model's whole training; what is the model's own stands in a record of its own kind.

    held_back: clips never trained on, by their file's stem. ema: decay of the averaged weights that are
    exported, 0 for the last step's.
    """

    name: str
    seed: int
    stages: tuple[StageSchedule, ...]
    held_back: tuple[str, ...] = ()
    ema: float = 0.999
    checkpoint_steps: int = 500
    report_steps: int = 100


# Of a recipe's top level; what is left out has the record's default.
_OPTIONAL: dict[str, Callable[[Any], Any]] = {
    "held_back": tuple,
    "ema": float,
    "checkpoint_steps": int,
    "report_steps": int,
}


def common_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `Recipe` in a recipe's file, without its stages; raises KeyError for name and seed."""
    options = {name: kind(data[name]) for name, kind in _OPTIONAL.items() if name in data}
    return {"name": str(data["name"]), "seed": int(data["seed"]), **options}


def learning_rate(stage: StageSchedule, step: int) -> float:
    """Linear warm-up, then a cosine to `final_share` of the highest rate."""
    if step < stage.warm_up:
        return stage.learning_rate * (step + 1) / stage.warm_up
    done = (step - stage.warm_up) / max(1, stage.steps - stage.warm_up)
    low = stage.learning_rate * stage.final_share
    return low + (stage.learning_rate - low) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
