"""Samples are a pure function of seed and number, and hold what the network sees at run time."""

import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.training.sampling.keyframe_corruption import SpoilRecipe
from sparkvsr_engine.training.sampling.sample_recipe import SampleRecipe
from sparkvsr_engine.training.sampling.samples import NEXT, SampleSource
from tests.engine.training.conftest import SCENES

CROP = 64
PLAIN = SpoilRecipe(tinted=0, shifted=0, wrong=0, soft=0, styled=0)
NAMES = {
    "luma",
    "chroma",
    "half",
    "neighbours",
    "truth_luma",
    "truth_chroma",
    "blind_luma",
    "blind_chroma",
    "wanted_luma",
    "wanted_chroma",
}


def recipe_of(**changes):
    inputs = {"seed": 8, "crops_per_scene": 1, "scenes": SCENES, "spoil": PLAIN, **changes}
    return SampleRecipe(**inputs)


def sample(bank, index, first=0, crop=CROP, **changes):
    return SampleSource(bank, recipe_of(**changes), 100, first, crop=crop)[index]


def same(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_a_sample_has_the_shapes_of_a_crop(bank):
    (result,) = sample(bank, 0)
    assert result.keys() >= NAMES
    assert result["luma"].shape == result["truth_luma"].shape == (1, CROP, CROP)
    assert result["chroma"].shape == result["wanted_chroma"].shape == (2, CROP // 2, CROP // 2)
    assert result["half"].shape == (1, CROP // 2, CROP // 2)
    assert result["neighbours"].shape == (4, CROP // 2, CROP // 2)
    for slot in (0, 1):
        assert result[f"key{slot}_luma"].shape == (1, CROP, CROP)
        assert result[f"key{slot}_chroma"].shape == (2, CROP // 2, CROP // 2)
        assert result[f"key{slot}_half"].shape == (1, CROP // 2, CROP // 2)
    assert all(torch.isfinite(value).all() for value in result.values())


def test_a_sample_is_a_function_of_seed_and_number_alone(bank):
    spoil = SpoilRecipe(tinted=0.3, shifted=0.3, styled=0.3)
    source = SampleSource(bank, recipe_of(spoil=spoil), 100, crop=CROP)
    expected = [source[index] for index in (0, 5, 3)]
    for index, (result,) in zip((0, 5, 3), expected, strict=True):
        assert same(sample(bank, index, spoil=spoil)[0], result)
        # As a run that goes on at this number draws it.
        assert same(sample(bank, 0, first=index, spoil=spoil)[0], result)
    assert not same(expected[0][0], expected[1][0])
    assert not same(sample(bank, 0, seed=9, spoil=spoil)[0], expected[0][0])


def test_a_scene_gives_as_many_crops_as_asked_for(bank):
    crops = sample(bank, 0, crops_per_scene=3)
    assert len(crops) == 3
    assert not same(crops[0], crops[1])
    assert len(SampleSource(bank, recipe_of(), 17, crop=CROP)) == 17


def test_source_and_truth_are_pictures(bank):
    for index in range(6):
        (result,) = sample(bank, index)
        truth = result["luma"] + result["truth_luma"]
        assert truth.min() > -0.01
        assert truth.max() < 1.01
        assert result["scale"] >= 1
        assert result["degraded"] in (0, 1)


def test_without_a_look_the_truth_is_wanted(bank):
    for index in range(4):
        (result,) = sample(bank, index)
        assert result["wanted_luma"] == pytest.approx(result["truth_luma"], abs=1e-5)


def test_a_blind_sample_has_no_keyframe_and_wants_the_truth(bank):
    (result,) = sample(bank, 1, blind_share=1.0, spoil=SpoilRecipe(styled=1.0))
    for slot in (0, 1):
        assert result[f"key{slot}_distance"] == 0
        assert not any(result[f"key{slot}_{name}"].any() for name in ("luma", "chroma", "half"))
    assert torch.equal(result["wanted_luma"], result["truth_luma"])


def test_single_keyframes_come_in_either_slot(bank):
    picture = []
    for index in range(16):
        (result,) = sample(bank, index, blind_share=0.0, single_share=1.0)
        picture.append(tuple(bool(result[f"key{slot}_distance"]) for slot in (0, 1)))
    assert set(picture) == {(True, False), (False, True)}


def test_the_others_have_two_keyframes(bank):
    (result,) = sample(bank, 2, blind_share=0.0, single_share=0.0)
    for slot in (0, 1):
        assert 1 <= result[f"key{slot}_distance"] <= 3
        assert result[f"key{slot}_luma"].any()


def test_true_keyframes_have_what_is_missing_from_a_clean_source(open_bank, tmp_path):
    clean = open_bank(tmp_path, degraded_share=0.0, photograph_share=0.0, scales=((4.0, 1.0),))
    gained = []
    for index in range(8):
        (result,) = sample(clean, index, blind_share=0.0, single_share=0.0, scenes=2)
        missing = result["truth_luma"].abs().mean()
        remaining = (result["truth_luma"] - result["key0_luma"]).abs().mean()
        gained.append(float(remaining / missing))
    assert np.median(gained) < 0.7


@pytest.mark.slow
def test_only_scenes_of_the_named_scales_are_used(open_bank, tmp_path):
    mixed = open_bank(tmp_path, degraded_share=0.0, photograph_share=0.0, scales=((4.0, 0.5), (2.0, 0.5)))

    def drawn(*scales):
        return {float(sample(mixed, i, scenes=6, scales=scales)[0]["scale"]) for i in range(12)}

    assert drawn() == {2.0, 4.0}
    assert drawn(2.0) == {2.0}


def test_a_bank_without_the_named_scales_is_refused(open_bank, tmp_path):
    doubled = open_bank(tmp_path, degraded_share=0.0, photograph_share=0.0, scales=((2.0, 1.0),))
    with pytest.raises(InvalidSettings, match="no scene at the scales"):
        sample(doubled, 0, scenes=1, scales=(4.0,))


def test_neighbours_are_brought_onto_the_target(open_bank, tmp_path):
    clean = open_bank(tmp_path, degraded_share=0.0, photograph_share=0.0, scales=((2.0, 1.0),))
    for index in range(6):
        (result,) = sample(clean, index, scenes=2, crop=192)
        apart = (result["neighbours"] - result["half"]).abs().mean((1, 2))
        assert apart.max() < 0.5 * result["half"].std()


def test_a_graded_sample_wants_the_graded_colours(bank):
    recipe = SpoilRecipe(tinted=0, shifted=0, wrong=0, soft=0, styled=0, graded=1.0)
    casts = []
    for index in range(4):
        (result,) = sample(bank, index, blind_share=0.0, spoil=recipe)
        casts.append(float((result["wanted_chroma"] - result["truth_chroma"]).mean((1, 2)).abs().max()))
    assert max(casts) > 0.01


def test_a_crop_may_be_as_high_as_the_stage(bank):
    (result,) = sample(bank, 0, crop=352)
    assert result["luma"].shape == (1, 352, 352)


def test_pairs_show_the_next_frame_at_the_same_place_under_the_same_keyframes(open_bank, tmp_path):
    clean = {"degraded_share": 0.0, "photograph_share": 0.0, "scales": ((4.0, 1.0),)}
    bank = open_bank(tmp_path, paired=True, **clean)
    recipe = recipe_of(scenes=1, blind_share=0.0, spoil=SpoilRecipe(tinted=1.0))
    single, paired = (SampleSource(bank, recipe, 9, crop=CROP, paired=pair) for pair in (False, True))
    for index in range(4):
        (alone,), (both,) = single[index], paired[index]
        assert same(alone, {name: both[name] for name in alone})
        assert {name.removeprefix(NEXT) for name in both if name.startswith(NEXT)} == set(alone)
        # Neighbours of the one are neighbours of the other: the same corner of the next frame.
        ahead, target = both["neighbours"][2], both[f"{NEXT}half"][0]
        assert (ahead - target).abs().mean() < target.std()
        for slot in (0, 1):
            picture = [bool(both[f"{prefix}key{slot}_luma"].any()) for prefix in ("", NEXT)]
            assert picture[0] == picture[1]


def test_a_bank_of_single_frames_gives_no_pairs(bank):
    (result,) = SampleSource(bank, recipe_of(), 1, crop=CROP, paired=True)[0]
    assert not any(name.startswith(NEXT) for name in result)


@pytest.mark.slow
def test_a_recipe_for_clean_sources_sees_no_other(open_bank, tmp_path):
    bank = open_bank(tmp_path / "scenes", seed=13, scales=((4.0, 1.0),), degraded_share=0.5)
    seen = [sample(bank, index, sources="clean")[0]["degraded"] for index in range(8)]
    assert {float(value) for value in seen} == {0.0}
    assert {float(sample(bank, index)[0]["degraded"]) for index in range(8)} == {0.0, 1.0}


def test_sources_of_no_kind_are_refused():
    with pytest.raises(ValueError, match="sources is 'dirty', not one of all, clean"):
        recipe_of(sources="dirty")
