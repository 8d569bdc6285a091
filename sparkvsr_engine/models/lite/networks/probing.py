"""Which backend runs the networks of `lite` faster on this machine: the network passes of a small frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import torch

from sparkvsr_engine.models.backends.names import OPENVINO, OPENVINO_8_BIT, TORCH
from sparkvsr_engine.models.backends.record import ProbeRecord, machine_name
from sparkvsr_engine.models.lite.loading import load_network
from sparkvsr_engine.models.lite.networks.openvino_passes import OpenVinoRunner
from sparkvsr_engine.models.lite.networks.stages import NetworkPasses, Reference, Target
from sparkvsr_engine.models.lite.networks.torch_passes import TorchPasses
from sparkvsr_engine.models.lite.pixels.planes import CELL, Planes
from sparkvsr_engine.models.lite.planner import shipped_weights
from sparkvsr_engine.models.precision import Precision, choose_precision

# Cells: an eighth of a 480x270 frame.
_ROWS, _COLUMNS = 90, 180
_TURNS = 3
_MARGIN = 2
# A gain below the first is no reason for other pixels; what was chosen stays down to a share of it.
_LEAST_GAIN, _LEAST_KEPT_SHARE = 1.1, 0.86
# Over floats: 8 bits cost hundredths of a decibel, and are worth that where they take about half the time.
_LEAST_GAIN_OF_8_BITS = 1.8


def probe_backends(before: ProbeRecord | None) -> ProbeRecord:
    """All backends measured in turns, each by its best; takes a few seconds.

    torch stays where it runs on a graphics card, and where OpenVINO gains less than a tenth. 8 bits are
    chosen where floats take far longer, as on processors that multiply integers and no bfloat16. before: the
    last probe of this machine, whose choice stays unless another gains.
    """
    precision = choose_precision("auto")
    on_processor = choose_precision("cpu")
    network = on_processor.prepare(load_network(shipped_weights()))
    runs = {
        TORCH: _run_of(TorchPasses(network), on_processor),
        OPENVINO: _run_of(OpenVinoRunner().passes(network), on_processor),
        OPENVINO_8_BIT: _run_of(OpenVinoRunner(in_eight_bits=True).passes(network), on_processor),
    }
    seconds = {name: _seconds(run) for name, run in runs.items()}
    for _ in range(_TURNS):
        seconds = {name: min(seconds[name], _seconds(run)) for name, run in runs.items()}
    chosen = _faster(seconds, before and before.chosen) if precision.device.type == "cpu" else TORCH
    return ProbeRecord(chosen, seconds[TORCH], seconds[OPENVINO], seconds[OPENVINO_8_BIT], machine_name())


def _faster(seconds: Mapping[str, float], before: str | None) -> str:
    """What is to run networks on the processor.

    Args:
        seconds: of each backend.
        before: what was chosen last.
    """

    def least_gain(name: str, gain: float) -> float:
        return gain * _LEAST_KEPT_SHARE if before == name else gain

    in_floats = TORCH
    if seconds[TORCH] >= least_gain(OPENVINO, _LEAST_GAIN) * seconds[OPENVINO]:
        in_floats = OPENVINO
    gains = seconds[in_floats] >= least_gain(OPENVINO_8_BIT, _LEAST_GAIN_OF_8_BITS) * seconds[OPENVINO_8_BIT]
    return OPENVINO_8_BIT if gains else in_floats


def _run_of(passes: NetworkPasses, precision: Precision) -> Callable[[], object]:
    half = torch.rand(
        1, 1, CELL // 2 * _ROWS, CELL // 2 * _COLUMNS, generator=torch.Generator().manual_seed(0)
    )
    source = Planes(torch.nn.functional.interpolate(half, scale_factor=2), torch.cat([half, half], 1) / 10)
    target = Target(source, half, torch.cat([half] * 4, 1), torch.full((1,), 4.0))
    reference = Reference(Planes(source.luma / 10, source.chroma), half, torch.tensor([3]))

    @torch.inference_mode()
    def run() -> object:
        with precision.running():
            blind, _ = passes.blind(target, _MARGIN, with_features=True)
            return passes.keyed(target, blind, [reference, reference])

    return run


def _seconds(run: Callable[[], object]) -> float:
    # Of the process: what others do on the machine is not measured.
    started = time.process_time()
    run()
    return time.process_time() - started
