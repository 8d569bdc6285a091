"""Where and in which number format the network's convolutions run.

bfloat16 on CPUs that multiply it in hardware (2x here), float32 on others: float16 convolutions are
emulated on CPUs and a hundred times slower. float16 on CUDA, float32 on a Mac's graphics. Warps and sums
stay in float32.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from sparkvsr_engine.models.devices import WITH_METAL, find_device, multiplies_bfloat16

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class Precision:
    """A device and the format of its convolutions."""

    device: torch.device
    dtype: torch.dtype

    def prepare(self, network: Network) -> Network:
        """The network on the device, ready to run."""
        return network.eval().to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    @contextmanager
    def running(self) -> Generator[None]:
        """Run convolutions in this format."""
        enabled = self.dtype != torch.float32
        with torch.autocast(self.device.type, dtype=self.dtype, enabled=enabled):
            yield

    def place(self, tensor: Tensor) -> Tensor:
        """A tensor on the device, plane by plane as it is: what folds and warps take apart."""
        return tensor.to(self.device, non_blocking=True)


def choose_precision(device: str) -> Precision:
    """`auto`, `cpu`, `cuda`, `cuda:1` or `mps` to a device with its best format.

    Raises InvalidSettings for a device this machine does not have.
    """
    place = find_device(device, WITH_METAL)
    if place.type == "cuda":
        return Precision(place, torch.float16)
    if place.type == "mps":
        return Precision(place, torch.float32)
    return Precision(place, torch.bfloat16 if multiplies_bfloat16() else torch.float32)
