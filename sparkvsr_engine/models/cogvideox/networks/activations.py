"""Normalisation and SiLU of the causal VAE, fused and written straight into a convolution's input buffer.

GroupNorm, its spatial modulation and the affine step are one multiply-add per value once the statistics
are known: silu(frames * scale + shift). The modulation commutes with nearest upsampling (both act per
pixel), so it is computed at latent size and spread by broadcasting; nothing of full size is made for it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Affine:
    """What normalisation comes to: float32 scale and shift [1, C, t, h, w], spread over the frames."""

    scale: Tensor
    shift: Tensor


def group_statistics(frames: Tensor, groups: int, eps: float) -> tuple[Tensor, Tensor]:
    """Mean and reciprocal deviation per group, float32 [1, groups], of frames [1, C, T, H, W].

    Args:
        frames: [1, C, T, H, W].
        groups: how many.
        eps: added to the variance.
    """
    import torch

    grouped = frames.unflatten(1, (groups, -1))
    if frames.dtype is torch.float32:
        variance, mean = torch.var_mean(grouped, dim=(2, 3, 4, 5), correction=0)
        return mean, torch.rsqrt(variance + eps)
    # In half precision the values are read as they are and summed in float32; a float32 copy, which
    # a two-pass variance would need, costs more memory traffic than the whole normalisation.
    mean = torch.mean(grouped, dim=(2, 3, 4, 5), dtype=torch.float32)
    norm = torch.linalg.vector_norm(grouped, dim=(2, 3, 4, 5), dtype=torch.float32)
    square = norm * norm / (grouped.numel() // mean.numel())
    return mean, torch.rsqrt((square - mean * mean).clamp_min(0) + eps)


def normalisation(norm: Any, frames: Tensor, latents: Tensor | None) -> Affine:
    """The affine form of a GroupNorm, or of CogVideoX's spatially modulated one.

    Args:
        norm: `torch.nn.GroupNorm` (encoder) or `CogVideoXSpatialNorm3D` (decoder).
        frames: [1, C, T, H, W].
        latents: [1, 16, t, h, w] that modulate, None for a plain GroupNorm.
    """
    group_norm = norm if latents is None else norm.norm_layer
    mean, deviation = group_statistics(frames, group_norm.num_groups, group_norm.eps)
    per_group = frames.shape[1] // group_norm.num_groups
    scale = group_norm.weight.float() * deviation.repeat_interleave(per_group, 1)
    shift = group_norm.bias.float() - mean.repeat_interleave(per_group, 1) * scale
    scale, shift = scale[:, :, None, None, None], shift[:, :, None, None, None]
    if latents is None:
        return Affine(scale, shift)
    weight, offset = (pointwise(part.conv, latents).float() for part in (norm.conv_y, norm.conv_b))
    return Affine(scale * weight, shift * weight + offset)


def pointwise(conv: Any, frames: Tensor) -> Tensor:
    """A 1x1x1 convolution of a small tensor."""
    import torch.nn.functional as F

    return F.conv3d(frames, conv.weight, conv.bias)


Modulation = Callable[["Tensor", "Tensor", "Tensor", "Tensor"], None]
"""(frames, scale, shift, out) -> writes silu(frames * scale + shift) to `out`, shapes broadcastable."""


def modulate(frames: Tensor, scale: Tensor, shift: Tensor, out: Tensor) -> None:
    """The multiply-add, then SiLU in place: two kernels.

    Args:
        frames: [1, C, T, H, W].
        scale: broadcast over frames.
        shift: broadcast over frames.
        out: the result is written here.
    """
    import torch
    import torch.nn.functional as F

    torch.addcmul(shift, frames, scale, out=out)
    F.silu(out, inplace=True)


@functools.cache
def compiled_modulation() -> Modulation:
    """The same as one generated kernel, which reads and writes every value once."""
    import torch
    import torch.nn.functional as F

    def fused(frames: Tensor, scale: Tensor, shift: Tensor, out: Tensor) -> None:
        out.copy_(F.silu(frames * scale + shift))

    return torch.compile(fused, dynamic=True)


def activate(
    frames: Tensor,
    affine: Affine,
    rows: tuple[int, int, int],
    out: Tensor,
    modulation: Modulation = modulate,
) -> None:
    """Write silu(frames * scale + shift) to `out`.

    Args:
        frames: [1, C, T, rows, W].
        affine: scale and shift of the normalisation.
        rows: first row, past-last row and height of the whole frame. The first of an odd number of frames
            belongs to the first latent, as in the stock decoder.
        out: [1, C, T, rows, W].
        modulation: carries out the multiply-add.
    """
    scale, shift = (_rows_of(values, rows) for values in (affine.scale, affine.shift))
    count = frames.shape[2]
    if scale.shape[2] > 1 and count % 2 == 1:
        _spread(frames[:, :, :1], scale[:, :, :1], shift[:, :, :1], out[:, :, :1], modulation)
        _spread(frames[:, :, 1:], scale[:, :, 1:], shift[:, :, 1:], out[:, :, 1:], modulation)
    else:
        _spread(frames, scale, shift, out, modulation)


def _rows_of(values: Tensor, rows: tuple[int, int, int]) -> Tensor:
    import torch

    first, stop, height = rows
    if values.shape[3] == 1:
        return values
    index = torch.arange(first, stop, device=values.device) * values.shape[3] // height
    return values.index_select(3, index)


def _spread(frames: Tensor, scale: Tensor, shift: Tensor, out: Tensor, modulation: Modulation) -> None:
    """Modulate with every latent spread over its frames and columns."""
    times, columns = scale.shape[2], scale.shape[4]
    scale, shift = (values.unsqueeze(3).unsqueeze(6) for values in (scale, shift))
    split_frames, split_out = (
        values.unflatten(4, (columns, -1)).unflatten(2, (times, -1)) for values in (frames, out)
    )
    modulation(split_frames, scale, shift, split_out)
