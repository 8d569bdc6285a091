"""Trains a model by its recipe: stages one after the other, checkpointed, resumed exactly, reported.

run folder/  checkpoint.pt  log.jsonl  curves.png, and what the model exports (averaged weights, their card)
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.checkpoint import RunState, load_checkpoint, save_checkpoint, update_average
from sparkvsr_engine.models.part_threads import Loss, PartThreads, Row, row_of, total_of
from sparkvsr_engine.models.precision import Precision, choose_precision
from sparkvsr_engine.training.schedule import Recipe, StageSchedule, learning_rate
from sparkvsr_engine.training.trainees.trainee import Batch, Trainee


@dataclass(frozen=True)
class RunOptions:
    """Where and how a run goes; nothing here changes what comes out but for the order of sums.

    loaders: processes that make samples. threads: of the processor, 0 for one per core; each computes a
    part of a step where there are several.
    stop_after: steps after which this call returns, for tests and short sessions; 0 goes to the end.
    """

    folder: Path
    device: str = "auto"
    loaders: int = 1
    threads: int = 0
    stop_after: int = 0


class Trainer:
    """One run of a recipe for the model it is of. on_report: called with a row of losses now and then.

    Raises InvalidSettings for a folder whose run is of another start than the model's.
    """

    def __init__(
        self,
        recipe: Recipe,
        trainee: Trainee,
        options: RunOptions,
        on_report: Callable[[dict[str, float]], None],
    ) -> None:
        options.folder.mkdir(parents=True, exist_ok=True)
        if options.threads:
            torch.set_num_threads(options.threads)
        torch.manual_seed(recipe.seed)
        self._recipe = recipe
        self._trainee = trainee
        self._options = options
        self._on_report = on_report
        self._precision = training_precision(options.device)
        self._path = options.folder / "checkpoint.pt"
        self._log = options.folder / "log.jsonl"
        self._threads: PartThreads | None = None
        self.network = trainee.build(self._precision.device)
        if not self._path.is_file():
            trainee.start()
        self.state = RunState(start=trainee.identity)
        self._optimiser = self._new_optimiser(0)
        self._restore()
        # Steps that a kill took back are logged again.
        self._log.write_text("".join(json.dumps(row) + "\n" for row in self.state.losses), encoding="utf-8")

    def run(self) -> bool:
        """Train to the end of the recipe or `stop_after` steps; returns whether the recipe is finished."""
        if self._precision.device.type != "cpu":
            return self._run_stages()
        with PartThreads(torch.get_num_threads()) as self._threads:
            return self._run_stages()

    def _run_stages(self) -> bool:
        remaining_steps = self._options.stop_after or sum(stage.steps for stage in self._recipe.stages)
        while self.state.stage < len(self._recipe.stages):
            stage = self._recipe.stages[self.state.stage]
            remaining_steps -= self._run_stage(stage, remaining_steps)
            if self.state.step < stage.steps:
                self._save()
                return False
            self.state.stage, self.state.step = self.state.stage + 1, 0
            if self.state.stage < len(self._recipe.stages):
                self._optimiser = self._new_optimiser(self.state.stage)
            self._save()
        return True

    def export(self, path: Path, card: dict[str, str]) -> None:
        """Write the averaged weights with their card."""
        self._trainee.export(self.state.ema, path, {**self._trainee.card, **card})

    def _run_stage(self, stage: StageSchedule, most: int) -> int:
        steps = min(stage.steps - self.state.step, most)
        rows: list[dict[str, float]] = []
        started = time.monotonic()
        for parts in self._batches(stage, steps):
            rows.append(self._step(stage, parts))
            done = self.state.step
            if done % self._recipe.report_steps == 0:
                self._report(rows, time.monotonic() - started)
                rows, started = [], time.monotonic()
            if done % self._recipe.checkpoint_steps == 0:
                self._save()
        return steps

    def _step(self, stage: StageSchedule, parts: Sequence[Batch]) -> dict[str, float]:
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate(stage, self.state.step) * group["share"]
        self._optimiser.zero_grad(set_to_none=True)
        losses = [partial(self._losses, part) for part in parts]
        if self._threads is not None and len(parts) > 1:
            rows = self._threads.set_mean_gradients(self.network.parameters(), losses)
        else:
            rows = [_added_gradients(part, len(parts)) for part in losses]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), stage.gradient_norm)
        self._optimiser.step()
        self.state.step += 1
        update_average(self.state.ema, self.network, self._recipe.ema, self._global_step())
        return _mean_of(rows)

    def _losses(self, batch: Batch) -> dict[str, Tensor]:
        with self._precision.running():
            return self._trainee.losses(batch, self.state.stage)

    def _batches(self, stage: StageSchedule, steps: int) -> Iterator[list[Batch]]:
        """Each step's parts."""
        number, size = self.state.stage, self._trainee.part(self.state.stage)
        first = (self._stage_offset() + self.state.step) * stage.scenes
        source = self._trainee.samples(number, steps * stage.scenes, first)
        loaders = self._options.loaders
        # Not forked: OpenCV's threads do not survive it.
        extra: dict[str, Any] = {"multiprocessing_context": "spawn", "prefetch_factor": 4} if loaders else {}
        loader = torch.utils.data.DataLoader(
            source, batch_size=size, collate_fn=self._trainee.collate, num_workers=loaders, **extra
        )
        batches = iter(loader)
        for _ in range(steps):
            yield [self._placed(batch) for batch in islice(batches, stage.scenes // size)]

    def _placed(self, batch: Batch) -> Batch:
        return {name: value.to(self._precision.device, non_blocking=True) for name, value in batch.items()}

    def _stage_offset(self) -> int:
        """Steps of the stages before, so that every stage draws samples of its own."""
        return sum(stage.steps for stage in self._recipe.stages[: self.state.stage])

    def _global_step(self) -> int:
        return self._stage_offset() + self.state.step

    def _report(self, rows: list[dict[str, float]], seconds: float) -> None:
        row = _mean_of(rows)
        row |= {"step": float(self._global_step()), "seconds_per_step": seconds / len(rows)}
        row["learning_rate"] = self._optimiser.param_groups[-1]["lr"]
        self.state.losses.append(row)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")
        self._on_report(row)

    def _new_optimiser(self, stage: int) -> torch.optim.Optimizer:
        schedule = self._recipe.stages[stage]
        return torch.optim.AdamW(
            self._trainee.groups(stage),
            lr=schedule.learning_rate,
            betas=schedule.betas,
            weight_decay=schedule.weight_decay,
        )

    def _save(self) -> None:
        save_checkpoint(self._path, self.state, self.network, self._optimiser)

    def _restore(self) -> None:
        checkpoint = load_checkpoint(self._path)
        if checkpoint is None:
            return
        if checkpoint.get("start", "") != self._trainee.identity:
            raise InvalidSettings(
                f"{self._path} is of a run that started from other weights; start from those, or choose"
                " another --run folder."
            )
        ema = {name: value.to(self._precision.device) for name, value in checkpoint["ema"].items()}
        self.state = RunState(
            checkpoint["stage"], checkpoint["step"], ema, checkpoint["losses"], self._trainee.identity
        )
        self.network.load_state_dict(checkpoint["network"])
        if self.state.stage < len(self._recipe.stages):
            self._optimiser = self._new_optimiser(self.state.stage)
            self._optimiser.load_state_dict(checkpoint["optimiser"])


def training_precision(device: str) -> Precision:
    """As at run time, but bfloat16 on CUDA: gradients underflow in float16."""
    chosen = choose_precision(device)
    return replace(chosen, dtype=torch.bfloat16) if chosen.device.type == "cuda" else chosen


def _added_gradients(part: Loss, parts: int) -> Row:
    """One part's losses, their gradients added to those of the parts before: memory of one part is enough."""
    losses = part()
    total = total_of(losses)
    (total / parts).backward()
    return row_of(losses, total)


def _mean_of(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}
