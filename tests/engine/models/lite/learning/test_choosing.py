"""How far what was learnt is gone along."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparkvsr_engine.models.learnt import LearningBudget
from sparkvsr_engine.models.lite.learning.choosing import Choice, choose_weights
from sparkvsr_engine.models.lite.learning.recipe import recipe_of

DAMAGED = recipe_of(LearningBudget(480), 1.0, "lock")
STYLED = recipe_of(LearningBudget(480), 1.0, "propagate")


def rows(*tests):
    """(step, gain of all, gain of half) of each test after the first."""
    result = [{"step": 0.0, "share": 0.0, "against": 1.0}]
    for step, whole, half in tests:
        result.append({"step": float(step), "share": 1.0, "against": 1 - whole})
        result.append({"step": float(step), "share": 0.5, "against": 1 - half})
    return result


@pytest.mark.parametrize(
    ("whole", "half", "share"),
    [
        (0.53, 0.34, 1.0),
        (0.41, 0.33, 1.0),
        (0.57, 0.46, 0.5),
        (0.38, 0.29, 0.5),
        (0.31, 0.15, 0.5),
        (0.28, 0.2, 0.5),
        (0.17, 0.07, 0.0),
        (-0.2, 0.0, 0.0),
    ],
)
def test_the_gain_by_the_trial_sets_how_much_is_used(whole, half, share):
    assert choose_weights(rows((120, whole, half)), DAMAGED).share == share


def test_the_best_step_of_that_share_is_taken():
    tests = rows((60, 0.2, 0.1), (120, 0.3, 0.2), (240, 0.6, 0.25), (480, 0.7, 0.22))
    assert choose_weights(tests, DAMAGED) == Choice(0.75, 240, 0.5)


def test_what_comes_after_the_trial_does_not_change_the_share():
    assert choose_weights(rows((120, 0.3, 0.2), (480, 0.7, 0.3)), DAMAGED).share == 0.5
    assert choose_weights(rows((120, 0.5, 0.2), (480, 0.5, 0.45)), DAMAGED).share == 1.0


def test_a_lesson_shorter_than_the_trial_is_judged_by_its_last_test():
    tests = rows((15, 0.1, 0.05), (30, 0.45, 0.3))
    assert choose_weights(tests, replace(DAMAGED, steps=30)) == Choice(1 - 0.45, 30, 1.0)


def test_a_lesson_without_a_trial_takes_whatever_tests_best():
    assert choose_weights(rows((15, 0.1, 0.2), (480, 0.15, 0.1)), STYLED) == Choice(0.8, 15, 0.5)
    assert choose_weights(rows((15, 0.001, 0.002)), STYLED) == Choice()
    assert choose_weights([], STYLED) == Choice()
