"""A prediction's parts as stored arrays, and their mix under a guidance.

Residuals are kept as int16 in steps of 1/4096: an eighth of the step of a 9-bit picture, half the
size of floats, and much better to compress. Fresh results go through the same rounding, so that a
stored prediction decodes to the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.models.base import Guidance
from sparkvsr_engine.models.lite.filters import halved
from sparkvsr_engine.models.lite.planes import CELL, Planes, pad_to_cells
from sparkvsr_engine.models.lite.warping import grow_flow, warp

STEPS = 4096.0
Parts = Mapping[str, NDArray[Any]]


def pack_blind(blind: Planes) -> dict[str, NDArray[Any]]:
    """The blind residual."""
    return {"blind_luma": _rounded(blind.luma), "blind_chroma": _rounded(blind.chroma)}


def pack_keyed(index: int, change: Planes, flow: Tensor, gate: Tensor) -> dict[str, NDArray[Any]]:
    """What the index-th keyframe of the window changes; its flow (for mattes) and its trust per cell
    [1, 1, h, w]."""
    return {
        f"keyed{index}_luma": _rounded(change.luma),
        f"keyed{index}_chroma": _rounded(change.chroma),
        f"keyed{index}_flow": flow[0].to("cpu", torch.float16).numpy(),
        f"keyed{index}_trust": (gate[0, 0] * 255.0 + 0.5).to("cpu", torch.uint8).numpy(),
    }


def pack_exact(change: Tensor) -> dict[str, NDArray[Any]]:
    """A keyframe's own frame: picture minus blind result, [1, 3, Hc, Wc], at full chroma."""
    return {"exact": _rounded(change)}


def is_exact(parts: Parts) -> bool:
    """Whether this is a keyframe's own frame."""
    return "exact" in parts


def exact_part(parts: Parts, frame: int, guidance: Guidance) -> Tensor:
    """The keyframe's own change times its influence, float32 [1, 3, Hc, Wc]."""
    change = torch.from_numpy(parts["exact"])[None].float() * (guidance.of(frame) / STEPS)
    matte = guidance.mattes.get(frame)
    if matte is None:
        return change
    return change * pad_to_cells(torch.from_numpy(matte)[None, None])


def mix(
    parts: Parts, keyframes: Sequence[int], guidance: Guidance
) -> tuple[Planes, NDArray[np.float32] | None]:
    """Blind plus influence-weighted keyed residuals, and the trust per cell (None without keyframes)."""
    luma = torch.from_numpy(parts["blind_luma"])[None].float() / STEPS
    chroma = torch.from_numpy(parts["blind_chroma"])[None].float() / STEPS
    trust: Tensor | None = None
    for index, keyframe in enumerate(keyframes):
        if f"keyed{index}_luma" not in parts:
            continue
        weight = guidance.of(keyframe) / STEPS
        more_luma = torch.from_numpy(parts[f"keyed{index}_luma"])[None].float()
        more_chroma = torch.from_numpy(parts[f"keyed{index}_chroma"])[None].float()
        said = torch.from_numpy(parts[f"keyed{index}_trust"]).float() / 255.0
        matte = guidance.mattes.get(keyframe)
        if matte is not None:
            spoken = _brought_matte(matte, torch.from_numpy(parts[f"keyed{index}_flow"]).float()[None])
            half = halved(spoken)
            more_luma, more_chroma = more_luma * spoken, more_chroma * half
            said = said * F.avg_pool2d(spoken, CELL)[0, 0]
        luma = luma.add_(more_luma, alpha=weight)
        chroma = chroma.add_(more_chroma, alpha=weight)
        trust = said if trust is None else trust + said
    if is_exact(parts):
        trust = _own_trust(guidance.mattes.get(keyframes[0]), luma)
    return Planes(luma, chroma), None if trust is None else trust.clamp(0, 1).numpy()


def _own_trust(matte: NDArray[np.float32] | None, luma: Tensor) -> Tensor:
    """A keyframe on its own frame: trusted fully where it may speak, per cell."""
    if matte is None:
        return torch.ones(luma.shape[-2] // CELL, luma.shape[-1] // CELL)
    return F.avg_pool2d(pad_to_cells(torch.from_numpy(matte)[None, None]), CELL)[0, 0]


def _brought_matte(matte: NDArray[np.float32], flow: Tensor) -> Tensor:
    """A matte of the keyframe's frame warped onto the target, float32 [1, 1, Hc, Wc]."""
    return warp(pad_to_cells(torch.from_numpy(matte)[None, None]), grow_flow(flow, 2)).clamp_(0, 1)


def _rounded(values: Tensor) -> NDArray[np.int16]:
    return (values[0].float() * STEPS).round_().clamp_(-32768, 32767).to("cpu", torch.int16).numpy()
