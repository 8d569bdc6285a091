"""The causal VAE of CogVideoX, streamed exactly and in bounded memory.

It runs the modules of diffusers' `AutoencoderKLCogVideoX`, nine frames and then eight at a time (three
latents, then two), as the stock class does; equal to one stock call up to rounding. What differs is
memory: caches hold two frames per convolution and are replaced in place, 1x1 convolutions keep none,
normalised frames exist one strip of rows at a time (which also keeps every convolution below the 32-bit
limit that breaks the stock class at 1088x1920), and duplicated frames are convolved once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sparkvsr_engine.models.cogvideox.networks.activations import (
    Affine,
    activate,
    compiled_modulation,
    modulate,
    normalisation,
)
from sparkvsr_engine.models.cogvideox.networks.convolution import CONVOLUTIONS, ConvolutionPath

if TYPE_CHECKING:
    from torch import Tensor

FRAMES_PER_STEP = 8
LATENTS_PER_STEP = 2


def frame_steps(frames: int) -> list[int]:
    """How many frames each encoder step takes: 9, 8, 8, ... for 8n + 1 frames, 8, 8, ... for 8n."""
    return _steps(frames, FRAMES_PER_STEP)


def latent_steps(latents: int) -> list[int]:
    """How many latents each decoder step takes: 3, 2, 2, ... for an odd number, 2, 2, ... for an even one."""
    return _steps(latents, LATENTS_PER_STEP)


def _steps(count: int, step: int) -> list[int]:
    """The first step takes the rest too; other rests than one would lose frames and are refused."""
    remainder = count % step
    if count < 1 or remainder > 1:
        raise ValueError(f"{count} is neither a multiple of {step} nor one more")
    return [count] if count < step else [step + remainder, *[step] * (count // step - 1)]


@dataclass(frozen=True)
class VaeLayout:
    """How the VAE runs on a device; changes speed and memory, results only by rounding.

    strip_bytes: the largest convolution input that is made at once.
    is_compiled: let torch.compile make one kernel of the multiply-add and the activation.
    """

    path: ConvolutionPath = ConvolutionPath.DIRECT
    strip_bytes: int = 512 * 2**20
    channels_last: bool = False
    is_compiled: bool = False


@dataclass(eq=False)
class _Pass:
    """One clip on its way through: what each convolution must remember of the step before."""

    caches: dict[int, Tensor] = field(default_factory=dict)
    is_last: bool = False


class StreamingVae:
    """Encodes and decodes clips step by step over the modules of a diffusers `AutoencoderKLCogVideoX`."""

    def __init__(self, vae: Any, layout: VaeLayout | None = None) -> None:
        import torch

        self.module = vae
        self.layout = layout or VaeLayout()
        self._convolve = CONVOLUTIONS[self.layout.path]
        self._modulate = compiled_modulation() if self.layout.is_compiled else modulate
        if self.layout.channels_last:
            for module in vae.modules():
                if isinstance(module, torch.nn.Conv3d):
                    order = torch.channels_last_3d
                    module.weight.data = module.weight.data.contiguous(memory_format=order)

    def encode(self, steps: Iterable[Tensor]) -> Iterator[Tensor]:
        """The posterior's mode [1, 16, t, H / 8, W / 8], unscaled, per step of frames [1, 3, T, H, W]."""
        state = _Pass()
        for step, state.is_last in _marking_last(steps):
            latents = self._encoder(self.module.encoder, step, state)
            yield latents.chunk(2, dim=1)[0]

    def decode(self, steps: Iterable[Tensor]) -> Iterator[Tensor]:
        """Frames [1, 3, T, H, W], nominally -1..1, for each step of unscaled latents [1, 16, t, h, w]."""
        state = _Pass()
        for step, state.is_last in _marking_last(steps):
            yield self._decoder(self.module.decoder, step, state)

    def _encoder(self, encoder: Any, frames: Tensor, state: _Pass) -> Tensor:
        hidden = self._causal(encoder.conv_in, frames, None, state)
        for block in encoder.down_blocks:
            for resnet in block.resnets:
                hidden = self._resnet(resnet, hidden, None, state)
            for downsampler in block.downsamplers or ():
                hidden = self._downsample(downsampler, hidden)
        for resnet in encoder.mid_block.resnets:
            hidden = self._resnet(resnet, hidden, None, state)
        return self._causal(encoder.conv_out, hidden, normalisation(encoder.norm_out, hidden, None), state)

    def _decoder(self, decoder: Any, latents: Tensor, state: _Pass) -> Tensor:
        hidden = self._causal(decoder.conv_in, latents, None, state)
        for resnet in decoder.mid_block.resnets:
            hidden = self._resnet(resnet, hidden, latents, state)
        for block in decoder.up_blocks:
            for resnet in block.resnets:
                hidden = self._resnet(resnet, hidden, latents, state)
            for upsampler in block.upsamplers or ():
                hidden = self._upsample(upsampler, hidden)
        affine = normalisation(decoder.norm_out, hidden, latents)
        return self._causal(decoder.conv_out, hidden, affine, state)

    def _resnet(self, block: Any, frames: Tensor, latents: Tensor | None, state: _Pass) -> Tensor:
        hidden = self._causal(block.conv1, frames, normalisation(block.norm1, frames, latents), state)
        hidden = self._causal(block.conv2, hidden, normalisation(block.norm2, hidden, latents), state)
        if block.in_channels == block.out_channels:
            return hidden.add_(frames)
        for index in range(frames.shape[2]):
            hidden[:, :, index].add_(_pointwise_frame(block.conv_shortcut, frames[:, :, index]))
        return hidden

    def _causal(self, conv: Any, frames: Tensor, affine: Affine | None, state: _Pass) -> Tensor:
        """A causal 3x3x3 convolution of normalised, activated frames, strip by strip.

        The two frames before the step come from the cache (the first frame twice, at the clip's start),
        which is brought up to date row by row behind the strips.
        """
        height = frames.shape[3]
        rows = self._rows_per_strip(frames)
        cache = state.caches.get(id(conv))
        last_frames = None if state.is_last else self._kept_frames(frames)
        result, above = None, None
        for first in range(0, height, rows):
            stop = min(first + rows, height)
            top, bottom = max(first - 1, 0), min(stop + 1, height)
            strip = self._padded_strip(frames[:, :, :, top:bottom], affine, (top, bottom, height))
            self._fill_past(strip, None if cache is None else cache[:, :, :, top:bottom], above)
            if cache is not None:
                above = cache[:, :, :, stop - 1].clone()
            if last_frames is not None:
                (last_frames if cache is None else cache)[:, :, :, first:stop] = strip[
                    :, :, -2:, first - top : stop - top
                ]
            convolved = self._convolve(strip, conv.conv.weight, conv.conv.bias)
            if rows >= height:
                result = convolved
                break
            if result is None:
                result = self._empty(frames, convolved.shape[1], frames.shape[2], height, frames.shape[4])
            result[:, :, :, first:stop] = convolved[:, :, :, first - top : stop - top]
        self._remember(conv, cache, last_frames, state)
        assert result is not None
        return result

    def _remember(self, conv: Any, cache: Tensor | None, last_frames: Tensor | None, state: _Pass) -> None:
        if state.is_last:
            state.caches.pop(id(conv), None)
        elif cache is None and last_frames is not None:
            state.caches[id(conv)] = last_frames

    def _kept_frames(self, frames: Tensor) -> Tensor:
        return self._empty(frames, frames.shape[1], 2, frames.shape[3], frames.shape[4])

    def _padded_strip(self, frames: Tensor, affine: Affine | None, rows: tuple[int, int, int]) -> Tensor:
        """Room for two past frames, then the activated rows."""
        _, channels, count, height, width = frames.shape
        strip = self._empty(frames, channels, count + 2, height, width)
        if affine is None:
            strip[:, :, 2:] = frames
        else:
            activate(frames, affine, rows, strip[:, :, 2:], self._modulate)
        return strip

    @staticmethod
    def _fill_past(strip: Tensor, cache: Tensor | None, above: Tensor | None) -> None:
        """Put the past in front; `above` is the row over the strip as it was before."""
        if cache is None:
            strip[:, :, :2] = strip[:, :, 2:3]
            return
        strip[:, :, :2] = cache
        if above is not None:
            strip[:, :, :2, 0] = above

    def _downsample(self, downsampler: Any, frames: Tensor) -> Tensor:
        """Pairs of frames averaged where the block compresses time, then a strided 2-D convolution each."""
        import torch.nn.functional as F

        if downsampler.compress_time and frames.shape[2] > 1:
            frames = self._averaged_pairs(frames)
        conv = downsampler.conv
        channels, count, height, width = frames.shape[1:]
        result = self._empty(frames, channels, count, height // 2, width // 2)
        for index in range(count):
            padded = F.pad(frames[:, :, index], (0, 1, 0, 1))
            result[:, :, index] = F.conv2d(padded, conv.weight, conv.bias, stride=2)
        return result

    def _averaged_pairs(self, frames: Tensor) -> Tensor:
        import torch

        odd = frames.shape[2] % 2
        count = odd + frames.shape[2] // 2
        result = self._empty(frames, frames.shape[1], count, frames.shape[3], frames.shape[4])
        result[:, :, :odd] = frames[:, :, :odd]
        torch.add(frames[:, :, odd::2], frames[:, :, odd + 1 :: 2], out=result[:, :, odd:])
        result[:, :, odd:] *= 0.5
        return result

    def _upsample(self, upsampler: Any, frames: Tensor) -> Tensor:
        """Nearest doubling and a 2-D convolution; where time doubles too, both twins get the same result."""
        import torch.nn.functional as F

        channels, count, height, width = frames.shape[1:]
        odd = count % 2
        doubles = upsampler.compress_time and count > 1
        total = odd + 2 * (count - odd) if doubles else count
        result = self._empty(frames, channels, total, 2 * height, 2 * width)
        for index in range(count):
            large = F.interpolate(frames[:, :, index], scale_factor=2.0)
            convolved = F.conv2d(large, upsampler.conv.weight, upsampler.conv.bias, padding=1)
            first = odd + 2 * (index - odd) if doubles and index >= odd else index
            twins = 2 if doubles and index >= odd else 1
            result[:, :, first : first + twins] = convolved.unsqueeze(2)
        return result

    def _rows_per_strip(self, frames: Tensor) -> int:
        _, channels, count, height, width = frames.shape
        row_bytes = channels * (count + 2) * width * frames.element_size()
        return min(height, max(8, self.layout.strip_bytes // row_bytes))

    def _empty(self, like: Tensor, channels: int, count: int, height: int, width: int) -> Tensor:
        import torch

        order = torch.channels_last_3d if self.layout.channels_last else torch.contiguous_format
        return torch.empty(
            (1, channels, count, height, width), dtype=like.dtype, device=like.device, memory_format=order
        )


def _pointwise_frame(conv: Any, frame: Tensor) -> Tensor:
    """A 1x1x1 convolution of one frame [1, C, H, W]."""
    import torch.nn.functional as F

    return F.conv2d(frame, conv.weight[:, :, 0], conv.bias)


def _marking_last(steps: Iterable[Tensor]) -> Iterator[tuple[Tensor, bool]]:
    """Each step with whether it is the last."""
    iterator = iter(steps)
    step = next(iterator, None)
    while step is not None:
        following = next(iterator, None)
        yield step, following is None
        step = following
