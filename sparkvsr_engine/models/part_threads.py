"""Parts of a batch computed side by side: results, and gradients of a training step.

Convolutions of small crops gain nothing from a second thread of their own: a step of four took 0.16 s with
two and 0.12 s with one. Two halves of it, a thread each, take 0.08 s. Sums are taken in the order of the
parts, so they do not depend on how many run at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from types import TracebackType
from typing import TypeVar

import torch
from torch import Tensor

Loss = Callable[[], Mapping[str, Tensor]]
Row = dict[str, float]
Result = TypeVar("Result")


class PartThreads:
    """Threads that each compute a part. workers: how many; beside a graphics card one is enough."""

    def __init__(self, workers: int) -> None:
        threads = torch.get_num_threads()
        started = threading.Barrier(workers)
        self._pool = ThreadPoolExecutor(workers, "part", initializer=_prepare_thread)
        for wait in [self._pool.submit(started.wait) for _ in range(workers)]:
            wait.result()
        # What a thread is set to becomes the default of all that start later.
        torch.set_num_threads(threads)

    def __enter__(self) -> PartThreads:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def run(self, parts: Sequence[Callable[[], Result]]) -> list[Result]:
        """What the parts return, in their order; raises what the first of them raises."""
        return list(self._pool.map(lambda part: part(), parts))

    def set_mean_gradients(
        self, parameters: Iterable[torch.nn.Parameter], parts: Sequence[Loss]
    ) -> list[Row]:
        """Set the parameters' gradients to the mean over parts; returns each part's losses and their total.

        Args:
            parameters: of which those that need no gradient are left out.
            parts: each computes its losses by name, under whatever number format it sets.
        """
        trained = [parameter for parameter in parameters if parameter.requires_grad]

        def compute(part: Loss) -> tuple[Row, tuple[Tensor | None, ...]]:
            losses = part()
            total = total_of(losses)
            gradients = torch.autograd.grad(total / len(parts), trained, allow_unused=True)
            return row_of(losses, total), gradients

        results = self.run([partial(compute, part) for part in parts])
        for parameter, *gradients in zip(trained, *(gradients for _, gradients in results), strict=True):
            used = [gradient for gradient in gradients if gradient is not None]
            parameter.grad = reduce(torch.add, used) if used else None
        return [row for row, _ in results]


def total_of(losses: Mapping[str, Tensor]) -> Tensor:
    """What a step lowers: the sum of weighted losses by name."""
    return torch.stack(list(losses.values())).sum()


def row_of(losses: Mapping[str, Tensor], total: Tensor) -> Row:
    """Losses by name and their total, as a log has them."""
    named = {"total": total, **losses}
    return {name: float(value.detach()) for name, value in named.items()}


def split_batch(batch: Mapping[str, Tensor], size: int) -> list[dict[str, Tensor]]:
    """A batch's samples, `size` at a time, 0 for all of them at once."""
    count = len(next(iter(batch.values())))
    size = size or count
    return [
        {name: value[first : first + size] for name, value in batch.items()}
        for first in range(0, count, size)
    ]


def _prepare_thread() -> None:
    # The first call of a thread takes the default, and would take it after the count was set.
    torch.get_num_threads()
    torch.set_num_threads(1)
    # Shared between threads, and emptied by whichever ends first: sums of bfloat16 would differ by chance.
    torch.set_autocast_cache_enabled(False)
