"""A component's weights in one GGUF file: its tensors as files have them, and their values through diffusers.

They are unpacked while they are read: a GGUF file saves disk and download, memory is the precision's affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_bridge.system.installing import install_command

if TYPE_CHECKING:
    from torch import Tensor

SUFFIX = ".gguf"


def read_places(file: Path) -> Iterator[tuple[str, str, tuple[int, ...], int, int]]:
    """Name, type, shape, first and past-last byte of every tensor, without reading values.

    Raises ModelMissing when the file is none or the package gguf is not installed.
    """
    reader = _open(file)
    for tensor in reader.tensors:
        start = int(tensor.data_offset)
        # GGUF counts dimensions from the innermost.
        shape = tuple(int(side) for side in reversed(tensor.shape))
        yield tensor.name, tensor.tensor_type.name, shape, start, start + int(tensor.n_bytes)


def read_values(file: Path) -> Iterator[tuple[str, Tensor]]:
    """Every tensor by name, unpacked to floating point."""
    from diffusers.models.model_loading_utils import load_gguf_checkpoint
    from diffusers.quantizers.gguf.utils import GGUFParameter, dequantize_gguf_tensor

    packed: Any = load_gguf_checkpoint(str(file))
    for name in list(packed):
        value = packed.pop(name)
        yield name, dequantize_gguf_tensor(value) if isinstance(value, GGUFParameter) else value


def _open(file: Path) -> Any:
    try:
        from gguf import GGUFReader  # type: ignore[import-not-found]
    except ImportError as error:
        raise ModelMissing(
            f"{file} needs the package gguf; install it: {install_command('sparkvsr[gguf]')}"
        ) from error
    try:
        return GGUFReader(file)
    except Exception as error:
        raise ModelMissing(f"{file} is no readable GGUF file ({error}); fetch it again.") from error
