"""What is learnt of which source, and how long."""

from __future__ import annotations

import pytest

from sparkvsr_engine.models.distances.files import DISTS_FILES, LPIPS_ALEXNET
from sparkvsr_engine.models.learnt import LearningBudget
from sparkvsr_engine.models.lite.learning.recipe import budget_of, recipe_of


def test_seconds_are_the_same_steps_everywhere(tmp_path):
    assert [budget_of(seconds, tmp_path).steps for seconds in (0.5, 30, 60)] == [4, 240, 480]
    assert not budget_of(60, tmp_path).stops_early


def test_without_a_number_it_ends_where_nothing_is_gained(tmp_path):
    budget = budget_of(None, tmp_path)
    assert budget.stops_early
    assert recipe_of(budget, 1.0, "lock").patience > 0 == recipe_of(LearningBudget(9), 1.0, "lock").patience


@pytest.mark.parametrize(
    ("damage", "look", "learns_looks", "shares"),
    [
        (1.0, "lock", True, (1.0, 0.5)),
        (0.1, "lock", False, (0.5,)),
        (0.1, "propagate", True, (1.0, 0.5)),
    ],
)
def test_of_a_clean_source_pixels_are_all_unless_a_look_is_propagated(
    tmp_path, damage, look, learns_looks, shares
):
    (tmp_path / LPIPS_ALEXNET).write_bytes(b"weights")
    recipe = recipe_of(budget_of(60, tmp_path), damage, look)
    assert (recipe.perceptual > 0, recipe.textures > 0, recipe.shares) == (learns_looks, learns_looks, shares)


def test_only_damaged_footage_is_learnt_beside_its_keyframes_too():
    nearby = [
        recipe_of(LearningBudget(9), damage, look).nearby
        for damage, look in ((1.0, "lock"), (0.1, "lock"), (1.0, "propagate"))
    ]
    assert nearby == [(-1, 1), (), ()]


def test_damaged_footage_has_to_gain_much_more_than_clean_and_soon():
    damaged, clean = (recipe_of(LearningBudget(9), damage, "lock") for damage in (1.0, 0.1))
    assert damaged.least_gain > 10 * clean.least_gain
    assert damaged.trial_steps is not None
    assert clean.trial_steps is None


def test_without_its_weights_the_loss_of_looks_is_left_out_and_textures_are_learnt(tmp_path):
    recipe = recipe_of(budget_of(60, tmp_path), 1.0, "lock")
    assert recipe.perceptual == 0 < recipe.textures


@pytest.mark.parametrize(("seconds", "steps"), [(60, 336), (15, 120), (5, 40)])
def test_of_damaged_footage_dists_is_lowered_too_in_the_same_time(tmp_path, seconds, steps):
    for name in (LPIPS_ALEXNET, *DISTS_FILES):
        (tmp_path / name).write_bytes(b"weights")
    budget = budget_of(seconds, tmp_path)
    recipes = [recipe_of(budget, *kind) for kind in ((1.0, "lock"), (0.1, "lock"), (1.0, "propagate"))]
    assert [recipe.dists > 0 for recipe in recipes] == [True, False, False]
    assert [recipe.steps for recipe in recipes] == [steps, budget.steps, budget.steps]


@pytest.mark.parametrize("names", [DISTS_FILES, (LPIPS_ALEXNET, DISTS_FILES[0])])
def test_dists_is_lowered_with_all_weights_alone(tmp_path, names):
    for name in names:
        (tmp_path / name).write_bytes(b"weights")
    budget = budget_of(60, tmp_path)
    assert recipe_of(budget, 1.0, "lock").dists == 0
    assert [file.name for file in budget.looks] == [name for name in names if LPIPS_ALEXNET in names[:1]][:1]
