"""Read the weights of a known network out of an ncnn `.bin` file.

The file is a bare row of arrays in the order of the graph's layers: a convolution is a four-byte tag, its
weights (float16 padded to four bytes, or float32) and float32 biases; everything else is float32. The
network fixes all sizes, so the `.param` text is not needed, and neither is ncnn.
Format: https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

FLOAT16_TAG = 0x01306B47
FLOAT32_TAG = 0


class _Reader:
    """A place in the file that moves on with every read."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = 0

    @property
    def unread_bytes(self) -> int:
        """Bytes not read yet."""
        return len(self._content) - self._place

    def float32(self, count: int) -> Tensor:
        return self._take(count, np.dtype("<f4"))

    def tagged(self, count: int) -> Tensor:
        """Weights behind their tag, as float32."""
        tag = int(self._take(1, np.dtype("<u4"), as_number=True))
        if tag == FLOAT32_TAG:
            return self.float32(count)
        if tag != FLOAT16_TAG:
            raise ValueError(f"weights of an unknown kind (tag {tag:#x}) at byte {self._place - 4}")
        values = self._take(count, np.dtype("<f2"))
        self._place += -self._place % 4
        return values

    def _take(self, count: int, kind: np.dtype, as_number: bool = False) -> Tensor:
        if self.unread_bytes < count * kind.itemsize:
            raise ValueError(f"the file ends at byte {len(self._content)}, before all weights were read")
        values = np.frombuffer(self._content, kind, count, self._place)
        self._place += count * kind.itemsize
        return torch.from_numpy(values.astype(np.int64 if as_number else np.float32))


def fill_from_ncnn(network: nn.Module, content: bytes) -> None:
    """Copy the weights of an ncnn `.bin` into a network of the same layers, in definition order.

    A module's own `mean` buffer comes first, as the graph's constant does.
    Raises ValueError when the file is too short, too long or of an unknown kind.
    """
    reader = _Reader(content)
    with torch.no_grad():
        for name, buffer in network.named_buffers():
            if name == "mean":
                buffer.copy_(reader.float32(buffer.numel()))
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.copy_(reader.tagged(module.weight.numel()).view_as(module.weight))
                assert module.bias is not None
                module.bias.copy_(reader.float32(module.bias.numel()))
            elif isinstance(module, nn.PReLU):
                module.weight.copy_(reader.float32(module.weight.numel()))
    if reader.unread_bytes:
        raise ValueError(f"the file has {reader.unread_bytes} bytes more than the network has weights")
