"""The whole degradation: two passes of blur, resize, noise and JPEG, then codec and last resize in any order.

Ranges are those of SparkVSR's training (RealBasicVSR's, see docs). Everything is drawn once and applied to
all frames alike, except the noise itself, which is fresh on every frame as a sensor's is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.training.degradation.codecs import CODECS, through_codec
from sparkvsr_engine.training.degradation.kernels import KernelRanges, draw_kernel, sinc_kernel

Frames = list[BytePicture]
Step = Callable[[Sequence[BytePicture]], Frames]

_RESIZES = (cv2.INTER_LINEAR, cv2.INTER_AREA, cv2.INTER_CUBIC)


@dataclass(frozen=True)
class PassRanges:
    """One pass. up, down: shares of enlarging and reducing. noise: standard deviation of 0..255."""

    kernel: KernelRanges
    blur_share: float
    up: float
    down: float
    resize: tuple[float, float]
    noise: tuple[float, float]
    poisson: tuple[float, float]
    quality: tuple[float, float] = (30.0, 95.0)


FIRST = PassRanges(KernelRanges((0.2, 3.0)), 1.0, 0.2, 0.7, (0.15, 1.5), (1.0, 30.0), (0.05, 3.0))
SECOND = PassRanges(KernelRanges((0.2, 1.5)), 0.8, 0.3, 0.4, (0.3, 1.2), (1.0, 25.0), (0.05, 2.5))
GREY_NOISE_SHARE = 0.4
FINAL_SINC_SHARE = 0.8
# 1e4..1e5 bit/s on 160x80 frames at 25 per second, the published range, in bits per pixel.
CODEC_BITS = (0.03, 0.3)


def clean(frames: Sequence[BytePicture], width: int, height: int) -> Frames:
    """Antialiased bicubic reduction (a = -0.5), the field's clean benchmark.

    Args:
        frames: frames of one clip, uint8 [H, W, 3].
        width: in pixels.
        height: in pixels.
    """
    from PIL import Image

    size = (width, height)
    if frames[0].shape[:2] == (height, width):
        return list(frames)
    return [np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BICUBIC)) for frame in frames]


def degrade(
    frames: Sequence[BytePicture], width: int, height: int, rng: np.random.Generator, strength: float = 1.0
) -> Frames:
    """Degrade frames of one clip, uint8 [H, W, 3] each, and reduce them to width x height.

    Args:
        frames: frames of one clip, uint8 [H, W, 3].
        width: in pixels.
        height: in pixels.
        rng: draws everything that is drawn.
        strength: 0..1 shortens every range towards its harmless end, so that mild footage is trained on too.
    """
    steps = [*_pass_steps(FIRST, rng, strength), *_pass_steps(SECOND, rng, strength)]
    tail = [_codec_step(rng, strength), _final_resize(width, height, rng)]
    if rng.random() < 0.5:
        tail.reverse()
    degraded = list(frames)
    for step in (*steps, *tail):
        degraded = step(degraded)
    return degraded


def _pass_steps(ranges: PassRanges, rng: np.random.Generator, strength: float) -> list[Step]:
    steps: list[Step] = []
    if rng.random() < ranges.blur_share:
        sigma = ranges.kernel.sigma
        kernel = draw_kernel(KernelRanges((sigma[0], sigma[0] + (sigma[1] - sigma[0]) * strength)), rng)
        steps.append(lambda frames: [_filtered(frame, kernel) for frame in frames])
    steps.append(_resize_step(_draw_ratio(ranges, rng, strength), int(rng.choice(_RESIZES))))
    steps.append(_noise_step(ranges, rng, strength))
    quality = ranges.quality
    lowest = quality[1] - (quality[1] - quality[0]) * strength
    steps.append(_jpeg_step(int(rng.uniform(lowest, quality[1]))))
    return steps


def _draw_ratio(ranges: PassRanges, rng: np.random.Generator, strength: float) -> float:
    kind = rng.random()
    if kind < ranges.up:
        return float(rng.uniform(1.0, 1 + (ranges.resize[1] - 1) * strength))
    if kind < ranges.up + ranges.down:
        return float(rng.uniform(1 - (1 - ranges.resize[0]) * strength, 1.0))
    return 1.0


def _resize_step(ratio: float, how: int) -> Step:
    def step(frames: Sequence[BytePicture]) -> Frames:
        height, width = frames[0].shape[:2]
        size = (max(16, round(width * ratio)), max(16, round(height * ratio)))
        return [np.asarray(cv2.resize(frame, size, interpolation=how), np.uint8) for frame in frames]

    return step


def _noise_step(ranges: PassRanges, rng: np.random.Generator, strength: float) -> Step:
    is_grey, is_gaussian = rng.random() < GREY_NOISE_SHARE, rng.random() < 0.5
    low, high = ranges.noise if is_gaussian else ranges.poisson
    amount = float(rng.uniform(low, low + (high - low) * strength))
    seed = int(rng.integers(1 << 62))

    def step(frames: Sequence[BytePicture]) -> Frames:
        fresh = np.random.default_rng(seed)
        return [_noisy(frame, amount, is_gaussian, is_grey, fresh) for frame in frames]

    return step


def _noisy(
    frame: BytePicture, amount: float, is_gaussian: bool, is_grey: bool, rng: np.random.Generator
) -> BytePicture:
    """Gaussian of deviation `amount`, or shot noise of `amount` times the variance of photon counts."""
    channels = 1 if is_grey else 3
    noise = rng.standard_normal((*frame.shape[:2], channels), np.float32)
    if is_gaussian:
        noise *= amount
    else:
        signal = frame.mean(2, keepdims=True) if is_grey else frame
        # Poisson at 2^8 photons per full scale, its normal limit: variance = signal * 255 / 256.
        noise *= amount * np.sqrt(np.maximum(signal, 0.0) * (255.0 / 256.0))
    return np.clip(frame + noise + 0.5, 0, 255).astype(np.uint8)


def _jpeg_step(quality: int) -> Step:
    def step(frames: Sequence[BytePicture]) -> Frames:
        return [_through_jpeg(frame, quality) for frame in frames]

    return step


def _filtered(frame: BytePicture, kernel: NDArray[np.float32]) -> BytePicture:
    return np.asarray(cv2.filter2D(frame, -1, kernel, borderType=cv2.BORDER_REFLECT), np.uint8)


def _through_jpeg(frame: BytePicture, quality: int) -> BytePicture:
    _, coded = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.ascontiguousarray(decoded[..., ::-1], np.uint8)


def _codec_step(rng: np.random.Generator, strength: float) -> Step:
    codec = str(rng.choice(CODECS))
    low, high = np.log(CODEC_BITS[0]), np.log(CODEC_BITS[1])
    bits = float(np.exp(rng.uniform(high - (high - low) * strength, high + (1 - strength) * 2)))
    return lambda frames: through_codec(frames, codec, bits)


def _final_resize(width: int, height: int, rng: np.random.Generator) -> Step:
    how = int(rng.choice(_RESIZES))
    kernel = sinc_kernel(int(rng.choice(np.arange(7, 22, 2))), float(rng.uniform(np.pi / 3, np.pi)))
    is_sinc = rng.random() < FINAL_SINC_SHARE

    def step(frames: Sequence[BytePicture]) -> Frames:
        small = [
            np.asarray(cv2.resize(frame, (width, height), interpolation=how), np.uint8) for frame in frames
        ]
        if not is_sinc:
            return small
        return [_filtered(frame, kernel) for frame in small]

    return step
