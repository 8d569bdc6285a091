"""What a step lowers and a test measures: how far results are from keyframes, where they count."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from statistics import fmean

import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.models.distances.dists import DistsLoss
from sparkvsr_engine.models.lite.learning.recipe import LearningRecipe
from sparkvsr_engine.models.lite.learning.textures import texture_error
from sparkvsr_engine.models.lite.networks.batches import Batch, run_batch
from sparkvsr_engine.models.lite.networks.losses import CHROMA_WEIGHT
from sparkvsr_engine.models.lite.networks.network import LiteNetwork
from sparkvsr_engine.models.lite.networks.perceptual import POSITIONS, Perceptual, picture_of
from sparkvsr_engine.models.lite.pixels.filters import halved
from sparkvsr_engine.models.lite.pixels.planes import CELL, Planes

_NOTHING = 1e-6
# Of what DISTS sees of a crop, in pixels.
_DISTS_SIDE = 96
# Of cells, a side. Noise is averaged away; in blocks of 16 light dots and dark ones cancel.
_BLOCK = 4


@dataclass(frozen=True)
class HeldOutErrors:
    """Mean errors on what is held out: of pixels, of textures, and of looks, 0 where that is not learnt."""

    pixels: float
    textures: float = 0.0
    looks: float = 0.0

    def against(self, reference: HeldOutErrors) -> float:
        """How large it is as a share of another, 1 for no difference."""
        shares = [
            error / two for error, two in zip(astuple(self), astuple(reference), strict=True) if two > 0
        ]
        return sum(shares) / len(shares) if shares else 1.0


class Objective:
    """perceptual, dists: the learned losses, None where their weights are not at hand."""

    def __init__(
        self, recipe: LearningRecipe, perceptual: Perceptual | None, dists: DistsLoss | None = None
    ) -> None:
        self._recipe = recipe
        self._dists = dists if recipe.dists else None
        self._perceptual = perceptual if recipe.perceptual else None

    def losses(self, network: LiteNetwork, batch: Batch, step: int = 0) -> dict[str, Tensor]:
        """To be lowered: errors of results under keyframes and without, by name, weighted.

        Args:
            network: what is learnt.
            batch: crops.
            step: the one that is taken.
        """
        recipe, results = self._recipe, run_batch(network, batch)
        target, weight = _target_of(batch), batch["weight"]
        losses = {
            "keyed": weighted_error(results.restored, target, weight),
            "blind": recipe.blind * weighted_error(results.blind, target, weight),
            "grid": recipe.grid * grid_error(results.restored, target, weight),
        }
        if recipe.textures:
            losses["textures"] = recipe.textures * _texture_error(results.restored, batch)
        if self._perceptual is not None:
            looks = self._looks(self._perceptual, results.restored, target, batch)
            losses["perceptual"] = recipe.perceptual * looks
        if self._dists is not None and step >= recipe.dists_from:
            losses["dists"] = recipe.dists * _dists_error(self._dists, results.restored, batch)
        return losses

    @torch.no_grad()
    def test(self, network: LiteNetwork, batch: Batch) -> HeldOutErrors:
        """Of results under keyframes."""
        restored, target = run_batch(network, batch).restored, _target_of(batch)
        pixels = float(weighted_error(restored, target, batch["weight"]))
        textures = float(_texture_error(restored, batch)) if self._recipe.textures else 0.0
        if self._perceptual is None:
            return HeldOutErrors(pixels, textures)
        return HeldOutErrors(pixels, textures, float(self._looks(self._perceptual, restored, target, batch)))

    def _looks(self, perceptual: Perceptual, result: Planes, target: Planes, batch: Batch) -> Tensor:
        shown, aim = (_visible_picture(planes, batch) for planes in (result, target))
        return perceptual(shown, aim, torch.ones(len(aim), device=aim.device), batch.get("position"))


def weighted_error(result: Planes, target: Planes, weight: Tensor) -> Tensor:
    """Charbonnier's error of luma and half-size chroma, the mean under a weight per pixel [N, 1, H, W].

    Args:
        result: luma and half-size chroma of the result.
        target: those that are wanted.
        weight: [N, 1, H, W].
    """
    coarse = halved(weight)
    luma = _charbonnier(result.luma - target.luma) * weight
    chroma = _charbonnier(result.chroma - target.chroma) * coarse
    return luma.sum() / (weight.sum() + _NOTHING) + CHROMA_WEIGHT * chroma.sum() / (
        2 * coarse.sum() + _NOTHING
    )


def grid_error(result: Planes, target: Planes, weight: Tensor) -> Tensor:
    """How far errors of luma differ by their place in a cell, mean of blocks of cells: dots that nothing else
    sees.

    Each is far below what Charbonnier's error takes for one, and a regular grid of them is seen all the same.

    Args:
        result: luma and half-size chroma of the result.
        target: those that are wanted.
        weight: [N, 1, H, W].
    """
    errors = F.pixel_unshuffle((result.luma - target.luma) * weight, CELL)
    places = F.avg_pool2d(errors, min(_BLOCK, *errors.shape[-2:]))
    return (places - places.mean(1, keepdim=True)).abs().mean()


def mean_of(results: list[HeldOutErrors]) -> HeldOutErrors:
    """Of several batches of tests, one at least."""
    return HeldOutErrors(*map(fmean, zip(*map(astuple, results), strict=True)))


def _charbonnier(difference: Tensor) -> Tensor:
    return (difference * difference + 1e-6).sqrt()


def _dists_error(dists: DistsLoss, result: Planes, batch: Batch) -> Tensor:
    """The mean of every other crop, a part of each: VGG16 takes longer than the network itself."""
    pictures = [_visible_picture(planes, batch)[::2] for planes in (result, _target_of(batch))]
    positions = batch["position"][::2].tolist()
    distances = [
        dists.distance(_part(torch.stack(pair).clamp(0, 1), position))
        for *pair, position in zip(*pictures, positions, strict=True)
    ]
    return torch.stack(distances).mean()


def _part(pictures: Tensor, position: int) -> Tensor:
    """[N, 3, H, W] cut to `_DISTS_SIDE` a side, at one of the positions the perceptual loss has."""
    side = math.isqrt(POSITIONS)
    row, column = position // side, position % side
    rows, columns = (max(0, length - _DISTS_SIDE) for length in pictures.shape[-2:])
    y, x = rows * row // (side - 1), columns * column // (side - 1)
    return pictures[..., y : y + _DISTS_SIDE, x : x + _DISTS_SIDE]


def _texture_error(result: Planes, batch: Batch) -> Tensor:
    pictures = (_picture_that_counts(planes, batch) for planes in (result, _target_of(batch)))
    return texture_error(*(picture.luma for picture in pictures))


def _visible_picture(residual: Planes, batch: Batch) -> Tensor:
    return picture_of(_picture_that_counts(residual, batch))


def _picture_that_counts(residual: Planes, batch: Batch) -> Planes:
    """A picture of what counts: where nothing does it shows the source, whatever the residual is."""
    weight = batch["weight"].clamp(0, 1)
    return Planes(batch["luma"] + weight * residual.luma, batch["chroma"] + halved(weight) * residual.chroma)


def _target_of(batch: Batch) -> Planes:
    return Planes(batch["wanted_luma"], batch["wanted_chroma"])
