"""8-bit weights for the transformer through torchao: half the memory of bfloat16, a little slower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_bridge.system.installing import install_command

if TYPE_CHECKING:
    from torch import nn


def quantise_weights(transformer: nn.Module) -> None:
    """Store the blocks' linear weights as int8 with a scale per output channel; activations stay as they are.

    The time, patch and output embeddings, two percent of the weights, are left alone: their errors
    would reach every token. Raises ModelMissing when torchao is not installed.
    """
    try:
        from torchao.quantization import Int8WeightOnlyConfig, quantize_  # type: ignore[import-not-found]
    except ImportError as error:
        raise ModelMissing(
            "8-bit weights need the package torchao; use bfloat16, or install it:"
            f" {install_command('sparkvsr[int8]')}"
        ) from error
    from torch.nn import Linear

    def is_in_block(module: nn.Module, name: str) -> bool:
        return isinstance(module, Linear) and name.startswith("transformer_blocks.")

    quantize_(transformer, Int8WeightOnlyConfig(), filter_fn=is_in_block)
