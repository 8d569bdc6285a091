"""Edges of colour alone: between two colours of nearly equal luma.

Luma carries nearly all of what a network restores, and footage hardly holds an edge that luma does not show.
Where one does not, as between titles, bars and squares of chosen colours, the network takes the contrast of
colour for one of luma: squares whose luma differs by 0.007 came out 0.15 apart. There the residual's luma is
left out as far as the source's luma has less contrast than its colour,

    share = clip((r - 0.03) / 0.09, 0, 1),   r = contrast of luma / largest contrast of a channel

both of the 3x3 source pixels around one. Of six clips of footage 0.04 % of the pixels are concerned; of pure
blue over black, 0.11, a fifteenth of it is left out.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.models.lite.bands import Band
from sparkvsr_engine.models.lite.pixels.extremes import extremes_around
from sparkvsr_engine.models.lite.pixels.filters import enlarged_to
from sparkvsr_engine.models.lite.pixels.planes import Planes, pad_to_cells

# Contrast of luma, as a share of colour's, up to which it is left out, and from which on it stays.
_NONE, _ALL = 0.03, 0.12
# Contrast of colour, of a full range, up to which nothing is left out, and from which on all of it is.
_FAINT, _PLAIN = 0.06, 0.12
_LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)


def luma_shares(picture: Picture) -> Tensor | None:
    """How much of a residual's luma is believed, 0..1, float32 [1, 1, h, w]; None where all of it is.

    Args:
        picture: a source frame, float32 [h, w, 3], display values.
    """
    red, green, blue = cv2.split(_contrast(picture))
    colour = np.asarray(cv2.max(cv2.max(red, green), blue), np.float32)
    luma = _contrast(np.asarray(cv2.transform(picture, _LUMA), np.float32))
    doubtful = (colour > _FAINT) & (luma < _ALL * colour)
    if not doubtful.any():
        return None
    contrast = colour[doubtful]
    share = np.clip((luma[doubtful] / contrast - _NONE) / (_ALL - _NONE), 0, 1)
    weight = np.clip((contrast - _FAINT) / (_PLAIN - _FAINT), 0, 1)
    shares = np.ones_like(luma)
    shares[doubtful] = 1 - weight * (1 - share)
    return torch.from_numpy(shares)[None, None]


def with_luma_shares(residual: Planes, shares: Tensor, band: Band) -> Planes:
    """A residual whose luma counts as much as it may.

    Args:
        residual: on the band's canvas.
        shares: of all of the frame's luma, as `luma_shares` makes them.
        band: the rows that the canvas is of.
    """
    seen = band.of_source(shares)
    # Beyond the picture the canvas repeats its edge.
    weights = pad_to_cells(enlarged_to(seen, band.geometry.height, band.geometry.width))
    return Planes(residual.luma * weights.to(residual.luma.device), residual.chroma)


def _contrast(values: Picture) -> Picture:
    low, high = extremes_around(values, 3)
    return high - low
