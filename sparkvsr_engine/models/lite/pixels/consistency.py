"""Results brought to agree with the frame's own source samples (back-projection, Irani and Peleg, 1991).

What the blind result, reduced as a camera would, lacks of the source is detail or noise. The network
estimates which, per cell, and as much is added to it.

A keyframe warped onto a frame and reduced is not quite what the source shows there either: motion is known to
a fraction of a pixel only, light changes. What differs is added to its change, except for what the keyframe
does not agree with on its *own* frame, an edit or a look, and for as much as is noise by the same measures:

    rest_k = gate_k * (source - D(blind result) - missing_k) - D(change_k)
    change_k + U(c * rest_k),   c = max(0, <rest_k^2> - <noise_k^2>) / <rest_k^2>,
    <noise_k^2> = <gate_k^2 * ((source - D(blind result))^2 + missing_k^2)>

D reduces, U enlarges, <> is a mean over a neighbourhood, missing_k what the keyframe, reduced, lacks of its
own source frame, brought here. It is a part of the keyframe's change, so guidance mixes parts as before.

Measured on six clips never trained on, x4, true keyframes, without any training: +0.3 dB; nothing is lost
under true keyframes on noisy compressed sources.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.models.lite.motion.warping import warp
from sparkvsr_engine.models.lite.pixels.filters import averaged, blurred, enlarged, missing_of, reduced
from sparkvsr_engine.models.lite.pixels.planes import CELL

# Of the neighbourhood noise is measured in, source pixels.
_SPREAD = 4.0
# Squared luma: far below what 16 bits distinguish.
_NOTHING = 1e-10


@dataclass(frozen=True, eq=False)
class SourceSamples:
    """A frame as its camera took it.

    luma: float32 [N, 1, h, w]. height, width: of the picture on the canvas, which is padded.
    present: bool [N], False for a batch entry without.
    """

    luma: Tensor
    height: int
    width: int
    present: Tensor

    def inside(self, planes: Tensor) -> Tensor:
        """The picture's part of planes on the canvas."""
        return planes[..., : self.height, : self.width]

    def step(self, difference: Tensor, like: Tensor) -> Tensor:
        """What of the source's samples is left over [N, 1, h, w] on a canvas like another's, 0 around it."""
        step = enlarged(difference * self.present[:, None, None, None], self.inside(like))
        if step.shape == like.shape:
            return step
        return F.pad(step, (0, like.shape[-1] - self.width, 0, like.shape[-2] - self.height))

    def brought(self, missing: Tensor, flow: Tensor) -> Tensor:
        """What a keyframe lacks of its source [N, 1, h, w], warped along a flow on the canvas
        [N, 2, Hc, Wc].
        """
        rows, columns = self.luma.shape[-2:]
        ratio = torch.tensor([columns / self.width, rows / self.height], device=flow.device)
        return warp(missing, averaged(self.inside(flow), self.luma) * ratio[:, None, None])


def followed(blind: Tensor, faith: Tensor, samples: SourceSamples) -> Tensor:
    """What to add to a blind result's luma [N, 1, Hc, Wc] so that it agrees with the source.

    Args:
        blind: luma [N, 1, Hc, Wc].
        faith: per cell how far, 0..1 [N, 1, Hc/4, Wc/4]; the network estimates it.
        samples: the source's own samples, to compare with.
    """
    with torch.autocast(blind.device.type, enabled=False):
        cells = faith[..., : -(-samples.height // CELL), : -(-samples.width // CELL)]
        return samples.step(averaged(cells, samples.luma) * rest_of(blind, samples), blind)


def settled(
    change: Tensor, gate: Tensor, missing: Tensor, difference: Tensor, samples: SourceSamples
) -> Tensor:
    """A keyframe's change of luma [N, 1, Hc, Wc], brought to agree with the source.

    Args:
        change: luma [N, 1, Hc, Wc].
        gate: its share, of the same shape.
        missing: what `SourceSamples.brought` made.
        difference: `rest_of` the blind result.
        samples: the source's own samples, to compare with.
    """
    with torch.autocast(change.device.type, enabled=False):
        share = averaged(samples.inside(gate), samples.luma)
        correction = share * (difference - missing) - reduced(samples.inside(change), samples.luma)
        correction = correction * _share_beyond_noise(correction, share, difference, missing)
        return change + samples.step(correction, change)


def rest_of(blind: Tensor, samples: SourceSamples) -> Tensor:
    """What the blind result's luma [N, 1, Hc, Wc] lacks of the source, [N, 1, h, w]."""
    with torch.autocast(blind.device.type, enabled=False):
        return missing_of(samples.inside(blind), samples.luma)


def _share_beyond_noise(correction: Tensor, share: Tensor, difference: Tensor, missing: Tensor) -> Tensor:
    """How much of what is left is more than noise, 0..1; nothing to be learnt through."""
    noise = share.square() * (difference.square() + missing.square())
    powers = blurred(torch.cat([correction.square(), noise], 1).detach(), _SPREAD)
    power, of_noise = powers.split(1, 1)
    return (power - of_noise).clamp(min=0) / (power + _NOTHING)
