"""`lite` made ready to run: its weights, its planner and a device brought together."""

from __future__ import annotations

from pathlib import Path

from sparkvsr_engine.models.lite.loading import load_weights
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.restorer import LiteRestorer
from sparkvsr_engine.models.precision import choose_precision


def open_lite(device: str = "auto", weights: Path | None = None) -> LiteRestorer:
    """The shipped model (or other weights of its kind) on a device, ready to run.

    Raises InvalidSettings for a device this machine lacks, ModelMissing.
    """
    planner = LitePlanner(weights)
    return LiteRestorer(load_weights(planner.weights), planner, choose_precision(device))
