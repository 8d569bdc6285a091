"""A compiled OpenVINO graph on the processor: named tensors in, named tensors out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import openvino
import torch
from torch import Tensor

from sparkvsr_engine.models.devices import multiplies_bfloat16

_DEVICE = "CPU"


@cache
def _core() -> openvino.Core:
    return openvino.Core()


@cache
def half_precision() -> str:
    """The number format of convolutions that may be short: `bf16` where both OpenVINO and this processor
    multiply it, else `f32`.
    """
    capabilities = _core().get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in capabilities and multiplies_bfloat16() else "f32"


class CompiledGraph:
    """A graph with as many threads as torch has when it is compiled. Not safe to share between threads.

    precision: `f32` or `bf16`.
    """

    def __init__(self, model: openvino.Model, precision: str) -> None:
        settings = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "PERFORMANCE_HINT": "LATENCY",
        }
        self._compiled = _core().compile_model(model, _DEVICE, settings)
        self._request = self._compiled.create_infer_request()
        self._inputs = {port.get_node().get_friendly_name(): port for port in self._compiled.inputs}
        self._outputs = {port.get_any_name(): port for port in self._compiled.outputs}

    @property
    def inputs(self) -> frozenset[str]:
        """Their names."""
        return frozenset(self._inputs)

    def run(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Outputs, float32, in memory of their own. tensors: float32 on the CPU; those that are no inputs are
        left.
        """
        # OpenVINO reads and writes this memory without holding it.
        inputs = {
            name: tensors[name].reshape(tuple(port.shape)).contiguous() for name, port in self._inputs.items()
        }
        outputs = {name: torch.empty(tuple(port.shape)) for name, port in self._outputs.items()}
        for ports, values in ((self._inputs, inputs), (self._outputs, outputs)):
            for name, port in ports.items():
                self._request.set_tensor(port, openvino.Tensor(values[name].numpy(), shared_memory=True))
        self._request.infer()
        return outputs

    def release_memory(self) -> None:
        """Give back what the last run left, some hundred bytes for each of its cells and channels."""
        self._compiled.release_memory()
