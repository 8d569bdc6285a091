"""The size the network works at, and the way from there to the output's.

The trunk is at home where a cell is one source pixel: at four times the source. Trained at other scales it
stayed behind bicubic at 2 and below, while what it makes at home and is then reduced gains 4.4 dB there. So
between scale 1 and 4 everything is made at home and reduced; time and memory depend on the source alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.light_curve import LightCurve
from sparkvsr_engine.models.lite.facts import HOME_SCALE
from sparkvsr_engine.models.lite.pixels.filters import enlarged_to, halved
from sparkvsr_engine.models.lite.pixels.planes import CELL, Planes, canvas_size, pad_to_cells

# How far from it a scale may be by rounding sides to whole pixels.
_ROUNDING = 0.02


def working_geometry(geometry: Geometry) -> Geometry:
    """Where a job of this geometry is worked on: at home between scale 1 and 4, else at the output's size."""
    if not 1 < geometry.scale < HOME_SCALE:
        return geometry
    width, height = geometry.source_width, geometry.source_height
    return Geometry(width, height, HOME_SCALE * width, HOME_SCALE * height)


def is_native_scale(worked_on: Geometry) -> bool:
    """Whether what `working_geometry` gave is home: a cell is one source pixel."""
    return abs(worked_on.scale / HOME_SCALE - 1) <= _ROUNDING


@dataclass(frozen=True)
class OutputResampler:
    """From planes, flows and gates on the canvas of `home` to those on the canvas of `output`.

    curve: of scene-linear light, None for display values.
    """

    home: Geometry
    output: Geometry
    curve: LightCurve | None = None

    @property
    def is_short(self) -> bool:
        """Whether both are the same."""
        return self.home == self.output

    def picture(self, rgb: Tensor) -> Tensor:
        """float32 [1, C, Hc, Wc] of home, reduced: [1, C, hc, wc]."""
        if self.is_short:
            return rgb
        inside = rgb[..., : self.home.height, : self.home.width]
        size = (self.output.height, self.output.width)
        return pad_to_cells(F.interpolate(inside, size=size, mode="bicubic", antialias=True))

    def restored(self, channels: Iterable[Tensor]) -> Tensor:
        """A finished picture of home, reduced as a camera would: light as light, [1, 3, hc, wc].

        Args:
            channels: red, green and blue, [1, 1, Hc, Wc] each.
        """
        if self.curve is None or self.is_short:
            return torch.cat([self.picture(channel) for channel in channels], 1)
        rgb = torch.cat(list(channels), 1)
        inside = rgb[0, :, : self.home.height, : self.home.width].permute(1, 2, 0)
        light = self.curve.decode(np.ascontiguousarray(inside.numpy()))
        size = (self.output.width, self.output.height)
        reduced = np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_AREA), np.float32)
        return pad_to_cells(torch.from_numpy(self.curve.encode(reduced)).permute(2, 0, 1)[None].contiguous())

    def planes(self, residual: Planes) -> Planes:
        """Residual planes, reduced."""
        if self.is_short:
            return residual
        # Chroma is reduced as it is seen, at full size.
        chroma = enlarged_to(residual.chroma, *residual.luma.shape[-2:])
        return Planes(self.picture(residual.luma), halved(self.picture(chroma)))

    def flow(self, flow: Tensor) -> Tensor:
        """[1, 2, Hc/2, Wc/2] on half of home's canvas to half of the output's, in pixels there."""
        if self.is_short:
            return flow
        size = self._canvas(2)
        inside = flow[..., : -(-self.home.height // 2), : -(-self.home.width // 2)]
        # The padding of the canvas is a few pixels beyond the picture: what is there matters to nobody.
        moved = F.interpolate(inside, size=size, mode="bilinear", align_corners=False)
        across, down = self.output.width / self.home.width, self.output.height / self.home.height
        return moved * torch.tensor([across, down], device=flow.device)[None, :, None, None]

    def trust(self, trust: Tensor) -> Tensor:
        """[1, 1, H, W] on home's cells to [1, 1, h, w] on the output's."""
        return trust if self.is_short else F.interpolate(trust, size=self._canvas(CELL), mode="area")

    def _canvas(self, part: int) -> tuple[int, int]:
        width, height = canvas_size(self.output.width, self.output.height)
        return height // part, width // part
