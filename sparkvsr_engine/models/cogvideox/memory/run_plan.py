"""How the model is run on a device, as plain data: what a plan is and what one costs. No torch here.

The constants were taken from the real configuration on torch's meta device, where every allocation of the
code in this package is counted without being made; `benchmarks/cogvideox.py --dry` counts them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from sparkvsr_engine.core.geometry import padded_side
from sparkvsr_engine.core.grid_windows import GridLayout
from sparkvsr_engine.models.cogvideox.memory.tiling import (
    LATENT_PIXELS,
    TRANSFORMER_OVERLAP_LATENTS,
    VAE_OVERLAP_LATENTS,
    plan_latent_tiles,
)

TOKEN_PIXELS = 16


class Precision(Enum):
    """Numbers of weights and activations; INT8 stores the transformer's weights only."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    INT8 = "int8"

    @property
    def activation_bytes(self) -> int:
        """Bytes of one activation."""
        return 4 if self is Precision.FLOAT32 else 2

    @property
    def weight_bytes(self) -> int:
        """Bytes of one of the transformer's weights."""
        return {Precision.FLOAT32: 4, Precision.BFLOAT16: 2, Precision.INT8: 1}[self]


class Offload(Enum):
    """What stays on the device.

    NONE: transformer and VAE. STAGES: the one that is running. BLOCKS: the VAE, or the transformer's
    blocks as they are reached, the next one copied while one computes.
    """

    NONE = "none"
    STAGES = "stages"
    BLOCKS = "blocks"


@dataclass(frozen=True)
class ModelSize:
    """Parameters and widths that costs are reckoned from; the defaults are the published model's."""

    transformer_parameters: int = 5_571_594_880
    vae_parameters: int = 215_583_907
    blocks: int = 42
    hidden: int = 3072
    vae_channels: int = 128
    text_tokens: int = 226


PUBLISHED_SIZE = ModelSize()
_USUAL_LAYOUT = GridLayout()


@dataclass(frozen=True)
class RunPlan:
    """Everything the memory planner decides.

    vae_tile, transformer_tile: largest tile, (width, height) in output pixels; None is the whole frame.
    strip_bytes: see `VaeLayout`.
    """

    layout: GridLayout = _USUAL_LAYOUT
    precision: Precision = Precision.BFLOAT16
    offload: Offload = Offload.NONE
    vae_tile: tuple[int, int] | None = None
    transformer_tile: tuple[int, int] | None = None
    strip_bytes: int = 256 * 2**20

    @property
    def numerics(self) -> str:
        """What of the plan changes results by more than rounding: part of every cache key."""
        return f"{self.precision.value} vae {self.vae_tile} transformer {self.transformer_tile}"

    def describe(self) -> str:
        """The plan in one line, for progress and logs."""
        tiles = [
            f"{name} {'whole' if tile is None else f'in tiles of {tile[0]}x{tile[1]}'}"
            for name, tile in (("VAE", self.vae_tile), ("transformer", self.transformer_tile))
        ]
        return ", ".join(
            [f"{self.layout.length} frames", self.precision.value, f"offload {self.offload.value}", *tiles]
        )


@dataclass(frozen=True)
class StageBytes:
    """Predicted peak device memory of each stage, in bytes, weights included."""

    encode: int
    predict: int
    decode: int

    @property
    def peak(self) -> int:
        """The largest stage's."""
        return max(self.encode, self.predict, self.decode)


def latent_size(width: int, height: int) -> tuple[int, int]:
    """Latents of a frame, (height, width), padding to multiples of 16 pixels included."""
    return padded_side(height, TOKEN_PIXELS) // LATENT_PIXELS, padded_side(
        width, TOKEN_PIXELS
    ) // LATENT_PIXELS


def largest_tile_pixels(width: int, height: int, tile: tuple[int, int] | None, overlap: int) -> int:
    """Pixels of the largest tile a plan really makes (tiles are evened out).

    Args:
        width: in pixels.
        height: in pixels.
        tile: width and height limits, None for the whole frame.
        overlap: what neighbours share at least.
    """
    plan = plan_latent_tiles(latent_size(width, height), tile, overlap)
    return max(tile.pixels for tile in plan) * LATENT_PIXELS**2


