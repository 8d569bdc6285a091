"""What the published model is shown: any slot, any number of keyframes, none at times, in both stages."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.grid_windows import SlotMap
from sparkvsr_engine.training.published.clip_samples import ClipSource, draw_slots
from sparkvsr_engine.training.published.recipe import ClipSampleRecipe
from sparkvsr_engine.training.sampling.keyframe_corruption import SpoilRecipe

PLAIN = SpoilRecipe(tinted=0, shifted=0, wrong=0, soft=0, styled=0, made=0)


@pytest.fixture
def source_of(clip_bank, published_recipe):
    """Samples of a stage of the toy recipe."""

    def open_(stage, count=4, first=0, **changes):
        recipe = replace(published_recipe.sample, **changes)
        return ClipSource(clip_bank, recipe, published_recipe.stages[stage], SlotMap.CAUSAL, count, first)

    return open_


@given(
    steps=st.integers(0, 4),
    most=st.integers(1, 12),
    slots=st.sampled_from(SlotMap),
    seed=st.integers(0, 10**6),
)
def test_every_keyframe_has_a_slot_of_its_own_that_its_frame_belongs_to(steps, most, slots, seed):
    frames = 8 * steps + 1
    recipe = ClipSampleRecipe(0, most_keyframes=most)
    result = draw_slots(frames, recipe, slots, np.random.default_rng(seed))
    assert 1 <= len(result) <= most
    for slot, frame in result.items():
        assert slots.slot(frame) == slot
        assert 0 <= frame < frames


def test_keyframes_come_in_every_number_and_on_every_frame():
    rng = np.random.default_rng(1)
    drawn = [draw_slots(33, ClipSampleRecipe(0), SlotMap.CAUSAL, rng) for _ in range(600)]
    assert {len(result) for result in drawn} == set(range(1, 10))
    assert {frame for result in drawn for frame in result.values()} == set(range(33))
    filled = np.mean([0 in result for result in drawn])
    assert 0.6 < filled < 0.9


@pytest.mark.parametrize("stage", [0, 1])
def test_both_stages_see_blind_clips_and_several_keyframes_away_from_the_first_slot(source_of, stage):
    samples = source_of(stage, 40)
    slots = [samples[index]["slots"].tolist() for index in range(40)]
    assert [] in slots
    assert any(len(result) > 1 for result in slots)
    assert any(result and result[0] > 0 for result in slots)


def test_a_sample_depends_on_its_number_alone(source_of):
    whole, remainder = source_of(0, 4), source_of(0, 2, first=2)
    for name, value in whole[3].items():
        assert torch.equal(value, remainder[1][name])
    assert not torch.equal(whole[0]["truth"], whole[1]["truth"])


def test_source_truth_and_keyframes_show_the_same_place(source_of):
    samples = source_of(0, 12, blind_share=0.0, spoil=PLAIN)
    for sample in (samples[index] for index in range(12)):
        truth = sample["truth"].float() / 255
        for slot, picture in zip(sample["slots"].tolist(), sample["keyframes"], strict=True):
            frames = range(9) if slot == 0 else range(4 * slot - 3, 4 * slot + 1)
            assert any(torch.allclose(picture, truth[frame], atol=1e-6) for frame in frames)
        small = truth.unflatten(1, (8, 4)).unflatten(3, (8, 4)).mean((2, 4))
        # Degraded, but of the same corner: nearer than what a crop elsewhere would be.
        source = sample["source"].float() / 255
        assert (small - source).abs().mean() < (small.roll(4, 2) - source).abs().mean()


def test_some_samples_of_the_second_stage_are_single_pictures(source_of):
    samples = source_of(1, 20)
    lengths = {len(samples[index]["truth"]) for index in range(20)}
    assert lengths == {1, 9}


def test_pictures_of_an_image_model_are_shown_where_a_clip_has_them(open_clips, published_recipe, tmp_path):
    scene = replace(published_recipe.scene, made_share=1.0)
    bank = open_clips(tmp_path, scene)
    recipe = replace(published_recipe.sample, scenes=1, blind_share=0.0, spoil=replace(PLAIN, made=1.0))
    stage = replace(published_recipe.stages[0], height=352, width=640)
    sample = ClipSource(bank, recipe, stage, SlotMap.CAUSAL, 1)[0]
    pictures = [torch.from_numpy(picture.copy()).float() / 255 for picture in bank.scene(0).made.values()]
    for picture in sample["keyframes"]:
        flips = [picture.flip(axes) for axes in ([], [0], [1], [0, 1])]
        assert any(torch.allclose(first, second, atol=1e-6) for first in flips for second in pictures)
