"""Causal 3-D convolution in the three ways that pay: torch's own, cuDNN called directly, folded into 2-D.

All three give the same numbers up to rounding. Not here: activations, caches and strips (`streaming_vae`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, device, dtype


class ConvolutionPath(Enum):
    """How a 3x3x3 convolution is computed.

    DIRECT: `torch.nn.functional.conv3d`.
    CUDNN: the cuDNN operator itself. torch 2.9 stopped sending half-precision 3-D convolutions to some
        cuDNN releases and unfolds them into a matrix instead, at three times the memory.
    FOLDED: one 2-D convolution over three frames' channels, for CPUs: torch has no blocked 3-D kernel
        for few channels there (64x96, 33 frames, 16..32 channels: 2.4 s direct, 1.1 s folded).
    """

    DIRECT = "direct"
    CUDNN = "cudnn"
    FOLDED = "folded"


Convolution = Callable[["Tensor", "Tensor", "Tensor | None"], "Tensor"]
"""(frames [1, C, T + 2, H, W], weight [O, C, 3, 3, 3], bias) -> [1, O, T, H, W]; zero padding in H and W."""

# Above this many channels the CPU's direct kernel is as fast as the folded one (128 channels: 315 ms
# direct, 416 ms folded).
FOLDED_CHANNEL_LIMIT = 64


def direct(frames: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """torch's own 3-D convolution.

    Args:
        frames: [1, C, T, H, W].
        weight: weights [out, in, 3, 3, 3].
        bias: bias [out], None for none.
    """
    import torch.nn.functional as F

    return F.conv3d(frames, weight, bias, padding=(0, 1, 1))


def through_cudnn(frames: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """The cuDNN operator, whatever torch's dispatcher thinks of this release.

    Args:
        frames: [1, C, T, H, W].
        weight: weights [out, in, 3, 3, 3].
        bias: bias [out], None for none.
    """
    import torch

    # Positional: padding, stride, dilation, groups, benchmark, deterministic, allow_tf32.
    result = torch.cudnn_convolution(frames, weight, (0, 1, 1), (1, 1, 1), (1, 1, 1), 1, False, True, False)
    return result if bias is None else result.add_(bias.view(1, -1, 1, 1, 1))


def folded(frames: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """One 2-D convolution whose input channels are three frames; the frame axis becomes the batch.

    Args:
        frames: [1, C, T, H, W].
        weight: weights [out, in, 3, 3, 3].
        bias: bias [out], None for none.
    """
    import torch.nn.functional as F

    if frames.shape[1] > FOLDED_CHANNEL_LIMIT or frames.shape[0] != 1:
        return direct(frames, weight, bias)
    windows = frames.unfold(2, 3, 1).permute(0, 2, 1, 5, 3, 4).flatten(2, 3).flatten(0, 1)
    result = F.conv2d(windows, weight.flatten(1, 2), bias, padding=1)
    return result.unsqueeze(0).transpose(1, 2)


CONVOLUTIONS: dict[ConvolutionPath, Convolution] = {
    ConvolutionPath.DIRECT: direct,
    ConvolutionPath.CUDNN: through_cudnn,
    ConvolutionPath.FOLDED: folded,
}


def choose_path(device: device, dtype: dtype) -> ConvolutionPath:
    """The path for this device: folded on CPUs; on CUDA the direct one unless it wastes memory there."""
    if device.type == "cpu":
        return ConvolutionPath.FOLDED
    if device.type != "cuda":
        return ConvolutionPath.DIRECT
    return _choose_on_cuda(device, dtype)


@functools.cache
def _choose_on_cuda(device: device, dtype: dtype) -> ConvolutionPath:
    """Measure, once per device and precision, what a small convolution allocates beyond its result.

    A version list would be wrong for the next release of either library; the memory itself cannot be.
    """
    import torch

    frames = torch.zeros(1, 64, 6, 128, 128, device=device, dtype=dtype)
    frames = frames.contiguous(memory_format=torch.channels_last_3d)
    weight = torch.zeros(64, 64, 3, 3, 3, device=device, dtype=dtype)
    weight = weight.contiguous(memory_format=torch.channels_last_3d)
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    result = direct(frames, weight, None)
    extra = torch.cuda.max_memory_allocated(device) - before - result.nbytes
    # The unfolded matrix holds each input value 27 times; a healthy kernel's workspace stays below twice.
    return ConvolutionPath.CUDNN if extra > 8 * frames.nbytes else ConvolutionPath.DIRECT
