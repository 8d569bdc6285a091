"""A prediction's parts as stored arrays, and their mix under a guidance.

Residuals are kept as int16 in steps of 1/4096: an eighth of the step of a 9-bit picture, half the
size of floats, and much better to compress. Fresh results go through the same rounding, so that a
stored prediction decodes to the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.base import Guidance
from sparkvsr_engine.models.lite.motion.warping import grow_flow, warp
from sparkvsr_engine.models.lite.pixels.filters import halved
from sparkvsr_engine.models.lite.pixels.planes import CELL, Planes, pad_to_cells
from sparkvsr_engine.models.source_bound import SourceRange

STEPS = 4096.0
# Keyframes are within 0..1; an eighth bit more of a code would be a twentieth of light.
_EXTREME_STEPS = 65535.0
Parts = Mapping[str, NDArray[Any]]
Share = float | Tensor


def pack_blind(blind: Planes) -> dict[str, NDArray[Any]]:
    """The blind residual."""
    return {"blind_luma": _rounded(blind.luma), "blind_chroma": _rounded(blind.chroma)}


def pack_keyed(index: int, change: Planes, flow: Tensor, gate: Tensor) -> dict[str, NDArray[Any]]:
    """What the index-th keyframe of the window changes; its flow (for mattes) and its trust per cell
    [1, 1, h, w].

    Args:
        index: of the keyframe in the window.
        change: its change of luma and chroma.
        flow: from the frame to the keyframe.
        gate: trust [1, 1, h, w].
    """
    return {
        f"keyed{index}_luma": _rounded(change.luma),
        f"keyed{index}_chroma": _rounded(change.chroma),
        f"keyed{index}_flow": flow[0].to("cpu", torch.float16).numpy(),
        f"keyed{index}_trust": (gate[0, 0] * 255.0 + 0.5).to("cpu", torch.uint8).numpy(),
    }


def pack_exact(index: int, change: Tensor) -> dict[str, NDArray[Any]]:
    """A keyframe's own frame, or one that shows the same source picture: what the index-th keyframe changes
    there against the blind result, [1, 3, Hc, Wc], at full chroma.
    """
    return {f"exact{index}": _rounded(change)}


def pack_painted(index: int, change: Tensor) -> dict[str, NDArray[Any]]:
    """What is painted on the index-th keyframe, against the result under all keyframes, [1, 3, Hc, Wc].

    Args:
        index: of the keyframe in the window.
        change: 0 where nothing is painted.
    """
    return {f"painted{index}": _rounded(change)}


def pack_extremes(index: int, extremes: SourceRange) -> dict[str, NDArray[Any]]:
    """Extremes of the index-th keyframe's cells on the frame, [3, h, w] each, rounded outwards."""
    low = (extremes.low * _EXTREME_STEPS).floor_()
    high = (extremes.high * _EXTREME_STEPS).ceil_()
    codes = torch.stack([low, high]).clamp_(0, _EXTREME_STEPS)
    return {f"keyed{index}_extremes": codes.numpy().astype(np.uint16)}


def joint_extremes(
    parts: Parts, shares: Mapping[int, Share], source: SourceRange, worked_on: Geometry
) -> SourceRange:
    """Extremes of the source and of every keyframe that counts, on the source's grid.

    Args:
        parts: the parts of a prediction.
        shares: how far each keyframe counts, by its place in the window (`Mixture.shares`).
        source: extremes of the source.
        worked_on: the size whose canvas the parts' cells cover.
    """
    rows, columns = source.low.shape[-2:]
    down, across = _cells_at(rows, worked_on.height), _cells_at(columns, worked_on.width)
    joint = source
    for index, share in shares.items():
        packed = torch.from_numpy(parts[f"keyed{index}_extremes"].astype(np.float32))
        low, high = (packed[:, :, down][..., across] / _EXTREME_STEPS).unbind(0)
        on_cells = _resampled(share, packed.shape[-2:])
        influence = on_cells[down][:, across] if isinstance(on_cells, Tensor) else on_cells
        joint = joint.with_keyframe(SourceRange(low, high), influence)
    return joint


def _cells_at(source_size: int, size: int) -> Tensor:
    """The cell each source pixel of a side lies in: the canvas begins where the picture does."""
    return ((torch.arange(source_size) + 0.5) * (size / source_size / CELL)).long()


def is_exact(parts: Parts) -> bool:
    """Whether this is a keyframe's own frame, or shows the same source picture."""
    return any(name.startswith("exact") for name in parts)


def exact_part(parts: Parts, keyframes: Sequence[int], guidance: Guidance) -> Tensor | float:
    """The keyframes' own changes times their influences, float32 [1, 3, Hc, Wc]; 0 where there are none.

    Args:
        parts: the parts of a prediction.
        keyframes: frames of the keyframes.
        guidance: how far keyframes count, in all and one by one.
    """
    total: Tensor | None = None
    for index, keyframe in enumerate(keyframes):
        if f"exact{index}" not in parts:
            continue
        # Integers times a number are float32, in one pass.
        change = torch.from_numpy(parts[f"exact{index}"])[None] * (guidance.of(keyframe) / STEPS)
        matte = guidance.mattes.get(keyframe)
        if matte is not None:
            change *= _canvas(matte)
        total = change if total is None else total.add_(change)
    return 0.0 if total is None else total


