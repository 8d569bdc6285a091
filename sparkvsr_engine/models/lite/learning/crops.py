"""Crops of examples: those a step learns from, drawn by its number, and those that are kept for tests.

A fixed number is cut before the first step, so that a step costs the same whatever the frame's size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from sparkvsr_engine.models.lite.bands import Band
from sparkvsr_engine.models.lite.learning.recipe import LearningRecipe
from sparkvsr_engine.models.lite.networks.perceptual import POSITIONS
from sparkvsr_engine.models.lite.pixels.planes import CANVAS_STEP, CELL

# Each plane's side is the crop's divided by this.
_PARTS = {"chroma": 2, "half": 2, "neighbours": 2, "own": CELL, "missing": CELL}
Crop = dict[str, Tensor]


class HeldOutTiles:
    """The tiles of a picture that nothing is learnt from, the same on all keyframes of a shot."""

    def __init__(self, width: int, height: int, recipe: LearningRecipe) -> None:
        self._tile = recipe.tile
        columns, rows = -(-width // recipe.tile), -(-height // recipe.tile)
        order = np.random.default_rng([recipe.seed, 2]).permutation(rows * columns)
        drawn = order[: max(1, round(recipe.held_out * rows * columns))] if rows * columns > 1 else order[:0]
        tiles = np.zeros(rows * columns, np.bool_)
        tiles[drawn] = True
        self._tiles = torch.from_numpy(tiles.reshape(rows, columns))

    def mask(self, rows: int, columns: int) -> Tensor:
        """Where a canvas is held out, float32 [1, rows, columns]."""
        wide = self._tiles.repeat_interleave(self._tile, 0).repeat_interleave(self._tile, 1)
        mask = torch.zeros(1, rows, columns)
        mask[0, : wide.shape[0], : wide.shape[1]] = wide[:rows, :columns].float()
        return mask


@dataclass(eq=False)
class CropPool:
    """What was cut. lessons: to learn from. tests: with tiles that are held out."""

    lessons: list[Crop] = field(default_factory=list[Crop])
    tests: list[Crop] = field(default_factory=list[Crop])

    def batch(self, step: int, recipe: LearningRecipe) -> dict[str, Tensor]:
        """The crops of a step, each turned in one of eight ways; a pure function of its number.

        position: how the perceptual loss looks at each, [N].
        """
        rng = np.random.default_rng([recipe.seed, 3, step])
        chosen = rng.integers(len(self.lessons), size=recipe.crops)
        turns = rng.integers(8, size=recipe.crops)
        crops = [turned(self.lessons[at], int(turn)) for at, turn in zip(chosen, turns, strict=True)]
        return {**joined(crops), "position": torch.from_numpy(rng.integers(POSITIONS, size=recipe.crops))}

    def test_batches(self, recipe: LearningRecipe) -> list[dict[str, Tensor]]:
        """The tests, as many at a time as a step has."""
        most = recipe.crops
        return [joined(self.tests[at : at + most]) for at in range(0, len(self.tests), most)]


def cut_crops(
    planes: Mapping[str, Tensor], band: Band, height: int, count: int, side: int, rng: np.random.Generator
) -> list[Crop]:
    """Crops at any cell of the rows a band keeps.

    Args:
        planes: by name, [1, C, h, w].
        band: the rows.
        height: of the picture on the band's canvas.
        count: how many crops.
        side: side of a crop, pixels.
        rng: draws everything that is drawn.
    """
    last = min(band.last, height)
    columns = planes["luma"].shape[-1]
    crops: list[Crop] = []
    for _ in range(count):
        y = band.first + CELL * int(rng.integers(max(0, last - side - band.first) // CELL + 1))
        x = CELL * int(rng.integers(max(0, columns - side) // CELL + 1))
        crops.append(_cut(planes, y, x, side))
    return crops


def side_within(recipe: LearningRecipe, rows: int, columns: int) -> int:
    """The side of crops of a canvas of this size.

    Args:
        recipe: of the lesson.
        rows: of the canvas, cells.
        columns: of the canvas, cells.
    """
    return min(recipe.side, rows // CANVAS_STEP * CANVAS_STEP, columns // CANVAS_STEP * CANVAS_STEP)


def turned(crop: Crop, turn: int) -> Crop:
    """One of the eight positions of a square crop: mirrored left to right, upside down, rows for columns."""
    axes = [axis for axis, bit in ((-1, 1), (-2, 2)) if turn & bit]

    def moved(plane: Tensor) -> Tensor:
        if plane.ndim < 3:
            return plane
        flipped = plane.flip(axes) if axes else plane
        return flipped.transpose(-1, -2) if turn & 4 else flipped

    return {name: moved(plane) for name, plane in crop.items()}


def joined(crops: Sequence[Crop]) -> dict[str, Tensor]:
    """Crops to one batch."""
    return {name: torch.stack([crop[name] for crop in crops]) for name in crops[0]}


def _cut(planes: Mapping[str, Tensor], y: int, x: int, side: int) -> Crop:
    def part(name: str, plane: Tensor) -> Tensor:
        if plane.ndim < 3:
            return plane
        divisor = _PARTS.get(name.rpartition("_")[2], 1)
        down, across, size = y // divisor, x // divisor, side // divisor
        return plane[..., down : down + size, across : across + size].clone()

    return {name: part(name, plane) for name, plane in planes.items()}
