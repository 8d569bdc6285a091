"""Which weights are on the device while a stage runs, and running again, smaller, when memory runs out."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from sparkvsr_bridge.errors import OutOfMemory
from sparkvsr_engine.models.cogvideox.memory.memory_planner import Stage, step_down
from sparkvsr_engine.models.cogvideox.memory.run_plan import Offload, Precision, RunPlan

if TYPE_CHECKING:
    from torch import Tensor, device, nn

    from sparkvsr_engine.models.cogvideox.networks.algorithm import OneStepModel

log = logging.getLogger(__name__)
Result = TypeVar("Result")
# Torch's messages about the processor's memory, and oneDNN, cuDNN and cuBLAS of a workspace that does not
# fit.
_MEMORY_SIGNS = ("out of memory", "can't allocate memory", "could not create a primitive", "ALLOC_FAILED")


class PinnedWeights:
    """A module's weights kept in pinned memory, so that putting them on the device is one fast copy.

    Weights never change, so taking them off the device copies nothing: the module goes back to the pinned
    ones. The host holds them all the time, which is the price.
    """

    def __init__(self, module: nn.Module, target: device) -> None:
        self._target = target
        self._tensors: list[tuple[Tensor, Tensor]] = []
        for value in (*module.parameters(), *module.buffers()):
            master = value.data.cpu()
            self._tensors.append((value, master.pin_memory() if target.type == "cuda" else master))
        self.release()

    def place(self) -> None:
        """Put the weights on the device."""
        for value, master in self._tensors:
            value.data = master.to(self._target, non_blocking=True)

    def release(self) -> None:
        """Free the device of them."""
        for value, master in self._tensors:
            value.data = master


class MovedWeights:
    """The same by plain moves, for weights that are no plain tensors (8-bit ones)."""

    def __init__(self, module: nn.Module, target: device) -> None:
        self._module, self._target = module, target
        self.release()

    def place(self) -> None:
        """Put the weights on the device."""
        self._module.to(self._target)

    def release(self) -> None:
        """Free the device of them."""
        self._module.to("cpu")


class StageRunner:
    """Runs stages of the model under a plan; the plan shrinks when device memory runs out.

    plan: the one in force. notes: a sentence for every step down, oldest first.
    """

    def __init__(self, model: OneStepModel, plan: RunPlan) -> None:
        self.model = model
        self.plan = plan
        self.notes: list[str] = []
        self._turn = threading.RLock()
        self._weights: dict[str, PinnedWeights | MovedWeights] = {}
        self._requested_plan: RunPlan | None = None
        self._placed = ""
        self._streams: dict[bool, Any] = {}
        self._streams_blocks = False

    def run(self, stage: Stage, size: tuple[int, int], action: Callable[[RunPlan], Result]) -> Result:
        """`action` under the plan in force, again under a smaller one when memory runs out.

        Args:
            stage: the stage that ran out of memory or is to run.
            size: width and height of the output.
            action: called with the plan in force.

        Raises:
            OutOfMemory: when the smallest plan does not fit.
        """
        while True:
            plan = self.plan
            result = self._attempt(stage, plan, action)
            if result is not None:
                return result[0]
            self._shrink(stage, plan, size)

    def _attempt(
        self, stage: Stage, plan: RunPlan, action: Callable[[RunPlan], Result]
    ) -> tuple[Result] | None:
        """The result in a tuple; None when memory ran out: the error, which holds tensors, is gone."""
        import torch

        try:
            with torch.no_grad(), self._ready(stage):
                return (action(plan),)
        except (RuntimeError, MemoryError) as error:
            is_memory = isinstance(error, (torch.OutOfMemoryError, MemoryError))
            if is_memory or any(sign in str(error) for sign in _MEMORY_SIGNS):
                return None
            raise

    def _shrink(self, stage: Stage, plan: RunPlan, size: tuple[int, int]) -> None:
        import torch

        with self._turn:
            if self.plan is not plan:
                return
            smaller = step_down(plan, stage, *size, can_offload=self.model.device.type != "cpu")
            if smaller is None:
                raise OutOfMemory(
                    f"The device's memory does not suffice to {stage.value} a window at {size[0]}x{size[1]}, "
                    f"even with: {plan.describe()}; choose a smaller output, or use lite."
                )
            self.notes.append(f"Out of memory in {stage.value}: now {smaller.describe()}.")
            log.warning(self.notes[-1])
            self.plan = smaller
            self._arrange()
            # The failed attempt's tensors may still hang together in cycles with its frames.
            gc.collect()
            if self.model.device.type == "cuda":
                torch.cuda.empty_cache()

    def use(self, plan: RunPlan) -> None:
        """Run under this plan from now on, or under what it has downscaled to since it was asked for last.

        Weights that were sent off the device once stay off it.
        """
        with self._turn:
            if plan == self._requested_plan:
                return
            self._requested_plan = plan
            deepest = max(plan.offload, self.plan.offload, key=list(Offload).index)
            self.plan = replace(plan, offload=deepest)
            self._arrange()

    def _arrange(self) -> None:
        """Put the weights where the plan's offload wants them."""
        place = self.model.device
        if place.type == "cpu":
            return
        for name, module in (("transformer", self.model.transformer), ("vae", self.model.vae.module)):
            if self.plan.offload is Offload.NONE:
                module.to(place)
            elif name == "transformer" and self.plan.offload is Offload.BLOCKS:
                self._stream_blocks(module, place)
            elif name not in self._weights:
                is_moved = name == "transformer" and self.plan.precision is Precision.INT8
                kind = MovedWeights if is_moved else PinnedWeights
                self._weights[name] = kind(module, place)
        self._placed = ""

    def _stream_blocks(self, transformer: nn.Module, place: device) -> None:
        if self._streams_blocks:
            return
        weights = self._weights.pop("transformer", None)
        if weights:
            weights.release()
        stream_blocks(transformer, place)
        self._streams_blocks = True

    @contextmanager
    def _ready(self, stage: Stage) -> Iterator[None]:
        """The stage's weights on the device; work is done when this ends.

        With everything resident two threads may run two stages at once: the decoding of one window hides
        behind the prediction of the next.
        """
        if self._weights or self.plan.offload is not Offload.NONE:
            with self._turn:
                self._swap("transformer" if stage is Stage.PREDICT else "vae")
                yield
        else:
            with self._stream(stage):
                yield

    def _swap(self, name: str) -> None:
        if self._placed == name:
            return
        for stage, weights in self._weights.items():
            if stage != name:
                weights.release()
        if name in self._weights:
            self._weights[name].place()
        self._placed = name

    @contextmanager
    def _stream(self, stage: Stage) -> Iterator[None]:
        import torch

        if self.model.device.type != "cuda":
            yield
            return
        # Two, not one per stage: freed memory is only used again by the stream that freed it.
        is_prediction = stage is Stage.PREDICT
        if is_prediction not in self._streams:
            self._streams[is_prediction] = torch.cuda.Stream(self.model.device)
        stream = self._streams[is_prediction]
        with torch.cuda.stream(stream):
            yield
        stream.synchronize()


def stream_blocks(transformer: Any, place: device) -> None:
    """Keep the transformer's blocks in pinned memory and copy each to the device as it is reached."""
    transformer.enable_group_offload(
        onload_device=place,
        offload_type="block_level",
        num_blocks_per_group=1,
        use_stream=place.type == "cuda",
        record_stream=place.type == "cuda",
    )
