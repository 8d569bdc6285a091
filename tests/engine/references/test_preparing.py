"""A supplied picture becomes a reference frame: its size, colour and trust, with reasons for the artist."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparkvsr_bridge.errors import KeyframeRejected
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.references.checking import LEAST_TRUST, trust_of
from sparkvsr_engine.references.preparing import prepare_reference, require_usable_size, resize_to
from tests.fakes.scenes import scene

GEOMETRY = Geometry(96, 72, 192, 144)


def film(seed=0):
    fine = scene(0, 192, 144, seed=seed).astype(np.float32) / 255
    return fine, cv2.resize(fine, (96, 72), interpolation=cv2.INTER_AREA)


def noise():
    return np.random.default_rng(3).random((144, 192, 3), np.float32)


def prepared(picture, source, look="lock", is_supplied=True):
    return prepare_reference(8, picture, source, GEOMETRY, look, is_supplied=is_supplied)


def test_a_true_keyframe_is_trusted_without_a_warning():
    picture, source = film()
    result = prepared(picture, source)
    assert (result.pixels.shape, result.pixels.dtype) == ((144, 192, 3), np.float32)
    assert result.report.trust == 1.0
    assert result.report.warnings == ()
    assert result.report.agreement > 0.9
    assert np.abs(result.pixels - picture).mean() < 0.02


@pytest.mark.parametrize("size", [(96, 72), (192, 144), (384, 288), (150, 112)])
def test_any_size_is_brought_to_the_output(size):
    picture, source = film()
    result = prepared(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), source)
    assert result.pixels.shape == (144, 192, 3)
    assert result.report.trust == 1.0


def test_the_sources_colour_is_kept_unless_the_look_is_to_propagate():
    picture, source = film()
    graded = np.clip(picture * np.float32([1.2, 0.9, 0.7]), 0, 1)
    locked, carried = prepared(graded, source), prepared(graded, source, "propagate")
    base = resize_to(source, 192, 144)
    assert np.abs(locked.pixels.mean((0, 1)) - base.mean((0, 1))).max() < 0.02
    assert np.array_equal(carried.pixels, graded)
    assert "--look propagate" in locked.report.warnings[0]
    assert carried.report.warnings == ()


def test_under_lock_a_keyframe_of_a_grey_source_is_grey_also_beyond_white():
    picture, source = film()
    grey = np.repeat(source.mean(axis=2, keepdims=True), 3, axis=2)
    bright = picture * np.float32([1.6, 1.0, 0.7])
    assert np.ptp(prepared(bright, grey).pixels, axis=2).max() == 0
    assert np.ptp(prepared(bright, grey, "propagate").pixels, axis=2).max() > 0.1


def test_a_picture_of_something_else_is_used_with_little_trust_and_a_warning():
    _, source = film()
    wrong = noise()
    result = prepared(wrong, source)
    assert result.report.trust < 0.5
    assert "keyframe at 8" in result.report.warnings[0]
    assert "check that it shows this frame" in result.report.warnings[0]


def test_a_picture_the_engine_made_is_trusted_as_it_is():
    _, source = film()
    wrong = noise()
    result = prepared(wrong, source, is_supplied=False)
    assert (result.report.trust, result.report.warnings, result.report.alignment.corrected) == (
        1.0,
        (),
        False,
    )


def test_trust_falls_with_agreement_and_never_to_nothing():
    values = [trust_of(agreement) for agreement in (-1, 0, 0.2, 0.4, 0.59, 0.6, 1)]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (LEAST_TRUST, 1.0)


@pytest.mark.parametrize(("width", "height"), [(47, 36), (96, 35), (192, 192), (300, 144)])
def test_a_tiny_or_misshapen_picture_is_refused(width, height):
    with pytest.raises(KeyframeRejected, match=f"{width}x{height}"):
        require_usable_size("fixed.png", width, height, GEOMETRY)


@pytest.mark.parametrize(("width", "height"), [(48, 36), (96, 72), (193, 143), (768, 576)])
def test_a_usable_picture_is_let_through(width, height):
    require_usable_size("fixed.png", width, height, GEOMETRY)
