"""Counts what a computation would allocate and calculate, on torch's meta device, without doing it."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import torch
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode


class LiveBytes(TorchDispatchMode):
    """The largest sum of all tensors that were alive at once; views count once."""

    def __init__(self) -> None:
        super().__init__()
        self.live = 0
        self.peak = 0
        self._holders: dict[int, int] = {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for value in tree_leaves(result):
            if isinstance(value, torch.Tensor):
                self._hold(value)
        return result

    def _hold(self, value: torch.Tensor) -> None:
        storage = value.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        if key not in self._holders:
            self._holders[key] = 0
            self.live += size
            self.peak = max(self.peak, self.live)
        self._holders[key] += 1
        weakref.finalize(value, self._release, key, size)

    def _release(self, key: int, size: int) -> None:
        self._holders[key] -= 1
        if self._holders[key] == 0:
            del self._holders[key]
            self.live -= size


def _flash_like(query, key, value, **_):
    """Attention as a fused kernel allocates: its result, no matrix of scores."""
    del key, value
    return torch.empty_like(query)


@contextmanager
def counting_bytes() -> Iterator[LiveBytes]:
    """Count allocations of what runs inside."""
    with patch.object(functional, "scaled_dot_product_attention", _flash_like), LiveBytes() as counted:
        yield counted


def count_flops(run) -> float:
    """Operations of a call: two per multiply-add."""
    with FlopCounterMode(display=False) as counted:
        run()
    return float(counted.get_total_flops())
