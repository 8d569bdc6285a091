"""Trains `lite` by a recipe: stages one after the other, checkpointed, resumed exactly, reported.

run folder/  checkpoint.pt  log.jsonl  curves.png  lite.safetensors (averaged weights with their card)
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from bridge.errors import InvalidSettings
from sparkvsr_engine.models.lite.loading import save_weights
from sparkvsr_engine.models.lite.network import LiteNetwork
from sparkvsr_engine.models.lite.precision import Precision, choose_precision
from sparkvsr_engine.training.bank import Bank
from sparkvsr_engine.training.checkpoint import RunState, load_checkpoint, save_checkpoint, update_average
from sparkvsr_engine.training.lite_stages import collate, losses_of, run_batch
from sparkvsr_engine.training.perceptual import Perceptual
from sparkvsr_engine.training.recipe import Recipe, StageRecipe
from sparkvsr_engine.training.samples import SampleSource


@dataclass(frozen=True)
class RunOptions:
    """Where and how a run goes; nothing here changes what comes out but for the order of sums.

    metric_weights: folder of the perceptual loss's weights. loaders: processes that make samples.
    stop_after: steps after which this call returns, for tests and short sessions; 0 goes to the end.
    """

    folder: Path
    device: str = "auto"
    metric_weights: Path | None = None
    loaders: int = 1
    threads: int = 0
    stop_after: int = 0


class Trainer:
    """One run of a recipe. on_report: told a row of losses now and then; start: fills a new network."""

    def __init__(
        self,
        recipe: Recipe,
        bank: Bank,
        options: RunOptions,
        on_report: Callable[[dict[str, float]], None],
        start: Callable[[LiteNetwork], None] | None = None,
    ) -> None:
        options.folder.mkdir(parents=True, exist_ok=True)
        if options.threads:
            torch.set_num_threads(options.threads)
        torch.manual_seed(recipe.seed)
        self._recipe = recipe
        self._bank = bank
        self._options = options
        self._on_report = on_report
        self._precision = training_precision(options.device)
        self._perceptual = _open_perceptual(recipe, options.metric_weights, self._precision.device)
        network = LiteNetwork(recipe.network)
        if start is not None and not (options.folder / "checkpoint.pt").is_file():
            start(network)
        self.network = network.to(self._precision.device)
        self.state = RunState()
        self._path = options.folder / "checkpoint.pt"
        self._log = options.folder / "log.jsonl"
        self._optimiser = self._new_optimiser(0)
        self._restore()
        # Steps that a kill took back are logged again.
        self._log.write_text("".join(json.dumps(row) + "\n" for row in self.state.losses), encoding="utf-8")

    def run(self) -> bool:
        """Train to the end of the recipe or `stop_after` steps; says whether the recipe is finished."""
        left = self._options.stop_after or sum(stage.steps for stage in self._recipe.stages)
        while self.state.stage < len(self._recipe.stages):
            stage = self._recipe.stages[self.state.stage]
            left -= self._run_stage(stage, left)
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
        averaged = LiteNetwork(self._recipe.network)
        averaged.load_state_dict({name: value.cpu() for name, value in self.state.ema.items()})
        save_weights(averaged, path, card)

    def _run_stage(self, stage: StageRecipe, most: int) -> int:
        steps = min(stage.steps - self.state.step, most)
        rows: list[dict[str, float]] = []
        started = time.monotonic()
        for batch in self._batches(stage, steps):
            rows.append(self._step(stage, batch))
            done = self.state.step
            if done % self._recipe.report_steps == 0:
                self._report(rows, time.monotonic() - started)
                rows, started = [], time.monotonic()
            if done % self._recipe.checkpoint_steps == 0:
                self._save()
        return steps

    def _step(self, stage: StageRecipe, batch: dict[str, torch.Tensor]) -> dict[str, float]:
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate(stage, self.state.step) * group["share"]
        with self._precision.running():
            results = run_batch(self.network, batch)
            losses = losses_of(results, batch, stage, self._perceptual)
        total = torch.stack(list(losses.values())).sum()
        self._optimiser.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), stage.gradient_norm)
        self._optimiser.step()
        self.state.step += 1
        update_average(self.state.ema, self.network, self._recipe.ema, self._global_step())
        return {
            "total": float(total.detach()),
            **{name: float(value.detach()) for name, value in losses.items()},
        }

    def _batches(self, stage: StageRecipe, steps: int) -> Iterator[dict[str, torch.Tensor]]:
        spoil = self._recipe.sample.spoil
        spoil = replace(spoil, graded=spoil.graded + stage.graded)
        sample = replace(self._recipe.sample, crop=stage.crop, spoil=spoil)
        first = (self._stage_offset() + self.state.step) * stage.scenes
        source = SampleSource(self._bank, sample, steps * stage.scenes, first)
        loaders = self._options.loaders
        # Not forked: OpenCV's threads do not survive it.
        extra: dict[str, Any] = {"multiprocessing_context": "spawn", "prefetch_factor": 4} if loaders else {}
        loader = torch.utils.data.DataLoader(
            source, batch_size=stage.scenes, collate_fn=collate, num_workers=loaders, **extra
        )
        for batch in loader:
            yield {name: value.to(self._precision.device, non_blocking=True) for name, value in batch.items()}

    def _stage_offset(self) -> int:
        """Steps of the stages before, so that every stage draws samples of its own."""
        return sum(stage.steps for stage in self._recipe.stages[: self.state.stage])

    def _global_step(self) -> int:
        return self._stage_offset() + self.state.step

    def _report(self, rows: list[dict[str, float]], seconds: float) -> None:
        names = rows[0]
        row = {name: sum(r[name] for r in rows) / len(rows) for name in names}
        row |= {"step": float(self._global_step()), "seconds_per_step": seconds / len(rows)}
        row["learning_rate"] = self._optimiser.param_groups[1]["lr"]
        self.state.losses.append(row)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")
        self._on_report(row)

    def _new_optimiser(self, stage: int) -> torch.optim.Optimizer:
        recipe = self._recipe.stages[stage]
        groups = [
            {"params": list(self.network.blind.parameters()), "share": recipe.blind_share},
            {"params": list(self.network.keyed.parameters()), "share": 1.0},
        ]
        return torch.optim.AdamW(
            groups, lr=recipe.learning_rate, betas=(0.9, 0.99), weight_decay=recipe.weight_decay
        )

    def _save(self) -> None:
        save_checkpoint(self._path, self.state, self.network, self._optimiser)

    def _restore(self) -> None:
        found = load_checkpoint(self._path, self._precision.device)
        if found is None:
            return
        self.state = RunState(found["stage"], found["step"], found["ema"], found["losses"])
        self.network.load_state_dict(found["network"])
        if self.state.stage < len(self._recipe.stages):
            self._optimiser = self._new_optimiser(self.state.stage)
            self._optimiser.load_state_dict(found["optimiser"])


def training_precision(device: str) -> Precision:
    """As at run time, but bfloat16 on CUDA: gradients underflow in float16."""
    chosen = choose_precision(device)
    return replace(chosen, dtype=torch.bfloat16) if chosen.device.type == "cuda" else chosen


def _open_perceptual(recipe: Recipe, folder: Path | None, device: torch.device) -> Perceptual | None:
    """The perceptual loss where a stage asks for it; opened at once, not after hours of a first stage."""
    if not any(stage.perceptual for stage in recipe.stages):
        return None
    if folder is None:
        raise InvalidSettings(
            f"the recipe {recipe.name} has a perceptual loss; say where the metrics' weights are."
        )
    return Perceptual(folder, device)


def learning_rate(stage: StageRecipe, step: int) -> float:
    """Linear warm-up, then a cosine to `final_share` of the highest rate."""
    if step < stage.warm_up:
        return stage.learning_rate * (step + 1) / stage.warm_up
    done = (step - stage.warm_up) / max(1, stage.steps - stage.warm_up)
    low = stage.learning_rate * stage.final_share
    return low + (stage.learning_rate - low) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
