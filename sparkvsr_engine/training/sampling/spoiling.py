"""Keyframes as people and models really make them: not quite the truth, and sometimes plainly wrong.

A network that saw perfect keyframes only would trust anything. So most are shown as they are, some with a
cast, softened, noisy, out of place, from another clip, or made by an image super-resolution model.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture


@dataclass(frozen=True)
class SpoilRecipe:
    """Shares of kinds; what is left is shown as it is.

    tinted: colour, contrast, blur and noise as in the published training. shifted: out of place by up to
    `shift` pixels, bent as well. wrong: of another clip. soft: hardly better than the source.
    styled: of samples whose keyframes *and* wanted result are crisper or softer than the truth, so that a
    look is followed. graded: likewise in other colours. made: of scenes with model-made pictures that use
    them, wanted result included.
    """

    tinted: float = 0.12
    shifted: float = 0.08
    wrong: float = 0.06
    soft: float = 0.04
    shift: float = 8.0
    styled: float = 0.1
    graded: float = 0.0
    made: float = 0.7


def spoil(
    picture: Picture, source: Picture, foreign: Picture, recipe: SpoilRecipe, rng: np.random.Generator
) -> Picture:
    """A keyframe, spoiled or not; all float32 [H, W, 3], 0..1, of one size.

    Args:
        picture: float32 [H, W, 3], 0..1.
        source: its upsampled source frame.
        foreign: a frame of another clip.
        recipe: how often and how strongly.
        rng: draws everything that is drawn.
    """
    kind = rng.random()
    for share, make in (
        (recipe.tinted, lambda: _tinted(picture, rng)),
        (recipe.shifted, lambda: _shifted(picture, recipe.shift, rng)),
        (recipe.wrong, lambda: foreign),
        (recipe.soft, lambda: _softened(picture, source, rng)),
    ):
        if kind < share:
            return make()
        kind -= share
    return picture


def _softened(picture: Picture, source: Picture, rng: np.random.Generator) -> Picture:
    return np.asarray(source + (picture - source) * np.float32(rng.uniform(0, 0.5)), np.float32)


@dataclass(frozen=True, eq=False)
class Style:
    """A look for a whole sample, wanted result included.

    crispness: (amount, sigma) of an unsharp mask, negative amounts soften. grade: 3x4 colour matrix; a graded
    sample is one under the look `propagate`, so its colours are not locked to the source's.
    """

    crispness: tuple[float, float] | None = None
    grade: NDArray[np.float32] | None = None

    @property
    def keeps_colour(self) -> bool:
        """Whether colours are the source's own."""
        return self.grade is None


def draw_style(recipe: SpoilRecipe, rng: np.random.Generator) -> Style:
    """Mostly none."""
    kind = rng.random()
    if kind < recipe.styled:
        return Style(crispness=(float(rng.uniform(-0.5, 1.0)), float(rng.uniform(0.7, 2.0))))
    if kind < recipe.styled + recipe.graded:
        return Style(grade=_draw_grade(rng))
    return Style()


def styled(picture: Picture, style: Style) -> Picture:
    """The picture in that look."""
    if style.grade is not None:
        graded = picture @ style.grade[:, :3].T + style.grade[:, 3]
        return np.clip(graded, 0, 1, dtype=np.float32)
    if style.crispness is None:
        return picture
    amount, sigma = style.crispness
    soft = cv2.GaussianBlur(picture, (0, 0), sigma)
    return np.clip(picture + np.float32(amount) * (picture - soft), 0, 1, dtype=np.float32)


def _draw_grade(rng: np.random.Generator) -> NDArray[np.float32]:
    """Saturation, tint, contrast, brightness: from a gentle grade to a colourised black-and-white picture."""
    grey = np.full((3, 3), 1 / 3)
    mixed = np.eye(3) + rng.uniform(-1, 1) * (grey - np.eye(3)) + rng.normal(0, 0.15, (3, 3))
    contrast = rng.uniform(0.7, 1.3)
    shift = rng.normal(0, 0.08, 3) + 0.5 * (1 - contrast)
    return np.concatenate([mixed * contrast, shift[:, None]], 1).astype(np.float32)


def _tinted(picture: Picture, rng: np.random.Generator) -> Picture:
    """Brightness, contrast, saturation +-10 %, at times softened, always noisy (SparkVSR's augmentation)."""
    tinted = picture
    if rng.random() < 0.5:
        tinted = tinted * np.float32(rng.uniform(0.9, 1.1))
        tinted = (tinted - 0.5) * np.float32(rng.uniform(0.9, 1.1)) + np.float32(0.5)
        grey = tinted.mean(-1, keepdims=True)
        tinted = grey + (tinted - grey) * np.float32(rng.uniform(0.9, 1.1))
    if rng.random() < 0.3:
        tinted = cv2.GaussianBlur(tinted, (3, 3), float(rng.uniform(0.1, 1.0)))
    sigma = np.float32(rng.uniform(0, 0.025))
    noise = rng.standard_normal(tinted.shape, np.float32) * sigma
    return np.clip(tinted + noise, 0, 1, dtype=np.float32)


def _shifted(picture: Picture, most: float, rng: np.random.Generator) -> Picture:
    """Moved as a whole, and bent gently, as an editor or a generative model leaves it."""
    height, width = picture.shape[:2]
    move = rng.uniform(-most, most, 2) * rng.random()
    bend = rng.normal(0, 1.5 * rng.random(), (4, 6, 2)).astype(np.float32)
    field = cv2.resize(bend, (width, height), interpolation=cv2.INTER_CUBIC) + move.astype(np.float32)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    at_x, at_y = x + field[..., 0], y + field[..., 1]
    bent = cv2.remap(picture, at_x, at_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(bent, np.float32)
