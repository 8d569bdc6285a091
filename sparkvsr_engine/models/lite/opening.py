"""`lite` made ready to run: its weights, its planner and a device brought together."""

from __future__ import annotations

from pathlib import Path

from sparkvsr_engine.models.backends.names import OPENVINO_8_BIT, TORCH, split_device
from sparkvsr_engine.models.lite.loading import load_weights
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.restorer import LiteRestorer
from sparkvsr_engine.models.precision import choose_precision


def open_lite(device: str = "auto", weights: Path | None = None) -> LiteRestorer:
    """The shipped model (or other weights of its kind) on a device, ready to run.

    Raises InvalidSettings for a device this machine lacks, ModelMissing.
    """
    place, backend = split_device(device)
    planner = LitePlanner(weights, backend)
    loaded, precision = load_weights(planner.weights), choose_precision(place)
    if backend == TORCH:
        return LiteRestorer(loaded, planner, precision)
    from sparkvsr_engine.models.lite.networks.openvino_passes import OpenVinoRunner

    runner = OpenVinoRunner(in_eight_bits=backend == OPENVINO_8_BIT)
    bits = "8 bits and " if backend == OPENVINO_8_BIT else ""
    note = f"OpenVINO runs the networks of lite in {bits}{runner.precision} on the processor."
    return LiteRestorer(loaded, planner, precision, runner.passes, (note,))
