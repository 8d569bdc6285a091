"""Where a keyframe shows something else than its source frame, and that the rest is left alone by it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparkvsr_engine.core.pictures.colour_lock import lock_colour
from sparkvsr_engine.core.pictures.painted import painted_share
from tests.fakes.painted import PAINTED, film, painted_over, reduced


def noisy(source):
    return np.clip(source + np.random.default_rng(1).normal(0, 0.03, source.shape), 0, 1).astype(np.float32)


def graded(picture):
    return np.clip(picture * np.float32([1.15, 1.0, 0.8]) * 0.9, 0, 1)


@pytest.mark.parametrize("spoiled", [lambda source: source, noisy], ids=["clean", "noisy"])
def test_a_true_keyframe_has_nothing_painted(spoiled):
    fine = film(0)
    assert painted_share(fine, spoiled(reduced(fine))) is None


def test_a_look_and_another_picture_are_not_painted():
    fine = film(0)
    assert painted_share(graded(fine), reduced(fine)) is None
    assert painted_share(film(0, seed=5), reduced(fine)) is None
    assert painted_share(np.zeros_like(fine), reduced(fine)) is None


@pytest.mark.parametrize("kind", PAINTED)
@pytest.mark.parametrize("look", [lambda picture: picture, graded], ids=["plain", "graded"])
def test_what_is_painted_over_a_title_is_marked_and_little_else(kind, look):
    plain, painted = film(0, title=True), painted_over(kind, 0)
    share = painted_share(look(painted), reduced(plain))
    assert share is not None
    changed = np.abs(painted - plain).max(axis=2) > 0.2
    near = cv2.dilate(changed.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    assert share[changed].mean() > 0.9
    assert share[~near].mean() < 0.01


def test_under_lock_painted_letters_cast_nothing_on_the_footage_around():
    plain, painted = film(0, title=True), painted_over("letters", 0)
    source = cv2.resize(reduced(plain), plain.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    share = painted_share(painted, reduced(plain))
    footage = np.asarray(share == 0)
    locked, plainly_locked = lock_colour(painted, source, 4, share), lock_colour(painted, source, 4)
    true = lock_colour(plain, source, 4)
    assert np.abs(locked - true)[footage].mean() < 0.004
    assert np.abs(plainly_locked - true)[footage].mean() > 2 * np.abs(locked - true)[footage].mean()


def test_a_picture_too_small_to_judge_has_nothing_painted():
    assert painted_share(np.ones((40, 4, 3), np.float32), np.zeros((10, 1, 3), np.float32)) is None
