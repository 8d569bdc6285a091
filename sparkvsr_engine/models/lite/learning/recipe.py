"""How a shot is learnt: steps, crops, tests; plain values, part of the key of what is learnt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sparkvsr_engine.models.base import LOCK
from sparkvsr_engine.models.distances.files import DISTS_FILES, LPIPS_ALEXNET
from sparkvsr_engine.models.learnt import LearningBudget

# To be raised when the same recipe gives other weights.
LEARNING_VERSION = 7
# A budget in seconds is counted in these, so that it means the same steps, and the same weights, on every
# machine and in every run: what two ordinary cores take that do little else (docs/learning.md).
STEPS_PER_SECOND = 8.0
AUTO_SECONDS = 60.0
# Of the learned losses of looks, where their weights are at hand.
LOOKS_WEIGHT, DISTS_WEIGHT = 0.2, 0.2
# With DISTS a step takes longer: of those after the trial so many are what a budget has time for, and tests
# fall no lower later.
_SHARE_OF_STEPS = 0.6
# Of how far textures differ. Twice as much gains in looks about what it loses in steadiness.
TEXTURES_WEIGHT = 1.0
# Of a source whose textures and looks are learnt as well as its pixels.
LEAST_DAMAGE = 0.5
CLEAN_RATE = 1e-4
# Of damaged footage, by the step at which that is decided. Tests see how near results are to keyframes, not
# to the truth: below that gain nothing is won, above it half of what is learnt is truer, steadier and as near
# to the truth in looks as all of it, unless it blurs (docs/learning.md).
LEAST_GAIN_OF_DAMAGED, MOST_BLUR, TRIAL_STEPS = 0.25, 1.25, 120
# Frames beside a keyframe that a damaged shot is learnt at as well.
BESIDE = (-1, 1)
# Tests without a gain after which a shot counts as one that learning adds nothing to.
EARLY_PATIENCE = 3


@dataclass(frozen=True)
class LearningRecipe:
    """What a shot is taught with.

    steps: of the optimiser; the best tested one is kept. learning_rate: after `warm_up` steps, then constant,
    so that a shorter run is the beginning of a longer one.
    crops: in a step. part: of them, whose gradients a processor computes at a time, one such part on each of
    its cores. side: of a crop, in pixels at home. pool: crops cut of all keyframes.
    nearby: frames from a keyframe, onto which it is moved as a wanted result too: noise differs there, so
    that less of it is taken for detail. As many crops again are cut of all of them.
    tests: crops with held-out tiles. tile: side of one, pixels at home. held_out: share of a keyframe's
    tiles. test_steps: steps from one test to the next. blind, textures, perceptual, dists: weights of those
    losses beside the keyed one. dists_from: step from which the last one counts. average: decay of the
    averaged weights. pull: share of what was learnt that is lost in a step, times the learning rate.
    shares: how far what was learnt is gone along, all of it or half-way (Wortsman et al., arXiv:2109.01903).
    least_gain: of the held-out result, below which the shipped weights are kept. trial_steps: by which it
    has to be reached, else it ends; None for all of them. most_blur: times the texture error that all of what
    was learnt has by that step, above which half of it is not used; None to use whichever share tests best.
    half_suffices: gain of half by that step, from which it is used all the same. patience: tests without a
    gain after which it ends, 0 for never.
    """

    steps: int
    learning_rate: float = 2e-4
    warm_up: int = 5
    crops: int = 4
    part: int = 2
    side: int = 128
    pool: int = 192
    nearby: tuple[int, ...] = ()
    tests: int = 16
    tile: int = 32
    held_out: float = 0.125
    test_steps: int = 15
    checkpoint_steps: int = 10
    blind: float = 0.5
    textures: float = 0.0
    perceptual: float = 0.0
    dists: float = 0.0
    dists_from: int = TRIAL_STEPS
    grid: float = 2.0
    average: float = 0.95
    pull: float = 5.0
    shares: tuple[float, ...] = (1.0, 0.5)
    gradient_norm: float = 0.5
    least_gain: float = 0.003
    trial_steps: int | None = None
    most_blur: float | None = None
    half_suffices: float = 0.43
    patience: int = 0
    seed: int = 0


def budget_of(seconds: float | None, metrics: Path) -> LearningBudget:
    """The budget of so many seconds; without a number learning stops where it gains no more."""
    steps = max(1, round((AUTO_SECONDS if seconds is None else seconds) * STEPS_PER_SECOND))
    looks = _looks_in(metrics)
    return LearningBudget(steps, seconds is None, looks=looks, identity=f"lite-{LEARNING_VERSION}")


def recipe_of(budget: LearningBudget, damage: float, look: str) -> LearningRecipe:
    """The recipe of a budget for a source that is so damaged, 0..1, under a look.

    Of a clean source pixels are all, in small steps that are gone along half-way: no look is missing there,
    and frames beside a keyframe are followed more closely than a test on another keyframe can show. Where a
    look is to be propagated the source's own is wrong, however clean it is. Of a damaged source pixels alone
    teach softness (LPIPS rose by 0.026 and 0.014 on two clips): there textures count as well.

    Args:
        budget: how long to learn.
        damage: 0..1.
        look: `lock` or `propagate`.
    """
    is_clean = damage < LEAST_DAMAGE and look == LOCK
    recipe = LearningRecipe(
        steps=budget.steps, patience=EARLY_PATIENCE if budget.stops_early else 0, seed=budget.seed
    )
    if is_clean:
        return replace(recipe, learning_rate=CLEAN_RATE, shares=(0.5,))
    recipe = replace(recipe, textures=TEXTURES_WEIGHT, perceptual=LOOKS_WEIGHT if budget.looks else 0.0)
    if look != LOCK:
        return recipe
    if dists_files(budget) is not None:
        after = max(0, budget.steps - TRIAL_STEPS)
        steps = min(budget.steps, TRIAL_STEPS) + round(after * _SHARE_OF_STEPS)
        recipe = replace(recipe, dists=DISTS_WEIGHT, steps=steps)
    return replace(
        recipe,
        nearby=BESIDE,
        least_gain=LEAST_GAIN_OF_DAMAGED,
        trial_steps=TRIAL_STEPS,
        most_blur=MOST_BLUR,
    )


def dists_files(budget: LearningBudget) -> tuple[Path, Path] | None:
    """VGG16's weights and those of DISTS; None where they are not at hand."""
    files = {file.name: file for file in budget.looks}
    vgg_weights, alpha_beta = (files.get(name) for name in DISTS_FILES)
    return None if vgg_weights is None or alpha_beta is None else (vgg_weights, alpha_beta)


def _looks_in(metrics: Path) -> tuple[Path, ...]:
    """Files of the losses of looks in a folder: none without that of LPIPS, those of DISTS together."""
    lpips, dists = metrics / LPIPS_ALEXNET, [metrics / name for name in DISTS_FILES]
    if not lpips.is_file():
        return ()
    return (lpips, *dists) if all(file.is_file() for file in dists) else (lpips,)
