"""Which tested weights are used: those that ship, with all or half of what was learnt by some step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkvsr_engine.models.lite.learning.recipe import LearningRecipe

Row = Mapping[str, float]


@dataclass(frozen=True)
class Choice:
    """against: error on what is held out, a share of that of the weights that ship. step: of the test. share:
    of what was learnt until then; 0 for the weights that ship.
    """

    against: float = 1.0
    step: int = 0
    share: float = 0.0


def choose_weights(rows: Sequence[Row], recipe: LearningRecipe) -> Choice:
    """The best tested weights of the shares that may be used.

    Args:
        rows: of all tests, in order: `step`, `share` and `against`, see `Choice`.
        recipe: of the lesson.
    """
    shares = usable_shares(rows, recipe)
    tested = [row for row in rows if row["share"] in shares]
    best = min(tested, key=lambda row: row["against"], default=None)
    margin = recipe.least_gain if recipe.full_gain is None else 0.0
    if best is None or best["against"] >= 1 - margin:
        return Choice()
    return Choice(best["against"], int(best["step"]), best["share"])


def usable_shares(rows: Sequence[Row], recipe: LearningRecipe) -> tuple[float, ...]:
    """How far what was learnt may be gone along: every share of the recipe, or what a trial decides.

    Weights half-way between two sets are truer and steadier than either where both are good, and blur where
    they are far apart (docs/learning.md). So half is used, unless all of it gains much where half does not;
    of what gains too little nothing is.

    Args:
        rows: of all tests, in order.
        recipe: of the lesson.
    """
    if recipe.full_gain is None:
        return recipe.shares
    gains = _gains_of_trial(rows, recipe)
    whole, half = (gains.get(share, 0.0) for share in (max(recipe.shares), min(recipe.shares)))
    if whole < recipe.least_gain:
        return ()
    is_whole = whole >= recipe.full_gain and half < recipe.half_suffices
    return (max(recipe.shares) if is_whole else min(recipe.shares),)


def _gains_of_trial(rows: Sequence[Row], recipe: LearningRecipe) -> dict[float, float]:
    """Of each share, at the last test until the trial."""
    most = recipe.steps if recipe.trial_steps is None else recipe.trial_steps
    last = max((row["step"] for row in rows if row["step"] <= most), default=0.0)
    return {row["share"]: 1 - row["against"] for row in rows if row["step"] == last}
