"""Each way of spoiling a keyframe, and looks that are wanted."""

import numpy as np
import pytest

from sparkvsr_engine.training.sampling.keyframe_corruption import (
    SpoilRecipe,
    Style,
    draw_style,
    spoil,
    styled,
)
from tests.fakes.moving import texture

PICTURE, SOURCE, FOREIGN = (texture(96, 64, seed) for seed in (1, 2, 3))
NOTHING = SpoilRecipe(tinted=0, shifted=0, wrong=0, soft=0, styled=0)


def only(**shares):
    return SpoilRecipe(**{"tinted": 0, "shifted": 0, "wrong": 0, "soft": 0, "styled": 0, **shares})


def rng(seed=0):
    return np.random.default_rng(seed)


def spoiled(recipe, seed=0):
    return spoil(PICTURE, SOURCE, FOREIGN, recipe, rng(seed))


def test_most_keyframes_are_shown_as_they_are():
    untouched = sum(spoiled(SpoilRecipe(), seed) is PICTURE for seed in range(200))
    assert 110 <= untouched <= 170
    assert spoiled(NOTHING) is PICTURE


@pytest.mark.parametrize("kind", ["tinted", "shifted", "soft"])
def test_a_spoiled_keyframe_is_a_picture_of_its_own_and_follows_the_seed(kind):
    recipe = only(**{kind: 1.0})
    before = PICTURE.copy()
    result = spoiled(recipe, 4)
    assert result.shape == PICTURE.shape
    assert result.dtype == np.float32
    assert np.array_equal(result, spoiled(recipe, 4))
    assert not np.array_equal(result, spoiled(recipe, 5))
    assert not np.array_equal(result, PICTURE)
    assert np.array_equal(PICTURE, before)


def test_a_wrong_keyframe_is_of_another_clip():
    assert spoiled(only(wrong=1.0)) is FOREIGN


def test_a_soft_keyframe_is_nearer_to_the_source_than_to_the_truth():
    for seed in range(8):
        result = spoiled(only(soft=1.0), seed)
        assert np.abs(result - SOURCE).mean() <= np.abs(result - PICTURE).mean()


def test_a_shifted_keyframe_is_moved_by_no_more_than_it_may():
    marks = np.zeros((64, 96, 3), np.float32)
    marks[30:34, 46:50] = 1
    for seed in range(12):
        result = spoil(marks, SOURCE, FOREIGN, only(shifted=1.0, shift=8.0), rng(seed))
        rows, columns = np.nonzero(result[..., 0] > 0.3)
        assert abs(rows.mean() - 31.5) < 8 + 6
        assert abs(columns.mean() - 47.5) < 8 + 6


def test_a_tint_is_mild():
    for seed in range(12):
        assert np.abs(spoiled(only(tinted=1.0), seed) - PICTURE).mean() < 0.12


class TestStyle:
    def test_looks_come_as_often_as_in_the_recipe(self):
        recipe = SpoilRecipe(styled=0.3, graded=0.3)
        styles = [draw_style(recipe, rng(seed)) for seed in range(200)]
        assert 40 <= sum(style.crispness is not None for style in styles) <= 80
        assert 40 <= sum(style.grade is not None for style in styles) <= 80
        assert all(style.crispness is None or style.grade is None for style in styles)

    def test_no_look_leaves_the_picture(self):
        assert styled(PICTURE, Style()) is PICTURE

    def test_crispness_sharpens_or_softens(self):
        steps = [
            np.abs(np.diff(styled(PICTURE, Style((amount, 1.0))), axis=1)).mean() for amount in (-0.5, 0, 1)
        ]
        assert steps[0] < steps[1] < steps[2]

    def test_a_grade_alone_changes_colours(self):
        assert Style().keeps_colour
        assert Style((0.5, 1.0)).keeps_colour
        style = draw_style(SpoilRecipe(styled=0, graded=1.0), rng(3))
        assert not style.keeps_colour
        result = styled(PICTURE, style)
        assert result.dtype == np.float32
        assert 0 <= result.min() <= result.max() <= 1
        assert np.abs(result.mean((0, 1)) - PICTURE.mean((0, 1))).max() > 0.01

    def test_a_grade_that_changes_nothing_is_the_picture(self):
        nothing = np.eye(3, 4, dtype=np.float32)
        assert styled(PICTURE, Style(grade=nothing)) == pytest.approx(PICTURE, abs=1e-6)
