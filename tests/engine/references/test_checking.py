"""Keyframes that show nothing are not followed; those that show their frame are, whatever their look."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.painted import painted_share
from sparkvsr_engine.references.checking import agreement_of, painted_in, shows_nothing, trust_of
from sparkvsr_engine.references.preparing import prepare_reference
from tests.compatibility.claims import covers
from tests.fakes.scenes import scene

SOURCE = scene(3, 64, 48).astype(np.float32) / 255
SIZED = cv2.resize(SOURCE, (128, 96), interpolation=cv2.INTER_CUBIC)
ROWS, COLUMNS = np.mgrid[0:96, 0:128].astype(np.float32)
NOISE = np.random.default_rng(5).normal(size=(96, 128, 3)).astype(np.float32)
GEOMETRY = Geometry(64, 48, 128, 96)

BLANK = {
    "black": np.zeros((96, 128, 3), np.float32),
    "white": np.ones((96, 128, 3), np.float32),
    "grey": np.full((96, 128, 3), 0.5, np.float32),
    "one colour": np.full((96, 128, 3), (0.8, 0.1, 0.3), np.float32),
    "black with the noise of a codec": np.clip(NOISE * 0.004, 0, 1),
    "a soft gradient": np.stack([COLUMNS / 127 * 0.1 + 0.4] * 3, -1),
    "grey within a step": (np.full((96, 128, 3), 128) + (NOISE > 0)).astype(np.float32) / 255,
    "beyond white": np.full((96, 128, 3), 5, np.float32),
}


@pytest.mark.parametrize("is_supplied", [True, False])
@pytest.mark.parametrize("name", BLANK)
def test_an_empty_picture_is_not_followed_and_is_reported(name, is_supplied):
    result = prepare_reference(3, BLANK[name], SOURCE, GEOMETRY, "lock", is_supplied)
    assert result.report.trust == 0
    assert result.report.warnings[0].startswith("The keyframe at 3 shows nothing")
    assert np.isfinite(result.pixels).all()


LOOKS = {
    "its own frame": SIZED,
    "darker": SIZED * 0.3,
    "washed out": SIZED * 0.4 + 0.4,
    "soft": cv2.GaussianBlur(SIZED, (0, 0), 3.0),
    "without colour": np.repeat(SIZED.mean(axis=2, keepdims=True), 3, 2),
    "negative in one channel": SIZED * (1, 0.5, 0.2),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_picture_of_its_frame_is_followed_in_any_look(name):
    picture = LOOKS[name].astype(np.float32)
    assert not shows_nothing(picture, SOURCE)
    assert trust_of(agreement_of(picture, SOURCE)) > 0.9


def test_a_black_frame_may_have_a_black_keyframe():
    black = np.zeros((48, 64, 3), np.float32)
    result = prepare_reference(3, BLANK["black"], black, GEOMETRY, "lock", True)
    assert (result.report.trust, result.report.warnings) == (1.0, ())


def test_an_agreement_that_is_no_number_is_no_trust():
    assert trust_of(float("nan")) == 0


@covers(
    "kinds of pictures",
    "K. Agreement of flat pictures",
    variants="any colour, with noise and single pixels",
    result="not followed, and reported",
)
@settings(max_examples=25, deadline=None)
@given(colour=st.tuples(*[st.floats(0, 1)] * 3), noise=st.floats(0, 0.003), share=st.floats(0, 0.02))
def test_one_colour_is_nothing_whatever_it_is(colour, noise, share):
    flat = np.float32(colour) + NOISE * np.float32(noise) + (SIZED - 0.5) * np.float32(share)
    assert shows_nothing(flat.astype(np.float32), SOURCE)


def portrait(seed, place):
    """A sharp thing before a background out of focus, and its source frame."""
    sharp = scene(0, 256, 144, seed=seed).astype(np.float32) / 255
    soft = cv2.GaussianBlur(sharp, (0, 0), 24) * 0.2 + 0.4
    within = np.zeros((144, 256, 1), np.float32)
    within[30:114, place : place + 80] = 1
    fine = (soft + within * (sharp - soft)).astype(np.float32)
    return fine, (np.rint(cv2.resize(fine, (64, 36), interpolation=cv2.INTER_AREA) * 255) / 255).astype(
        np.float32
    )


@pytest.mark.parametrize("place", [10, 160])
def test_another_picture_before_a_like_background_is_not_painted(place):
    """Its rest fits any soft background under some look; that is no sign that it shows this frame."""
    (portrayed, source), (moved, _) = portrait(1, 90), portrait(7, place)
    assert painted_share(moved, source) is not None
    assert painted_in(moved, source) is None
    assert prepare_reference(3, moved, source, Geometry(64, 36, 256, 144), "lock", True).painted is None
    title = portrayed.copy()
    title[40:60, 100:160] = (1, 0.8, 0)
    assert painted_in(title, source) is not None
