"""How far what was learnt is gone along."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparkvsr_engine.models.learnt import LearningBudget
from sparkvsr_engine.models.lite.learning.choosing import Choice, choose_weights
from sparkvsr_engine.models.lite.learning.recipe import recipe_of

DAMAGED = recipe_of(LearningBudget(480), 1.0, "lock")
STYLED = recipe_of(LearningBudget(480), 1.0, "propagate")


def rows(*tests, blur=1.4):
    """(step, gain of all, of half) of each test after the first. blur: texture error of half, of all's."""
    result = [{"step": 0.0, "share": 0.0, "against": 1.0, "textures": 0.004}]
    for step, whole, half in tests:
        result.append({"step": float(step), "share": 1.0, "against": 1 - whole, "textures": 0.002})
        result.append({"step": float(step), "share": 0.5, "against": 1 - half, "textures": blur * 0.002})
    return result


@pytest.mark.parametrize(
    ("whole", "half", "blur", "share"),
    [
        (0.53, 0.34, 1.35, 1.0),
        (0.37, 0.32, 1.34, 1.0),
        (0.29, 0.21, 1.3, 1.0),
        (0.53, 0.45, 1.35, 0.5),
        (0.38, 0.33, 1.09, 0.5),
        (0.35, 0.28, 1.16, 0.5),
        (0.6, 0.3, 0.9, 0.5),
        (0.17, 0.07, 1.4, 0.0),
        (0.24, 0.3, 1.0, 0.0),
        (-0.2, 0.0, 1.4, 0.0),
    ],
)
def test_gain_and_blur_by_the_trial_set_how_much_is_used(whole, half, blur, share):
    assert choose_weights(rows((120, whole, half), blur=blur), DAMAGED).share == share


def test_the_best_step_of_that_share_is_taken():
    tests = rows((60, 0.2, 0.1), (120, 0.3, 0.2), (240, 0.6, 0.25), (480, 0.7, 0.22), blur=1.1)
    assert choose_weights(tests, DAMAGED) == Choice(0.75, 240, 0.5)


def test_what_comes_after_the_trial_does_not_change_the_share():
    sharp, blurred = rows((120, 0.3, 0.2), blur=1.1), rows((120, 0.3, 0.2))
    assert choose_weights(sharp + rows((480, 0.7, 0.3))[1:], DAMAGED).share == 0.5
    assert choose_weights(blurred + rows((480, 0.5, 0.45), blur=1.0)[1:], DAMAGED).share == 1.0


def test_a_lesson_shorter_than_the_trial_is_judged_by_its_last_test():
    tests = rows((15, 0.1, 0.05), (30, 0.45, 0.3))
    assert choose_weights(tests, replace(DAMAGED, steps=30)) == Choice(1 - 0.45, 30, 1.0)


def test_a_lesson_without_a_trial_takes_whatever_tests_best():
    assert choose_weights(rows((15, 0.1, 0.2), (480, 0.15, 0.1)), STYLED) == Choice(0.8, 15, 0.5)
    assert choose_weights(rows((15, 0.001, 0.002)), STYLED) == Choice()
    assert choose_weights([], STYLED) == Choice()
