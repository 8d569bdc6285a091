"""Pictures of pictures: labels, wipes, error heat maps, grids. All uint8 [H, W, 3] RGB, drawn with OpenCV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.pixels import require_same_size, studio_luma, to_eight_bits

Canvas = NDArray[np.uint8]

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_TEXT = (240, 240, 240)
_PAPER = 24
_GAP_PIXELS = 4

# Levels of error shown as the hottest colour; larger ones look the same.
HEAT_LIMIT = 32.0


@dataclass(frozen=True, eq=False)
class SheetRow:
    """One row of a contact sheet: what it shows, and (label, picture) from left to right."""

    title: str
    cells: Sequence[tuple[str, Pixels]]


def enlarged(picture: Pixels, factor: int) -> Canvas:
    """Every pixel as a square of `factor` pixels."""
    return to_eight_bits(picture).repeat(factor, axis=0).repeat(factor, axis=1)


def resized_to(picture: Pixels, like: Pixels) -> Canvas:
    """The picture at the size of another, uint8; for looking at, without the network library's resampler."""
    height, width = like.shape[:2]
    levels = to_eight_bits(picture)
    if levels.shape[:2] == (height, width):
        return levels
    how = cv2.INTER_CUBIC if height * width > levels.shape[0] * levels.shape[1] else cv2.INTER_AREA
    return np.asarray(cv2.resize(levels, (width, height), interpolation=how), np.uint8)


def labelled(picture: Canvas, text: str, align_right: bool = False) -> Canvas:
    """A copy with the text in a dark box in its upper left (or right) corner.

    Args:
        picture: the picture.
        text: the text.
        align_right: in its right corner.
    """
    scale = max(0.4, min(picture.shape[:2]) / 700.0)
    weight = max(1, round(scale * 1.5))
    (width, height), below = cv2.getTextSize(text, _FONT, scale, weight)
    pad = max(4, round(8 * scale))
    left = picture.shape[1] - width - 3 * pad if align_right else pad
    box = (max(0, left), pad, width + 2 * pad, height + below + 2 * pad)
    drawn = _darkened(picture, box)
    at = (box[0] + pad, pad + pad + height)
    cv2.putText(drawn, text, at, _FONT, scale, _TEXT, weight, cv2.LINE_AA)
    return drawn


def wipe(before: Pixels, after: Pixels, position: float = 0.5) -> Canvas:
    """`before` left of a line, `after` right of it, at the size of `after`; position 0 is the left edge.

    Args:
        before: the picture on the left.
        after: the picture on the right.
        position: of the line, 0..1 from the left edge.
    """
    right = to_eight_bits(after)
    before_resized = resized_to(before, after)
    column = min(max(round(position * right.shape[1]), 0), right.shape[1])
    joined = np.concatenate([before_resized[:, :column], right[:, column:]], axis=1)
    half = max(1, right.shape[1] // 640)
    joined[:, max(0, column - half) : column + half] = 255
    return joined


def heat_map(result: Pixels, reference: Pixels, limit: float = HEAT_LIMIT) -> Canvas:
    """Where two pictures of one size differ in luma: black not at all, bright by `limit` levels.

    Args:
        result: the restored frame, as the true one.
        reference: the true frame, [H, W, 3], uint8 or float 0..1.
        limit: levels of 255 that are shown at full brightness.
    """
    require_same_size(result, reference)
    error = np.abs(studio_luma(result) - studio_luma(reference)) * (255.0 / limit)
    coloured = cv2.applyColorMap(np.clip(error, 0, 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    return np.asarray(cv2.cvtColor(coloured, cv2.COLOR_BGR2RGB), np.uint8)


def side_by_side(pictures: Sequence[Canvas]) -> Canvas:
    """Pictures of one height in a row with a gap between them."""
    height = pictures[0].shape[0]
    gap = np.full((height, _GAP_PIXELS, 3), _PAPER, np.uint8)
    parts = [part for picture in pictures for part in (picture, gap)]
    return np.concatenate(parts[:-1], axis=1)


def contact_sheet(rows: Sequence[SheetRow], factor: int = 2) -> Canvas:
    """The rows below each other, each under its title, every cell labelled and enlarged.

    The cells of a row are of one height; rows of unequal width are filled up on the right.
    """
    bands: list[Canvas] = []
    for row in rows:
        cells = [_captioned(enlarged(picture, factor), label) for label, picture in row.cells]
        band = side_by_side(cells)
        bands += [_caption(band.shape[1], row.title, 0.6, 30), band]
    width = max(band.shape[1] for band in bands)
    return np.concatenate([_filled_up(band, width) for band in bands], axis=0)


def _captioned(picture: Canvas, text: str) -> Canvas:
    return np.concatenate([_caption(picture.shape[1], text, 0.45, 22), picture], axis=0)


def _caption(width: int, text: str, scale: float, height: int) -> Canvas:
    """A dark strip with a line of text, made smaller where it would not fit."""
    strip = np.full((height, width, 3), _PAPER, np.uint8)
    (needed, _), _ = cv2.getTextSize(text, _FONT, scale, 1)
    fitting = scale * min(1.0, (width - 8) / max(1, needed))
    cv2.putText(strip, text, (4, round(height * 0.7)), _FONT, fitting, _TEXT, 1, cv2.LINE_AA)
    return strip


def _filled_up(band: Canvas, width: int) -> Canvas:
    missing = ((0, 0), (0, width - band.shape[1]), (0, 0))
    return np.pad(band, missing, constant_values=_PAPER)


def _darkened(picture: Canvas, box: tuple[int, int, int, int]) -> Canvas:
    left, top, width, height = box
    drawn = np.ascontiguousarray(picture).copy()
    drawn[top : top + height, left : left + width] //= 4
    return drawn
