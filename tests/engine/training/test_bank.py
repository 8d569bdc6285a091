"""Scenes are a pure function of seed and number, kept on disk, and hold what they are declared to."""

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.pictures.motion import resize_flow, warp
from sparkvsr_engine.training.scenes.bank import Bank, SceneRecipe, grey_of
from sparkvsr_engine.training.scenes.footage import STAGE_HEIGHT, STAGE_WIDTH
from tests.fakes.moving import as_bytes, texture

FIELDS = ("source", "truth", "steps", "walks", "distance", "degraded")


def same(first, second):
    return all(np.array_equal(getattr(first, field), getattr(second, field)) for field in FIELDS)


def test_a_scene_has_its_shapes(bank):
    scene = bank.scene(0)
    assert scene.source.shape[0] == 7
    assert scene.truth.shape == (3, STAGE_HEIGHT, STAGE_WIDTH, 3)
    assert scene.source.dtype == scene.truth.dtype == np.uint8
    assert scene.steps.shape == (4, STAGE_HEIGHT // 4, STAGE_WIDTH // 4, 2)
    assert scene.walks.shape == (2, STAGE_HEIGHT // 2, STAGE_WIDTH // 2, 2)
    assert (scene.distance >= 1).all()
    assert (scene.distance <= 3).all()


def test_scenes_are_the_same_wherever_and_in_whatever_order_they_are_made(bank, open_bank, tmp_path):
    anew = open_bank(tmp_path)
    for number in (2, 0):
        assert same(anew.scene(number), bank.scene(number))


def test_a_scene_is_made_once_and_read_from_then_on(open_bank, tmp_path):
    bank = open_bank(tmp_path, degraded_share=0.0)
    scene = bank.scene(1)
    (file,) = tmp_path.rglob("*.safetensors")
    before = file.stat().st_mtime_ns
    assert same(bank.scene(1), scene)
    assert file.stat().st_mtime_ns == before
    assert not list(tmp_path.rglob("*.partial"))


def test_a_folder_of_another_recipes_scenes_is_refused(bank, bank_folder, open_bank, tmp_path):
    for changes in ({"seed": 8}, {"scales": ((2.0, 1.0),)}):
        with pytest.raises(InvalidSettings, match=f"{next(iter(changes))} differ"):
            open_bank(bank_folder / "scenes", **changes).check()
    # Nothing was made in this one yet.
    open_bank(tmp_path).check()
    open_bank(tmp_path, seed=8).check()


def test_a_folder_of_other_footages_scenes_is_refused(bank, bank_folder, cache, clips):
    recipe = SceneRecipe(seed=7, farthest=3, made_share=0.0)
    with pytest.raises(InvalidSettings, match="clips, photographs differ"):
        Bank(bank_folder / "scenes", recipe, cache, clips[:2], []).check()


def test_seeds_and_numbers_give_scenes_of_their_own(bank, open_bank, tmp_path):
    assert not same(bank.scene(0), bank.scene(1))
    assert not same(open_bank(tmp_path, seed=8).scene(0), bank.scene(0))


def test_clean_scenes_are_reduced_by_the_scales_of_the_recipe(open_bank, tmp_path):
    bank = open_bank(tmp_path, degraded_share=0.0, scales=((4.0, 1.0), (2.0, 1.0)))
    scenes = [bank.scene(number) for number in range(4)]
    assert {scene.source.shape[1:3] for scene in scenes} == {(88, 160), (176, 320)}
    assert not any(scene.degraded for scene in scenes)


def test_a_scene_of_scale_one_is_degraded_always(open_bank, tmp_path):
    scene = open_bank(tmp_path, degraded_share=0.0, scales=((1.0, 1.0),)).scene(0)
    assert scene.degraded
    assert scene.source.shape[1:3] == (STAGE_HEIGHT, STAGE_WIDTH)


def test_photographs_make_scenes_however_few_there_are(open_bank, tmp_path):
    bank = open_bank(tmp_path, photograph_share=1.0, degraded_share=0.0)
    for number in range(3):
        assert bank.scene(number).truth.std() > 5


def test_without_photographs_all_scenes_are_of_clips(cache, clips, tmp_path):
    bank = Bank(tmp_path, SceneRecipe(7, photograph_share=1.0, made_share=0.0, farthest=3), cache, clips, [])
    assert bank.scene(3).truth.std() > 5


@pytest.mark.parametrize("side", [0, 1])
def test_a_walk_brings_the_keyframe_onto_the_target(open_bank, tmp_path, side):
    scene = open_bank(tmp_path, photograph_share=0.0, degraded_share=0.0).scene(4)
    flow = resize_flow(scene.walks[side].astype(np.float32), STAGE_WIDTH, STAGE_HEIGHT)
    target, keyframe = scene.truth[0].astype(np.float32), scene.truth[1 + side].astype(np.float32)
    inner = np.s_[32:-32, 32:-32]
    apart = np.abs(warp(keyframe, flow)[inner] - target[inner]).mean()
    assert apart < 0.5 * np.abs(keyframe - target)[inner].mean()


def test_some_degraded_scenes_hold_what_an_image_model_makes_of_them(open_bank, tmp_path):
    scales = ((4.0, 1.0),)
    scene = open_bank(tmp_path, degraded_share=1.0, made_share=1.0, scales=scales, seed=11).scene(0)
    assert scene.made is not None
    assert scene.made.shape == scene.truth.shape
    # Of the same pictures, and no copies of them.
    assert np.corrcoef(scene.made[0].ravel(), scene.truth[0].ravel())[0, 1] > 0.5
    assert not np.array_equal(scene.made, scene.truth)


def test_a_paired_bank_holds_the_next_frame_under_the_same_keyframes(open_bank, tmp_path):
    single, paired = open_bank(tmp_path / "one"), open_bank(tmp_path / "two", paired=True)
    clean = {"degraded_share": 0.0, "photograph_share": 0.0, "scales": ((2.0, 1.0),)}
    scene = open_bank(tmp_path / "clean", paired=True, **clean).scene(0)
    after = scene.following
    assert single.scene(0).following is None
    assert paired.scene(0).following is not None
    assert np.array_equal(after.truth[1:], scene.truth[1:])
    assert np.array_equal(after.source[:4], scene.source[1:5])
    assert np.array_equal(after.source[5:], scene.source[5:])
    # The flow to the next frame brings its truth back onto the target.
    flow = resize_flow(scene.steps[2].astype(np.float32), STAGE_WIDTH, STAGE_HEIGHT)
    target, following = scene.truth[0].astype(np.float32), after.truth[0].astype(np.float32)
    inner = np.s_[32:-32, 32:-32]
    apart = np.abs(warp(following, flow)[inner] - target[inner]).mean()
    assert apart < 0.5 * np.abs(following - target)[inner].mean()


def test_a_pairs_first_frame_is_that_of_a_clean_bank_of_single_frames(open_bank, tmp_path):
    clean = {"degraded_share": 0.0, "scales": ((4.0, 1.0),)}
    single = open_bank(tmp_path / "one", **clean).scene(1)
    assert same(open_bank(tmp_path / "two", paired=True, **clean).scene(1), single)


def test_greys_are_stage_sized_whatever_the_source(bank):
    small = as_bytes(texture(160, 88))
    assert grey_of(small).shape == (STAGE_HEIGHT, STAGE_WIDTH)
    assert grey_of(bank.scene(0).truth[0]).shape == (STAGE_HEIGHT, STAGE_WIDTH)
