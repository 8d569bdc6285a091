"""Spatial tiles of the network's stages: cut from latents or frames, blended back under raised cosines.

Tiles are planned in latents, so that every border lies on the VAE's grid. The VAE's GroupNorm makes
each tile's statistics its own: tiles are as large as memory allows, and none is used where one suffices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sparkvsr_engine.core.blending import interval_weights
from sparkvsr_engine.core.intervals import Interval
from sparkvsr_engine.core.tiles import Tile, TileLimits, TilePlan, plan_tiles

if TYPE_CHECKING:
    from torch import Tensor

LATENT_PIXELS = 8
VAE_OVERLAP_LATENTS = 8
TRANSFORMER_OVERLAP_LATENTS = 16


def plan_latent_tiles(
    latent_size: tuple[int, int], tile_pixels: tuple[int, int] | None, overlap_latents: int
) -> TilePlan:
    """Tiles over latents (height, width) for a limit of (width, height) pixels; one tile where None.

    Args:
        latent_size: height and width in latents.
        tile_pixels: width and height limits, None for one tile.
        overlap_latents: what neighbouring tiles share, latents.
    """
    height, width = latent_size
    if tile_pixels is None:
        return plan_tiles(width, height, TileLimits(width + width % 2, height + height % 2, 0, 2))
    limits = [max(side // LATENT_PIXELS // 2 * 2, overlap_latents + 2) for side in tile_pixels]
    return plan_tiles(width, height, TileLimits(limits[0], limits[1], overlap_latents, 2))


def in_pixels(interval: Interval) -> Interval:
    """An interval of latents in frame pixels."""
    places = {name: getattr(interval, name) * LATENT_PIXELS for name in Interval.__dataclass_fields__}
    return replace(interval, **places)


def cut(values: Tensor, y: Interval, x: Interval) -> Tensor:
    """What a tile reads from [..., H, W].

    Args:
        values: [..., H, W].
        y: rows of the tile.
        x: columns of the tile.
    """
    return values[..., y.read_start : y.read_stop, x.read_start : x.read_stop]


def add(canvas: Tensor, piece: Tensor, y: Interval, x: Interval) -> None:
    """Add a predicted piece [..., h, w] to the canvas [..., H, W] under its ramps.

    Args:
        canvas: [..., H, W], changed in place.
        piece: [..., h, w].
        y: rows of the tile.
        x: columns of the tile.
    """
    import torch

    inner = piece[
        ..., y.start - y.read_start : y.stop - y.read_start, x.start - x.read_start : x.stop - x.read_start
    ]
    rows = torch.from_numpy(interval_weights(y)).to(canvas.device)
    columns = torch.from_numpy(interval_weights(x)).to(canvas.device)
    canvas[..., y.start : y.stop, x.start : x.stop] += inner.to(canvas) * (rows[:, None] * columns)


def blended(plan: TilePlan, run: Callable[[Tile], Tensor]) -> Tensor:
    """The result of `run` over every tile, latents [C, f, h, w]; float32 where there is more than one."""
    import torch

    tiles = list(plan)
    if len(tiles) == 1:
        return run(tiles[0])
    canvas = None
    for tile in tiles:
        piece = run(tile)
        if canvas is None:
            shape = (*piece.shape[:-2], plan.height, plan.width)
            canvas = torch.zeros(shape, dtype=torch.float32, device=piece.device)
        add(canvas, piece, *tile.placed)
    assert canvas is not None
    return canvas


def encode_tiled(model: Any, plan: TilePlan, steps: Callable[[], Iterable[Tensor]]) -> Tensor:
    """Latents of a clip, tile by tile; `steps` starts the clip's frames [1, 3, T, H, W] anew for each.

    Args:
        model: the VAE.
        plan: the tiles.
        steps: starts the frames anew, each [1, 3, T, H, W].
    """

    def run(tile: Tile) -> Tensor:
        y, x = (in_pixels(interval) for interval in tile.placed)
        return model.encode(cut(step, y, x) for step in steps())

    return blended(plan, run).to(model.dtype)


def decode_tiled(model: Any, plan: TilePlan, latents: Tensor) -> Iterator[Tensor]:
    """Frames [1, 3, T, H, W] of restored latents, step by step.

    One tile is streamed from the device as it comes. Several are run one after the other, since each
    keeps its caches for a whole clip, and are blended in the processor's memory.

    Args:
        model: the VAE.
        plan: the tiles.
        latents: [1, C, f, h, w].
    """
    import torch

    tiles = list(plan)
    if len(tiles) == 1:
        yield from model.decode(latents)
        return
    canvases: list[Tensor] = []
    for tile in tiles:
        y, x = (in_pixels(interval) for interval in tile.placed)
        for index, frames in enumerate(model.decode(cut(latents, *tile.placed))):
            if index == len(canvases):
                shape = (*frames.shape[:3], plan.height * LATENT_PIXELS, plan.width * LATENT_PIXELS)
                canvases.append(torch.zeros(shape, dtype=torch.float32))
            add(canvases[index], frames.cpu(), y, x)
    while canvases:
        yield canvases.pop(0).to(latents.device)