def token_count(pixels: int, frames: int, text_tokens: int) -> int:
    """Tokens of one transformer pass: pairs of latents, 16x16 pixels each, and the prompt's.

    Args:
        pixels: pixels of a frame or tile.
        frames: how many frames.
        text_tokens: of the prompt.
    """
    pairs = -(-((frames - 1) // 4 + 1) // 2)
    return text_tokens + pairs * pixels // TOKEN_PIXELS**2


# Bytes per pixel of a tile and per (base channel x activation byte), 33 frames; the rest is strips.
# Without a cache (9 frames), or with one that is freed as it is read (17), it is less.
_ENCODE_FACTOR, _DECODE_FACTOR = 46.8, 66.2
_STRIPS = 2.95
_SHARE_OF_FRAMES = {1: 0.11, 9: 0.62, 17: 0.92}
# Bytes per token and per (hidden unit x activation byte): residual stream, QKV, rotary copies, MLP.
_TOKEN_FACTOR = 13.2


def predict_bytes(plan: RunPlan, width: int, height: int, model: ModelSize) -> StageBytes:
    """What a window of this size takes on the device at its peak, stage by stage.

    Args:
        plan: how the model runs: tiles, and where weights lie.
        width: in pixels.
        height: in pixels.
        model: sizes of the model's parts.
    """
    vae_pixels = largest_tile_pixels(width, height, plan.vae_tile, VAE_OVERLAP_LATENTS)
    pixels = largest_tile_pixels(width, height, plan.transformer_tile, TRANSFORMER_OVERLAP_LATENTS)
    tokens = token_count(pixels, plan.layout.length, model.text_tokens)
    share = _SHARE_OF_FRAMES.get(plan.layout.length, 1.0)
    per_pixel = model.vae_channels * plan.precision.activation_bytes * share
    strips = min(
        _STRIPS * plan.strip_bytes, 10 * vae_pixels * model.vae_channels * plan.precision.activation_bytes
    )
    transformer, vae = _resident_bytes(plan, model)
    return StageBytes(
        encode=int(vae + _ENCODE_FACTOR * per_pixel * vae_pixels + strips + frames_bytes(width, height)),
        predict=int(transformer + _TOKEN_FACTOR * model.hidden * plan.precision.activation_bytes * tokens),
        decode=int(vae + _DECODE_FACTOR * per_pixel * vae_pixels + strips + frames_bytes(width, height)),
    )


def frames_bytes(width: int, height: int) -> int:
    """Float32 frames of one VAE step that are on their way in or out: nine, four times over."""
    return 9 * 4 * width * height * 3 * 4


def _resident_bytes(plan: RunPlan, model: ModelSize) -> tuple[int, int]:
    """Weights on the device while the transformer and while the VAE run."""
    transformer = model.transformer_parameters * plan.precision.weight_bytes
    vae = model.vae_parameters * plan.precision.activation_bytes
    if plan.offload is Offload.NONE:
        return transformer + vae, transformer + vae
    if plan.offload is Offload.STAGES:
        return transformer, vae
    return 3 * transformer // max(model.blocks, 1), vae


@dataclass(frozen=True)
class Speed:
    """What a device is taken to reach, for choosing between plans, not for promises."""

    flops: float = 300e12
    bytes_per_second: float = 1.5e12
    copy_bytes_per_second: float = 20e9


def estimated_seconds(
    plan: RunPlan, width: int, height: int, model: ModelSize, speed: Speed | None = None
) -> float:
    """A window's time with both passes, from operation counts and copies; for comparing plans.

    Args:
        plan: how the model runs: tiles, and where weights lie.
        width: in pixels.
        height: in pixels.
        model: sizes of the model's parts.
        speed: measured speed of the device, None for a typical one.
    """
    speed = speed or Speed()
    size = latent_size(width, height)
    frames = plan.layout.length
    vae_tiles = plan_latent_tiles(size, plan.vae_tile, VAE_OVERLAP_LATENTS)
    vae_pixels = vae_tiles.computed_share * size[0] * size[1] * LATENT_PIXELS**2 * frames
    tiles = plan_latent_tiles(size, plan.transformer_tile, TRANSFORMER_OVERLAP_LATENTS)
    passes = 2 * sum(pass_flops(tile.pixels * LATENT_PIXELS**2, frames, model) for tile in tiles)
    width_ratio = (model.vae_channels / 128) ** 2
    vae = (
        vae_pixels
        * width_ratio
        * (VAE_FLOPS_PER_PIXEL / speed.flops + VAE_TRAFFIC_PER_PIXEL / speed.bytes_per_second)
    )
    return vae + passes / speed.flops + _copied_bytes(plan, model, len(tiles)) / speed.copy_bytes_per_second


VAE_FLOPS_PER_PIXEL = 27.5e6
VAE_TRAFFIC_PER_PIXEL = 40e3


def pass_flops(pixels: int, frames: int, model: ModelSize) -> float:
    """Operations of one transformer pass over a tile: linear layers, then attention.

    Args:
        pixels: pixels of a frame or tile.
        frames: how many frames.
        model: sizes of the model's parts.
    """
    tokens = token_count(pixels, frames, model.text_tokens)
    return 2.0 * model.transformer_parameters * 0.85 * tokens + 4.0 * model.blocks * model.hidden * tokens**2


def _copied_bytes(plan: RunPlan, model: ModelSize, tiles: int) -> int:
    """Weights copied to the device per window; streamed blocks hide behind computation but for a part."""
    weights = model.transformer_parameters * plan.precision.weight_bytes
    if plan.offload is Offload.NONE:
        return 0
    return weights if plan.offload is Offload.STAGES else weights * 2 * tiles // 2


def tile_limits(
    width: int, height: int, overlap_latents: int, smallest: int = 256
) -> Iterator[tuple[int, int] | None]:
    """Tile sizes to try, large to small: the whole frame, then cut along its longer side again.

    Args:
        width: in pixels.
        height: in pixels.
        overlap_latents: what neighbouring tiles share, latents.
        smallest: side of the smallest tile, pixels.
    """
    yield None
    overlap = overlap_latents * LATENT_PIXELS
    rows, columns = 1, 1
    while True:
        rows, columns = (rows, columns + 1) if width / columns >= height / rows else (rows + 1, columns)
        tile = tuple(
            padded_side(-(-(side + (count - 1) * overlap) // count), TOKEN_PIXELS)
            for side, count in ((width, columns), (height, rows))
        )
        if min(tile) < smallest or max(tile) <= overlap:
            return
        yield (tile[0], tile[1])


def with_smaller_vae_tile(plan: RunPlan, width: int, height: int) -> RunPlan | None:
    """The plan with the next smaller VAE tile, None when there is none.

    Args:
        plan: how the model runs: tiles, and where weights lie.
        width: in pixels.
        height: in pixels.
    """
    tile = _next_tile(tile_limits(width, height, VAE_OVERLAP_LATENTS), plan.vae_tile)
    return None if tile is None else replace(plan, vae_tile=tile)


def with_smaller_transformer_tile(plan: RunPlan, width: int, height: int) -> RunPlan | None:
    """The plan with the next smaller transformer tile, None when there is none.

    Args:
        plan: how the model runs: tiles, and where weights lie.
        width: in pixels.
        height: in pixels.
    """
    tile = _next_tile(tile_limits(width, height, TRANSFORMER_OVERLAP_LATENTS), plan.transformer_tile)
    return None if tile is None else replace(plan, transformer_tile=tile)


def _next_tile(
    limits: Iterator[tuple[int, int] | None], current: tuple[int, int] | None
) -> tuple[int, int] | None:
    """The first limit of fewer pixels than the current one."""
    current_pixels = None if current is None else current[0] * current[1]
    return next(
        (tile for tile in limits if tile and (current_pixels is None or tile[0] * tile[1] < current_pixels)),
        None,
    )
