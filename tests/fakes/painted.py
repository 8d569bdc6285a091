"""Footage under a moving title, and keyframes on which the title was painted."""

from __future__ import annotations

import cv2
import numpy as np

from tests.fakes.scenes import scene

WIDTH, HEIGHT, SCALE = 256, 144, 4
PAINTED = ("stripes", "gold", "letters")
# Pixels a frame of the title, at full size.
SPEED = (3.0, 2.0)


def film(number, seed=0, title=False):
    """Frame of a sliding scene at full size, with a white title or without: float32 [HEIGHT, WIDTH, 3]."""
    footage = scene(number, WIDTH, HEIGHT, seed=seed, speed=(-2.0, 0.5)).astype(np.float32) / 255 * 0.5
    return _over(footage, letters("HO", number), 1.0) if title else footage


def letters(word, number):
    """Coverage of a word where the title is on a frame: float32 [HEIGHT, WIDTH] 0..1."""
    fine = np.zeros((4 * HEIGHT, 4 * WIDTH), np.uint8)
    place = (round(4 * (50 + SPEED[0] * number)), round(4 * (80 + SPEED[1] * number)))
    cv2.putText(fine, word, place, cv2.FONT_HERSHEY_SIMPLEX, 9.0, 255, 72)
    return cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def painted_over(kind, number):
    """The frame with its title painted over: striped, in gold, or in other letters."""
    footage = film(number)
    if kind == "letters":
        return _over(footage, letters("XU", number), 1.0)
    if kind == "gold":
        return _over(footage, letters("HO", number), np.float32([0.9, 0.7, 0.1]))
    rows = np.arange(HEIGHT)[:, None, None] - round(SPEED[1] * number)
    return _over(footage, letters("HO", number), np.where(rows % 8 < 4, 0.3, 1.0))


def reduced(picture):
    """A frame as the source has it, of 8 bits: float32."""
    small = cv2.resize(picture, (WIDTH // SCALE, HEIGHT // SCALE), interpolation=cv2.INTER_AREA)
    return (np.rint(small * 255) / 255).astype(np.float32)


def _over(footage, coverage, colour):
    share = coverage[..., None]
    return np.asarray(footage * (1 - share) + share * colour, np.float32)
