"""The perceptual loss of a recipe: whether it is used, and where its weights are."""

from __future__ import annotations

from pathlib import Path

import torch

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.lite.networks.perceptual import Perceptual


def open_perceptual(
    recipe: str, is_used: bool, folder: Path | None, place: torch.device
) -> Perceptual | None:
    """The loss, where a recipe of that name uses it; raises what `metric_folder` and `Perceptual` raise.

    Args:
        recipe: name of the recipe.
        is_used: whether it counts.
        folder: of the measures' weights, None where none was named.
        place: the device.
    """
    return Perceptual(metric_folder(recipe, folder), place) if is_used else None


def metric_folder(recipe: str, folder: Path | None) -> Path:
    """Where a recipe's learned losses find their weights. Raises InvalidSettings without a folder."""
    if folder is None:
        raise InvalidSettings(
            f"the recipe {recipe} has a perceptual loss; name the folder of the metrics' weights with"
            " --metric-weights."
        )
    return folder
