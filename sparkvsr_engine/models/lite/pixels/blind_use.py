"""What is used of a blind residual: of some pictures the network is surer than it may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.models.lite.bands import Band
from sparkvsr_engine.models.lite.pixels.colour_edges import luma_shares, with_luma_shares
from sparkvsr_engine.models.lite.pixels.planes import Planes
from sparkvsr_engine.models.lite.pixels.waves import wave_shares, with_waves


@dataclass(frozen=True, eq=False)
class BlindUse:
    """Of one frame. share: of all of the residual (`stairs`). luma_shares: see `colour_edges`. wave_shares:
    see `waves`. source: the frame, float32 [1, 3, h, w].
    """

    share: float
    luma_shares: Tensor | None
    wave_shares: Tensor | None
    source: Tensor

    @classmethod
    def of(cls, picture: Picture, share: float, damage: float | None) -> BlindUse:
        """Looked at in a source frame of display values.

        Args:
            picture: float32 [h, w, 3].
            share: of all of the residual.
            damage: how damaged the frame is taken to be, 0..1; None where waves are not looked for.
        """
        waves = None if damage is None else wave_shares(picture, damage)
        source = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]
        return cls(share, luma_shares(picture), waves, source)

    def used(self, residual: Planes, canvas: Tensor | None, band: Band) -> Planes:
        """What is used of a residual on a band's canvas.

        Args:
            residual: as the network leaves it.
            canvas: the frame upsampled, of the band, [1, 3, Hc, Wc]; needed where there are waves.
            band: the rows.
        """
        if self.share < 1:
            residual = Planes(residual.luma * self.share, residual.chroma * self.share)
        if self.luma_shares is not None:
            residual = with_luma_shares(residual, self.luma_shares, band)
        if self.wave_shares is None or canvas is None:
            return residual
        return with_waves(residual, self.wave_shares, self.source, canvas, band)
