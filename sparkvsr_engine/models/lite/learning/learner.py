"""Takes the steps, tests on what is held out, keeps the best; a resumed run gives the same weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from sparkvsr_engine.models.checkpoint import RunState, load_checkpoint, save_checkpoint, update_average
from sparkvsr_engine.models.learnt import Learnt
from sparkvsr_engine.models.lite.learning.choosing import Choice, choose_weights, usable_shares
from sparkvsr_engine.models.lite.learning.crops import CropPool
from sparkvsr_engine.models.lite.learning.learnt_file import pack_learnt, unpack_learnt
from sparkvsr_engine.models.lite.learning.objective import HeldOutErrors, Objective, mean_of
from sparkvsr_engine.models.lite.learning.recipe import LearningRecipe
from sparkvsr_engine.models.lite.networks.network import LiteNetwork
from sparkvsr_engine.models.part_threads import PartThreads, split_batch
from sparkvsr_engine.models.precision import Precision

# Times the error of the weights that ship, from which a lesson has burst: a step in bfloat16 went too far.
_BURST = 2.0


class ShotLearner:
    """Learns one shot.

    start: the network rendered with so far, never changed. threads: compute steps and tests. checkpoint: of
    its state.
    """

    def __init__(
        self,
        start: LiteNetwork,
        pool: CropPool,
        objective: Objective,
        recipe: LearningRecipe,
        precision: Precision,
        threads: PartThreads,
        checkpoint: Path | None = None,
        identity: str = "",
    ) -> None:
        self._recipe = recipe
        self._pool = pool
        self._objective = objective
        self._precision = precision
        self._threads = threads
        self._checkpoint = checkpoint
        self._start = {name: value.detach().clone() for name, value in start.state_dict().items()}
        self._network = deepcopy(start).requires_grad_(True)
        self._trial = deepcopy(start)
        self._optimiser = torch.optim.AdamW(
            self._network.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.99), weight_decay=0.0
        )
        self.state = RunState(start=identity)
        self._restore()

    def run(self, on_step: Callable[[int, float], None], near: Mapping[str, Tensor] | None = None) -> Learnt:
        """Take all remaining steps.

        Args:
            on_step: called with steps done and the gain so far; may raise to stop, and the next run goes on
                from there.
            near: changes that another shot of the scene has learnt; the first step is taken from there where
                tests find less error.
        """
        recipe = self._recipe
        if not self._pool.tests:
            return self._learnt()
        if not self.state.losses:
            self._begin(self._placed(near or {}))
        while self.state.step < recipe.steps and not self._gains_no_more():
            try:
                on_step(self.state.step, 1 - self._choice().against)
            except BaseException:
                self._save()
                raise
            self._step()
            if self.state.step % recipe.test_steps == 0 or self.state.step == recipe.steps:
                self._test()
            if self.state.step % recipe.checkpoint_steps == 0:
                self._save()
        return self._learnt()

    def _begin(self, near: Mapping[str, Tensor]) -> None:
        """Test the weights that ship and those of the shot near by, and start from the better."""
        batches = self._test_batches()
        self._record(0.0, {}, batches)
        if near and self._record(1.0, near, batches) < 1.0:
            self._network.load_state_dict(self._with(near))

    def _gains_no_more(self) -> bool:
        """Whether too little was gained by the step at which that is decided, or nothing for as many tests
        as the recipe has patience for.
        """
        recipe = self._recipe
        if (
            recipe.trial_steps is not None
            and self.state.step >= recipe.trial_steps
            and not self._choice().share
        ):
            return True
        patience = recipe.patience * recipe.test_steps
        lowest = min(self.state.losses, key=lambda row: row["against"])
        return bool(patience) and self.state.step - lowest["step"] >= patience

    def _step(self) -> None:
        recipe, step = self._recipe, self.state.step
        rate = self._rate()
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        batch = self._placed(self._pool.batch(step, recipe))
        parts = split_batch(batch, recipe.part if self._precision.device.type == "cpu" else 0)
        self._threads.set_mean_gradients(
            self._network.parameters(), [partial(self._losses, part) for part in parts]
        )
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), recipe.gradient_norm)
        self._optimiser.step()
        self._pull(rate * recipe.pull)
        self.state.step += 1
        update_average(self.state.ema, self._network, recipe.average, self.state.step)

    def _losses(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        with self._precision.running():
            return self._objective.losses(self._network, batch, self.state.step)

    @torch.no_grad()
    def _pull(self, share: float) -> None:
        """Back towards the weights it started from."""
        for name, value in self._network.state_dict().items():
            value.lerp_(self._start[name], share)

    def _test(self) -> None:
        """Measure the averaged weights, and remember them where no others of their share were better."""
        batches, recipe = self._test_batches(), self._recipe
        is_decided = recipe.trial_steps is not None and self.state.step > recipe.trial_steps
        shares = usable_shares(self.state.losses, recipe) if is_decided else recipe.shares
        errors = [self._record(share, self._changes(share), batches) for share in shares]
        if max(errors, default=0.0) >= _BURST:
            self._go_back()

    def _go_back(self) -> None:
        """After a burst: to the best tested weights, from which it goes on at half the rate."""
        best = min(self.state.losses, key=lambda row: row["against"])
        self._network.load_state_dict(self._with(self.state.best.get(best["share"], {})))
        self._optimiser.state.clear()
        self.state.ema = {name: value.clone() for name, value in self._network.state_dict().items()}

    def _rate(self) -> float:
        """Of this step: warmed up, and half as high after each burst."""
        bursts = {row["step"] for row in self.state.losses if row["step"] and row["against"] >= _BURST}
        warmed = min(1.0, (self.state.step + 1) / self._recipe.warm_up)
        return float(self._recipe.learning_rate * warmed * 0.5 ** len(bursts))

    def _test_batches(self) -> list[dict[str, Tensor]]:
        return [self._placed(batch) for batch in self._pool.test_batches(self._recipe)]

    def _record(self, share: float, changes: Mapping[str, Tensor], batches: list[dict[str, Tensor]]) -> float:
        """Test the shipped weights with changes; the error as a share of the shipped weights' own."""
        result = self._measured(changes, batches)
        against = result.against(self._first() or result)
        against = against if math.isfinite(against) else math.inf
        lowest = min((row["against"] for row in self.state.losses if row["share"] == share), default=1.0)
        errors = {**asdict(result), "against": against}
        self.state.losses.append({"step": float(self.state.step), "share": share, **errors})
        if changes and against < min(1.0, lowest):
            self.state.best[share] = dict(changes)
        return against

    def _with(self, changes: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The shipped weights with changes."""
        return {
            name: value + changes[name] if name in changes else value for name, value in self._start.items()
        }

    def _measured(self, changes: Mapping[str, Tensor], batches: list[dict[str, Tensor]]) -> HeldOutErrors:
        self._trial.load_state_dict(self._with(changes))
        return mean_of(self._threads.run([partial(self._tested, batch) for batch in batches]))

    def _tested(self, batch: Mapping[str, Tensor]) -> HeldOutErrors:
        with self._precision.running():
            return self._objective.test(self._trial, batch)

    def _changes(self, share: float) -> dict[str, Tensor]:
        return {name: share * (value - self._start[name]) for name, value in self.state.ema.items()}

    def _first(self) -> HeldOutErrors | None:
        rows = self.state.losses
        return HeldOutErrors(*(rows[0][field.name] for field in fields(HeldOutErrors))) if rows else None

    def _choice(self) -> Choice:
        return choose_weights(self.state.losses, self._recipe)

    def _learnt(self) -> Learnt:
        choice = self._choice()
        changes = {name: value.cpu() for name, value in self.state.best.get(choice.share, {}).items()}
        begun_near = any(row["share"] and not row["step"] and row["against"] < 1 for row in self.state.losses)
        card = Learnt(
            b"", 1 - choice.against, choice.step, choice.share, self.state.step, begun_near=begun_near
        )
        content = pack_learnt(changes, card)
        return unpack_learnt(content)[1]

    def _placed(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: value.to(self._precision.device) for name, value in batch.items()}

    def _save(self) -> None:
        if self._checkpoint is not None:
            self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
            save_checkpoint(self._checkpoint, self.state, self._network, self._optimiser)

    def _restore(self) -> None:
        saved = None if self._checkpoint is None else load_checkpoint(self._checkpoint)
        if saved is None or saved["start"] != self.state.start:
            return
        device = self._precision.device
        ema = {name: value.to(device) for name, value in saved["ema"].items()}
        best = {
            share: {name: value.to(device) for name, value in changes.items()}
            for share, changes in saved["best"].items()
        }
        self.state = RunState(saved["stage"], saved["step"], ema, saved["losses"], saved["start"], best)
        self._network.load_state_dict(saved["network"])
        self._optimiser.load_state_dict(saved["optimiser"])