def own_part(parts: Parts, keyframes: Sequence[int], guidance: Guidance) -> Tensor | float:
    """What of keyframes' own pixels goes past the network: all of them on their own frames, elsewhere what is
    painted on them. float32 [1, 3, Hc, Wc]; 0 for nothing.

    Args:
        parts: the parts of a prediction.
        keyframes: frames of the keyframes.
        guidance: how far keyframes count, in all and one by one.
    """
    return exact_part(parts, keyframes, guidance) + painted_part(parts, keyframes, guidance)


def painted_part(parts: Parts, keyframes: Sequence[int], guidance: Guidance) -> Tensor | float:
    """What is painted on keyframes times their influences, float32 [1, 3, Hc, Wc]; 0 where nothing is.

    Args:
        parts: the parts of a prediction.
        keyframes: frames of the keyframes.
        guidance: how far keyframes count, in all and one by one.
    """
    total: Tensor | float = 0.0
    for index, keyframe in enumerate(keyframes):
        if f"painted{index}" not in parts:
            continue
        # What is laid over a picture covers it once: guidance above 1 sharpens detail, not opacity.
        influence = min(1.0, guidance.of(keyframe))
        change = torch.from_numpy(parts[f"painted{index}"])[None] * (influence / STEPS)
        matte = guidance.mattes.get(keyframe)
        if matte is not None:
            change *= _brought_matte(matte, torch.from_numpy(parts[f"keyed{index}_flow"]).float()[None])
        total = total + change
    return total


@dataclass(frozen=True, eq=False)
class Mixture:
    """A prediction under a guidance.

    residual: blind part plus keyed parts. trust: per cell [h, w], None without keyframes.
    shares: influence of each keyframe that has any, by its place in the window: a number, or per cell [h, w]
    under a matte.
    """

    residual: Planes
    trust: NDArray[np.float32] | None
    shares: Mapping[int, Share]


def mix(parts: Parts, keyframes: Sequence[int], guidance: Guidance) -> Mixture:
    """Blind plus influence-weighted keyed residuals.

    Args:
        parts: the parts of a prediction.
        keyframes: frames of the keyframes.
        guidance: how far keyframes count, in all and one by one.
    """
    luma = torch.from_numpy(parts["blind_luma"])[None].float() / STEPS
    chroma = torch.from_numpy(parts["blind_chroma"])[None].float() / STEPS
    trust: Tensor | None = None
    shares: dict[int, Share] = {}
    for index, keyframe in enumerate(keyframes):
        influence, matte = guidance.of(keyframe), guidance.mattes.get(keyframe)
        if f"exact{index}" in parts:
            shares[index] = influence if matte is None else influence * _on_cells(_canvas(matte))
        if f"keyed{index}_luma" not in parts:
            continue
        weight = influence / STEPS
        more_luma = torch.from_numpy(parts[f"keyed{index}_luma"])[None].float()
        more_chroma = torch.from_numpy(parts[f"keyed{index}_chroma"])[None].float()
        keyed_trust = torch.from_numpy(parts[f"keyed{index}_trust"]).float() / 255.0
        shares[index] = influence
        if matte is not None:
            brought = _brought_matte(matte, torch.from_numpy(parts[f"keyed{index}_flow"]).float()[None])
            half = halved(brought)
            more_luma, more_chroma = more_luma * brought, more_chroma * half
            keyed_trust = keyed_trust * _on_cells(brought)
            shares[index] = influence * _on_cells(brought)
        luma = luma.add_(more_luma, alpha=weight)
        chroma = chroma.add_(more_chroma, alpha=weight)
        trust = keyed_trust if trust is None else trust + keyed_trust
    if is_exact(parts):
        mattes = [guidance.mattes.get(k) for i, k in enumerate(keyframes) if f"exact{i}" in parts]
        trust = _own_trust(mattes[0], luma)
    counting = {index: share for index, share in shares.items() if guidance.of(keyframes[index])}
    return Mixture(Planes(luma, chroma), None if trust is None else trust.clamp(0, 1).numpy(), counting)


def _resampled(share: Share, size: Sequence[int]) -> Share:
    if not isinstance(share, Tensor):
        return share
    return F.interpolate(share[None, None], tuple(size), mode="area")[0, 0]


def _canvas(matte: NDArray[np.float32]) -> Tensor:
    return pad_to_cells(torch.from_numpy(matte)[None, None])


def _on_cells(plane: Tensor) -> Tensor:
    """[1, 1, Hc, Wc] to the mean of each cell [h, w]."""
    return F.avg_pool2d(plane, CELL)[0, 0]


def _own_trust(matte: NDArray[np.float32] | None, luma: Tensor) -> Tensor:
    """A keyframe on its own frame: trusted fully where it may count, per cell."""
    if matte is None:
        return torch.ones(luma.shape[-2] // CELL, luma.shape[-1] // CELL)
    return _on_cells(_canvas(matte))


def _brought_matte(matte: NDArray[np.float32], flow: Tensor) -> Tensor:
    """A matte of the keyframe's frame warped onto the target, float32 [1, 1, Hc, Wc]."""
    return warp(_canvas(matte), grow_flow(flow, 2)).clamp_(0, 1)


def _rounded(values: Tensor) -> NDArray[np.int16]:
    steps = (values[0].float() * STEPS).round_().clamp_(-32768, 32767).to("cpu", torch.int16)
    # As they are read back: laid out otherwise they take other kernels, and on Windows other last bits.
    return steps.contiguous().numpy()
