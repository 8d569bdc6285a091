"""Waves come out as waves; squares, lines and footage are left to the network."""

import numpy as np
import pytest

from sparkvsr_engine.evaluation.graphics.measuring import (
    bicubic,
    by_restorer,
    model_space,
    share_outside,
    task_of,
)
from sparkvsr_engine.evaluation.graphics.scenes import draw_scene
from sparkvsr_engine.evaluation.measures.fidelity import psnr_y
from sparkvsr_engine.evaluation.pixels import to_eight_bits
from sparkvsr_engine.models.lite.opening import open_lite
from sparkvsr_engine.models.lite.pixels.waves import wave_shares
from tests.fakes.moving import pan

ROWS, COLUMNS = 40, 48
DOWN, ACROSS = np.indices((ROWS, COLUMNS), np.float32)
FOOTAGE = np.asarray(pan(1, COLUMNS, ROWS)[0], np.float32)


def picture(values, tint=(1.0, 1.0, 1.0)):
    return np.asarray(values[..., None] * np.float32(tint), np.float32)


def wave(across, down):
    return 0.5 + 0.45 * np.cos(across * ACROSS + down * DOWN)


@pytest.mark.parametrize("direction", [(1.2, 0.0), (0.0, 0.6), (0.9, 0.9), (0.8, -1.1)])
@pytest.mark.parametrize("tint", [(1.0, 1.0, 1.0), (0.0, 0.0, 1.0)])
def test_a_wave_is_one_whatever_its_direction_and_colour(direction, tint):
    shares = wave_shares(picture(wave(*direction), tint), 0.0)
    assert shares is not None
    assert shares.shape == (1, 1, ROWS, COLUMNS)
    assert (shares == 1).float().mean() > 0.98


@pytest.mark.parametrize(
    "values",
    [
        np.full((ROWS, COLUMNS), 0.5),
        ((ACROSS // 2 + DOWN // 2) % 2),  # Squares are no wave, of whatever size.
        ((ACROSS + DOWN) % 2),
        (ACROSS // 4) % 2,
        (ACROSS > 20).astype(np.float32),
        (wave(1.2, 0) + wave(0, 1.2)) / 2,
        wave(3.0, 0),  # So fine that it may be anything.
        0.5 + 0.01 * np.cos(ACROSS),  # Hardly to be seen.
        np.random.default_rng(0).random((ROWS, COLUMNS)),
    ],
)
def test_what_is_no_wave_is_left_to_the_network(values):
    assert wave_shares(picture(np.asarray(values, np.float32)), 0.0) is None


def test_footage_holds_none():
    assert wave_shares(FOOTAGE, 0.0) is None


@pytest.mark.parametrize(("damage", "share"), [(0.25, 1.0), (0.4, 0.4), (0.5, None), (1.0, None)])
def test_of_damaged_frames_less_and_less_is_a_wave(damage, share):
    shares = wave_shares(picture(wave(1.0, 0.3)), damage)
    if share is None:
        assert shares is None
    else:
        assert shares is not None
        assert float(shares.max()) == pytest.approx(share)


def test_a_picture_too_small_for_a_wave_has_none():
    assert wave_shares(picture(wave(1.0, 0.0)[:8]), 0.0) is None


@pytest.mark.parametrize("seed", [220, 1014, 9068, 13083])
def test_rings_come_out_better_than_by_bicubic_interpolation(seed):
    scene = draw_scene(seed, 54, 96, kind="zone plate")
    task, truth = task_of(scene, 4.0), to_eight_bits(model_space(scene.truth(6, 4.0), scene))
    result, base = by_restorer(open_lite("cpu"))(task), bicubic(task)
    # They were 0.7 to 6.5 dB behind.
    assert psnr_y(to_eight_bits(result), truth) >= psnr_y(to_eight_bits(base), truth)
    assert share_outside(task, result) == 0
