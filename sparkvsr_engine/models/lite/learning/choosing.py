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
        rows: of all tests, in order: `step`, `share` and `against`, see `Choice`, and `textures`, see
            `HeldOutErrors`.
        recipe: of the lesson.
    """
    shares = usable_shares(rows, recipe)
    tested = [row for row in rows if row["share"] in shares]
    best = min(tested, key=lambda row: row["against"], default=None)
    margin = recipe.least_gain if recipe.most_blur is None else 0.0
    if best is None or best["against"] >= 1 - margin:
        return Choice()
    return Choice(best["against"], int(best["step"]), best["share"])


def usable_shares(rows: Sequence[Row], recipe: LearningRecipe) -> tuple[float, ...]:
    """How far what was learnt may be gone along: every share of the recipe, or what a trial decides.

    Weights half-way between two sets are truer and steadier than either where both are good, and blur where
    they are far apart (docs/learning.md): textures on held-out tiles are farther off then. So half is used,
    unless it blurs and gains too little; of what gains too little nothing is.

    Args:
        rows: of all tests, in order.
        recipe: of the lesson.
    """
    if recipe.most_blur is None:
        return recipe.shares
    tests = _tests_of_trial(rows, recipe)
    whole, half = (tests.get(share) for share in (max(recipe.shares), min(recipe.shares)))
    if whole is None or half is None or 1 - whole["against"] < recipe.least_gain:
        return ()
    is_blurred = half["textures"] > recipe.most_blur * whole["textures"]
    is_whole = is_blurred and 1 - half["against"] < recipe.half_suffices
    return (max(recipe.shares) if is_whole else min(recipe.shares),)


def _tests_of_trial(rows: Sequence[Row], recipe: LearningRecipe) -> dict[float, Row]:
    """Of each share, at the last test until the trial."""
    most = recipe.steps if recipe.trial_steps is None else recipe.trial_steps
    last = max((row["step"] for row in rows if row["step"] <= most), default=0.0)
    return {row["share"]: row for row in rows if row["step"] == last}
