"""Keyframes of a sample: spoiled, locked, registered and warped as they are at run time."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from sparkvsr_engine.core.arrays import Plane
from sparkvsr_engine.core.pictures.colour_lock import lock_colour
from sparkvsr_engine.core.pictures.motion import resize_flow
from sparkvsr_engine.models.lite.motion import registration
from sparkvsr_engine.models.lite.pixels.filters import missing_of
from sparkvsr_engine.training.sampling.sample_planes import (
    cells_of,
    halved,
    on_cells,
    to_tensor,
    to_unit,
    to_ycc,
    warped_part,
)
from sparkvsr_engine.training.sampling.spoiling import SpoilRecipe, Style, spoil
from sparkvsr_engine.training.scenes.bank import Scene


@dataclass(frozen=True, eq=False)
class ShownKeyframe:
    """A keyframe as the network takes it, whole planes, not yet warped.

    luma, chroma: the residual it adds to its own upsampled source frame. half: that frame's half-size luma.
    flow: from the target, [H, W, 2]. distance: frames to the target. missing: what it lacks of its source,
    on the grid of cells.
    """

    luma: Plane
    chroma: Plane
    half: Plane
    flow: Plane
    distance: int
    missing: Plane

    @classmethod
    def of(
        cls,
        scene: Scene,
        side: int,
        picture: Plane,
        own_source: Plane,
        spoiling: Spoiling,
        rng: np.random.Generator,
    ) -> ShownKeyframe:
        """The keyframe on a side of the scene's target, shown as `picture` before it is spoiled.

        Args:
            scene: the scene.
            side: which of the target's two keyframes, 0 or 1.
            picture: float32 [H, W, C], 0..1.
            own_source: its own source frame, enlarged.
            spoiling: faults of keyframes.
            rng: draws everything that is drawn.
        """
        picture_shown = spoil(picture, own_source, spoiling.foreign, spoiling.recipe, rng)
        scale = scene.truth.shape[2] / scene.source.shape[2]
        settled = (
            lock_colour(picture_shown, own_source, scale) if spoiling.style.keeps_colour else picture_shown
        )
        residual, luma = to_ycc(settled - own_source), _luma(settled)
        lacks = missing_of(luma, _luma(to_unit(scene.source[5 + side])))
        return cls(
            residual[..., 0],
            halved(residual[..., 1:]),
            halved(to_ycc(own_source)[..., 0]),
            _registered(scene, side, luma, lacks),
            int(scene.distance[side]) or 1,
            on_cells(lacks[0, 0].numpy(), *settled.shape[:2]),
        )


@dataclass(frozen=True, eq=False)
class Spoiling:
    """How keyframes of a sample are spoiled. foreign: a picture of another scene, for wrong ones."""

    recipe: SpoilRecipe
    style: Style
    foreign: Plane


def tensors_of(slot: int, keyframe: ShownKeyframe | None, half: tuple[slice, slice]) -> dict[str, Tensor]:
    """A slot of a sample, the keyframe warped onto a part of the target.

    Args:
        slot: number of the slot.
        keyframe: the warped keyframe, None for none.
        half: that part, at half size.
    """
    rows, columns = half[0].stop - half[0].start, half[1].stop - half[1].start
    if keyframe is None:
        shapes = {
            "luma": (1, 2 * rows, 2 * columns),
            "chroma": (2, rows, columns),
            "half": (1, rows, columns),
            "missing": (1, rows // 2, columns // 2),
        }
        tensors = {f"key{slot}_{name}": torch.zeros(shape) for name, shape in shapes.items()}
        return tensors | {f"key{slot}_distance": torch.tensor(0)}
    full_flow = keyframe.flow
    flow = _halved_flow(full_flow)
    full = np.s_[2 * half[0].start : 2 * half[0].stop, 2 * half[1].start : 2 * half[1].stop]
    return {
        f"key{slot}_luma": to_tensor(warped_part(keyframe.luma, full_flow, full, cv2.INTER_CUBIC)),
        f"key{slot}_chroma": to_tensor(warped_part(keyframe.chroma, flow, half, cv2.INTER_LINEAR)),
        f"key{slot}_half": to_tensor(warped_part(keyframe.half, flow, half, cv2.INTER_LINEAR)),
        f"key{slot}_missing": to_tensor(
            warped_part(keyframe.missing, _halved_flow(flow), cells_of(half), cv2.INTER_LINEAR)
        ),
        f"key{slot}_distance": torch.tensor(keyframe.distance),
    }


def _halved_flow(flow: Plane) -> Plane:
    """A flow on a grid of half the size, in pixels of that."""
    return np.asarray(halved(flow) / 2, np.float32)


def _registered(scene: Scene, side: int, luma: Tensor, missing: Tensor) -> Plane:
    """The flow from the target to a keyframe of some luma, at full size, as at run time."""
    height, width = luma.shape[-2:]
    flow = resize_flow(scene.walks[side].astype(np.float32), width, height)
    target = _luma(to_unit(scene.source[2]))
    if not registration.applies(width, target.shape[-1]):
        return flow
    detail = registration.consistent_detail(luma, missing)
    registered = registration.register(detail, target, to_tensor(flow)[None])
    return registered[0].permute(1, 2, 0).contiguous().numpy()


def _luma(picture: Plane) -> Tensor:
    return to_tensor(to_ycc(picture)[..., 0])[None]
