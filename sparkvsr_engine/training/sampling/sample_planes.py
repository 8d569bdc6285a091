"""Planes of pictures while samples are cut: NumPy in, tensors out at the end."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparkvsr_engine.core.arrays import Plane
from sparkvsr_engine.core.pictures.motion import pixel_grid
from sparkvsr_engine.models.lite.pixels.planes import CELL
from sparkvsr_engine.models.lite.pixels.source_planes import upsample

_TO_YCC = np.array(
    [
        [0.299, 0.587, 0.114],
        [-0.299 / 1.772, -0.587 / 1.772, 0.886 / 1.772],
        [0.701 / 1.402, -0.587 / 1.402, -0.114 / 1.402],
    ],
    np.float32,
)


def to_unit(picture: NDArray[np.uint8]) -> Plane:
    """uint8 to 0..1."""
    return np.ascontiguousarray(picture).astype(np.float32) * np.float32(1 / 255)


def to_eight_bits(picture: Plane) -> NDArray[np.uint8]:
    """0..1 to uint8, rounded; what lies outside is clipped."""
    return np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)


def grown_to(frame: NDArray[np.uint8], width: int, height: int) -> Plane:
    """A source frame, uint8, enlarged to full size in 0..1.

    Args:
        frame: uint8 [h, w, 3].
        width: in pixels.
        height: in pixels.
    """
    return upsample(to_unit(frame), width, height)


def to_ycc(picture: Plane) -> Plane:
    """RGB [h, w, 3] to luma and colour differences, as the network sees them (`lite.pixels.planes`)."""
    return np.asarray(cv2.transform(picture, _TO_YCC), np.float32)


def halved(plane: Plane) -> Plane:
    """[h, w] or [h, w, C] at half the size."""
    size = (plane.shape[1] // 2, plane.shape[0] // 2)
    return np.asarray(cv2.resize(np.ascontiguousarray(plane), size, interpolation=cv2.INTER_AREA), np.float32)


def cells_of(half: tuple[slice, slice]) -> tuple[slice, slice]:
    """A part of a half-size plane, on the grid of cells."""
    rows, columns = (slice(side.start // 2, side.stop // 2) for side in half)
    return rows, columns


def on_cells(plane: Plane, height: int, width: int) -> Plane:
    """A plane on the source's own grid where that is the grid of a picture's cells, nothing on it else:
    a batch has one size.

    Args:
        plane: float32 [h, w], on the source's grid or none.
        height: in pixels.
        width: in pixels.
    """
    cells = (height // CELL, width // CELL)
    return plane if plane.shape == cells else np.zeros(cells, np.float32)


def to_tensor(plane: NDArray[Any]) -> Tensor:
    """[h, w] or [h, w, C] to [C, h, w]."""
    shaped = plane[..., None] if plane.ndim == 2 else plane
    return torch.from_numpy(np.ascontiguousarray(shaped.transpose(2, 0, 1)))


def warped_part(plane: Plane, flow: Plane, at: tuple[slice, slice], how: int) -> Plane:
    """The part `at` of a plane warped along a flow of its own size.

    Args:
        plane: float32 [h, w].
        flow: of the plane's size, pixels.
        at: rows and columns.
        how: OpenCV's interpolation.
    """
    x, y = pixel_grid(*plane.shape[:2])
    at_x, at_y = x[:, at[1]] + flow[at][..., 0], y[at[0]] + flow[at][..., 1]
    return np.asarray(cv2.remap(plane, at_x, at_y, how, borderMode=cv2.BORDER_REPLICATE), np.float32)
