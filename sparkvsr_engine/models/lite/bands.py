"""Large frames in bands of rows, restored one after the other, so that memory is for one band.

Motion is found on the whole frame. A band sees more rows than it keeps, so that nothing shows where two meet.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.lite.pixels.planes import CANVAS_STEP, CELL, Planes, canvas_size

# Cells a band keeps at most, about: with two keyframes a million takes some 5 GB.
MOST_CELLS = 540_000
# Rows of cells a band keeps at least, or very wide frames would be all margin.
LEAST_ROWS = 96
# Rows of cells seen on either side of those kept. From 24 on results are those of the whole but for the last
# bits of bfloat16 (at most 0.0007); at 16 a row beside a border differs by 0.0002 on average.
MARGIN = 24


@dataclass(frozen=True)
class Band:
    """Rows of a picture of `geometry`'s width that are looked at together, counted from `source_top` on the
    source and from `top` on the canvas; of them the canvas rows from `first` up to `last` are kept, counted
    from the band's own first.
    """

    geometry: Geometry
    source_top: int
    top: int
    first: int
    last: int

    def of_source(self, whole: Tensor) -> Tensor:
        """Its rows of planes at the source's size [..., h, w]."""
        return whole[..., self.source_top : self.source_top + self.geometry.source_height, :]

    def of_canvas(self, whole: Tensor, part: int = 1) -> Tensor:
        """Its rows of planes on 1/`part` of the canvas [..., H/part, W/part]."""
        rows = canvas_size(self.geometry.width, self.geometry.height)[1]
        return whole[..., self.top // part : (self.top + rows) // part, :]

    def own_rows(self, planes: Tensor, part: int = 1) -> Tensor:
        """Of its own planes on 1/`part` of the canvas, the rows to keep."""
        rows = planes[..., self.first // part : self.last // part, :]
        # A view would keep all of the band's planes in memory.
        return rows if rows.shape == planes.shape else rows.clone()


def bands_of(geometry: Geometry) -> tuple[Band, ...]:
    """Bands from top to bottom whose kept rows cover the canvas, all of about the same height.

    They depend on the geometry alone, so that every machine gives the same pixels. One where the picture is
    small, or where no rows of source and canvas begin together.
    """
    height, step = geometry.source_height, _step_of(geometry)
    columns, rows = (side // CELL for side in canvas_size(geometry.width, geometry.height))
    most = max(LEAST_ROWS, MOST_CELLS // columns)
    count = max(1, min(-(-rows // most), height // step))
    edges = [round(index * height / count / step) * step for index in range(count)] + [height]
    return tuple(_band(geometry, start, stop) for start, stop in itertools.pairwise(edges))


def joined(pieces: Sequence[Tensor]) -> Tensor:
    """What the bands kept, from top to bottom, as one."""
    return pieces[0] if len(pieces) == 1 else torch.cat(list(pieces), -2)


def joined_planes(pieces: Sequence[Planes]) -> Planes:
    """The same of luma and chroma."""
    return Planes(joined([piece.luma for piece in pieces]), joined([piece.chroma for piece in pieces]))


def _step_of(geometry: Geometry) -> int:
    """The fewest source rows that are whole cells of the canvas."""
    lines = CANVAS_STEP * geometry.source_height
    return lines // math.gcd(lines, geometry.height)


def _band(geometry: Geometry, start: int, stop: int) -> Band:
    """The band that keeps the source rows from `start` up to `stop`."""
    step, height = _step_of(geometry), geometry.source_height
    margin = -(-MARGIN * CELL * height // (geometry.height * step)) * step
    low, high = max(0, start - margin), min(height, stop + margin)
    first, after, top, bottom = (_on_canvas(geometry, row) for row in (start, stop, low, high))
    seen = Geometry(geometry.source_width, high - low, geometry.width, bottom - top)
    last = canvas_size(seen.width, seen.height)[1] if stop == height else after - top
    return Band(seen, low, top, first - top, last)


def _on_canvas(geometry: Geometry, row: int) -> int:
    return row * geometry.height // geometry.source_height
