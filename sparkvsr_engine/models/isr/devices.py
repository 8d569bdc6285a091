"""In which number format a network's convolutions run on a device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from sparkvsr_engine.models.devices import multiplies_bfloat16

# Below this, bfloat16 saves less than a second a keyframe on a CPU and costs up to 10/255 in a pixel.
SMALL_NETWORK_PARAMETERS = 2_000_000


@dataclass(frozen=True)
class Formats:
    """The half-precision formats a network bears."""

    float16: bool = True
    bfloat16: bool = True


@dataclass(frozen=True)
class Precision:
    """A device and the format of convolutions on it."""

    device: torch.device
    dtype: torch.dtype

    def __str__(self) -> str:
        return f"{self.device.type}/{str(self.dtype).removeprefix('torch.')}"


def choose_precision(device: torch.device, parameters: int, formats: Formats) -> Precision:
    """float16 on CUDA, bfloat16 for large networks on CPUs that multiply it, float32 elsewhere.

    Never float16 on a CPU, where it is emulated (a hundred times slower).

    Args:
        device: where the network runs.
        parameters: how many the network has.
        formats: what the device computes quickly.
    """
    dtype = torch.float32
    if device.type == "cuda" and formats.float16:
        dtype = torch.float16
    elif device.type == "cpu" and formats.bfloat16 and parameters > SMALL_NETWORK_PARAMETERS:
        dtype = torch.bfloat16 if multiplies_bfloat16() else torch.float32
    return Precision(device, dtype)


@contextmanager
def repeatable(threads: int) -> Iterator[None]:
    """Run with this many CPU threads (0: as many as torch uses) and deterministic CUDA convolutions."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
            yield
    finally:
        torch.set_num_threads(before)
