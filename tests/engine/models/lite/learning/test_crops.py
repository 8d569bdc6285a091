"""Which crops are learnt from and which are held out."""

from __future__ import annotations

import pytest
import torch

from sparkvsr_engine.models.lite.learning.crops import CropPool, HeldOutTiles, turned
from sparkvsr_engine.models.lite.learning.examples import (
    MOST_LESSONS,
    Example,
    examples_of,
    nearby_examples,
)
from sparkvsr_engine.models.lite.learning.objective import grid_error
from sparkvsr_engine.models.lite.learning.recipe import LearningRecipe
from sparkvsr_engine.models.lite.pixels.planes import Planes

RECIPE = LearningRecipe(steps=10, tile=16, held_out=0.25)


def test_each_keyframe_is_wanted_under_its_neighbours():
    assert examples_of([30, 0, 15]) == [Example(0, (15,)), Example(15, (0, 30)), Example(30, (15,))]


def test_the_only_keyframe_is_wanted_under_none():
    assert examples_of([7]) == [Example(7, ())]


def test_of_many_keyframes_some_are_learnt_from_all_over_the_shot():
    examples = examples_of(range(0, 400, 4))
    assert len(examples) == MOST_LESSONS
    assert (examples[0].target, examples[-1].target) == (0, 396)


def test_a_quarter_of_a_picture_is_held_out_in_whole_tiles():
    mask = HeldOutTiles(128, 64, RECIPE).mask(64, 128)
    assert mask.mean() == 0.25
    tiles = mask[0].unflatten(0, (4, 16)).unflatten(2, (8, 16)).mean((1, 3))
    assert set(tiles.flatten().tolist()) == {0.0, 1.0}


def test_a_picture_of_one_tile_holds_nothing_out():
    assert not HeldOutTiles(16, 16, RECIPE).mask(16, 16).any()


def test_a_step_draws_its_crops_by_its_number_alone():
    pool = CropPool([{"luma": torch.full((1, 8, 8), float(index))} for index in range(50)])
    ahead = [pool.batch(step, RECIPE)["luma"] for step in range(3)]
    assert all(torch.equal(pool.batch(step, RECIPE)["luma"], ahead[step]) for step in (2, 0, 1))
    assert not torch.equal(ahead[0], ahead[1])


def test_all_eight_positions_of_a_crop_differ_and_leave_numbers_alone():
    crop = {"luma": torch.arange(16.0).view(1, 4, 4), "distance": torch.tensor(7)}
    moved = [turned(crop, turn) for turn in range(8)]
    assert len({tuple(item["luma"].flatten().tolist()) for item in moved}) == 8
    assert all(item["distance"] == 7 for item in moved)


def test_dots_on_the_grid_of_cells_are_an_error_that_noise_is_not():
    torch.manual_seed(0)
    expected = Planes(torch.zeros(1, 1, 64, 64), torch.zeros(1, 2, 32, 32))
    noise = 0.002 * torch.randn(1, 1, 64, 64)
    dots = torch.zeros(1, 1, 64, 64)
    dots[..., ::4, ::4] = 0.008
    assert noise.abs().mean() > 3 * dots.abs().mean()
    # Light ones along one edge and dark ones along another do not cancel.
    mixed = dots * torch.where(torch.arange(64) < 32, 1.0, -1.0)
    weight = torch.ones(1, 1, 64, 64)
    errors = [
        float(grid_error(Planes(item, expected.chroma), expected, weight)) for item in (noise, dots, mixed)
    ]
    assert errors[1] > 2 * errors[0]
    assert errors[2] == pytest.approx(errors[1])


def test_keyframes_are_wanted_beside_their_frames_too_where_there_is_no_keyframe():
    examples = examples_of([0, 4, 5])
    inside = range(6)
    moved = nearby_examples(examples, (-1, 1), lambda frame: frame in inside)
    assert [(example.target, example.frame, example.keyframes) for example in moved] == [
        (0, 1, (4,)),
        (4, 3, (0, 5)),
    ]
