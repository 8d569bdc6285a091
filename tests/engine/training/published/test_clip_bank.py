"""Clips by number: the same from any process, dear parts kept, cheap ones drawn again."""

from dataclasses import replace

import numpy as np
import pytest

from sparkvsr_engine.training.published.clip_bank import _order


def same(first, second):
    return (
        np.array_equal(first.source, second.source)
        and first.order == second.order
        and np.array_equal(first.truth(3), second.truth(3))
        and list(first.made) == list(second.made)
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1])
def test_a_clip_is_the_same_wherever_it_is_made_and_whenever_it_is_opened(
    open_clips, published_recipe, clip_bank, tmp_path, number
):
    elsewhere = open_clips(tmp_path, published_recipe.scene)
    scene = elsewhere.scene(number)
    assert same(scene, elsewhere.scene(number))
    assert same(scene, clip_bank.scene(number))


def test_a_clip_holds_reduced_frames_of_successive_true_ones(open_clips, published_recipe, tmp_path):
    clean = replace(published_recipe.scene, degraded_share=0.0, photograph_share=0.0)
    scene = open_clips(tmp_path, clean).scene(0)
    assert scene.source.shape == (9, 88, 160, 3)
    for frame in (0, 8):
        truth = scene.truth(frame).astype(float)
        small = truth.reshape(88, 4, 160, 4, 3).mean((1, 3))
        assert np.abs(small - scene.source[frame]).mean() < 3
    assert not scene.made


def test_an_image_model_makes_some_frames_of_degraded_clips(open_clips, published_recipe, tmp_path):
    always = replace(published_recipe.scene, made_share=1.0)
    scene = open_clips(tmp_path, always).scene(0)
    assert len(scene.made) == always.made_frames
    for frame, picture in scene.made.items():
        assert 0 <= frame < 9
        assert picture.shape == scene.truth(frame).shape
        assert np.abs(picture.astype(float) - scene.truth(frame)).mean() < 40


def test_a_short_clip_goes_back_and_forth():
    rng = np.random.default_rng(0)
    assert _order(4, 9, rng) == (0, 1, 2, 3, 2, 1, 0, 1, 2)
    assert _order(1, 3, rng) == (0, 0, 0)
    order = _order(40, 9, rng)
    assert order == tuple(range(order[0], order[0] + 9))
