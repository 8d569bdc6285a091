"""From a clip to what a step of the published model is fed: a crop in space and time under some keyframes.

Everything is drawn from (seed, number of the sample), so that a resumed run sees the samples it would have
seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparkvsr_engine.core.arrays import Plane
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.grid_windows import SlotMap, keyframe_slots
from sparkvsr_engine.training.published.clip_bank import ClipBank, ClipScene
from sparkvsr_engine.training.published.recipe import ClipSampleRecipe, ClipStageRecipe
from sparkvsr_engine.training.sampling.sample_planes import to_unit
from sparkvsr_engine.training.sampling.spoiling import spoil


class ClipSource(torch.utils.data.Dataset[dict[str, Tensor]]):
    """Samples of a stage by number, from `first` on.

    source: uint8 [F, h, w, 3]. truth: uint8 [F, H, W, 3]. keyframes: float32 [K, H, W, 3], 0..1, of the slots
    int64 [K].
    """

    def __init__(
        self,
        bank: ClipBank,
        recipe: ClipSampleRecipe,
        stage: ClipStageRecipe,
        slots: SlotMap,
        count: int,
        first: int = 0,
    ) -> None:
        self._bank = bank
        self._recipe = recipe
        self._stage = stage
        self._slots = slots
        self._count = count
        self._first = first

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """One sample."""
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self._recipe.seed, self._first + index])
        scene = self._bank.scene(int(rng.integers(self._recipe.scenes)))
        cut = _draw_cut(scene, self._stage, rng)
        keyframes = self._keyframes(scene, cut, rng)
        return {
            "source": _tensor(cut.of_source(scene.source[cut.frames.start : cut.frames.stop])),
            "truth": _tensor(cut.of_full(np.stack([scene.truth(frame) for frame in cut.frames]))),
            "keyframes": torch.stack([_tensor(cut.of_full(keyframe)) for keyframe in keyframes.values()])
            if keyframes
            else torch.zeros(0, self._stage.height, self._stage.width, 3),
            "slots": torch.tensor(sorted(keyframes), dtype=torch.int64),
        }

    def _keyframes(self, scene: ClipScene, cut: _Cut, rng: np.random.Generator) -> dict[int, Plane]:
        """Whole pictures by slot, in ascending order."""
        if rng.random() < self._recipe.blind_share:
            return {}
        made_frames = [frame - cut.frames.start for frame in scene.made if frame in cut.frames]
        if made_frames and rng.random() < self._recipe.spoil.made:
            slots = keyframe_slots(FrameSpan(0, len(cut.frames)), made_frames, self._slots)
            return {slot: to_unit(scene.made[cut.frames.start + at]) for slot, at in slots.items()}
        foreign_scene = self._bank.scene(int(rng.integers(self._recipe.scenes)))
        foreign = to_unit(foreign_scene.truth(0))
        slots = draw_slots(len(cut.frames), self._recipe, self._slots, rng)
        return {
            slot: self._keyframe_picture(scene, cut.frames.start + at, foreign, rng)
            for slot, at in sorted(slots.items())
        }

    def _keyframe_picture(
        self, scene: ClipScene, frame: int, foreign: Plane, rng: np.random.Generator
    ) -> Plane:
        picture = to_unit(scene.truth(frame))
        size = (picture.shape[1], picture.shape[0])
        source = cv2.resize(to_unit(scene.source[frame]), size, interpolation=cv2.INTER_LINEAR)
        return spoil(picture, np.asarray(source, np.float32), foreign, self._recipe.spoil, rng)


def draw_slots(
    frames: int, recipe: ClipSampleRecipe, slots: SlotMap, rng: np.random.Generator
) -> dict[int, int]:
    """Slot -> frame of one keyframe or more, each in a slot of its own, on any frame that the slot is of.

    Args:
        frames: of the clip.
        recipe: how clips are drawn.
        slots: which slot of a window a frame falls into.
        rng: draws everything that is drawn.
    """
    count = slots.slot(frames - 1) + 1
    keyframe_count = int(rng.integers(1, min(recipe.most_keyframes, count) + 1))
    chosen = [int(slot) for slot in rng.choice(count, keyframe_count, replace=False)]
    if rng.random() < recipe.first_share and 0 not in chosen:
        chosen[0] = 0
    frames_of_slot = [
        [frame for frame in range(frames) if slots.slot(frame) == slot] for slot in range(count)
    ]
    return {slot: int(rng.choice(frames_of_slot[slot])) for slot in chosen}


@dataclass(frozen=True)
class _Cut:
    """A part of a clip, mirrored or not.

    y, x: of its corner, full-size pixels. scale: full over source size. flips: axes, as NumPy has them.
    """

    frames: FrameSpan
    y: int
    x: int
    height: int
    width: int
    scale: int
    flips: tuple[int, ...]

    def of_full(self, pictures: NDArray) -> NDArray:
        """That part of pictures [..., H, W, 3] of full size."""
        return self._part(pictures, 1)

    def of_source(self, pictures: NDArray) -> NDArray:
        """That part of source frames [..., h, w, 3]."""
        return self._part(pictures, self.scale)

    def _part(self, pictures: NDArray, by: int) -> NDArray:
        rows = slice(self.y // by, (self.y + self.height) // by)
        columns = slice(self.x // by, (self.x + self.width) // by)
        return np.flip(pictures[..., rows, columns, :], self.flips)


def _draw_cut(scene: ClipScene, stage: ClipStageRecipe, rng: np.random.Generator) -> _Cut:
    frames = 1 if rng.random() < stage.picture_share else stage.frames
    start = int(rng.integers(0, len(scene.source) - frames + 1))
    height, width = scene.truth(0).shape[:2]
    scale = height // scene.source.shape[1]
    y, x = (
        scale * int(rng.integers(0, (whole - side) // scale + 1))
        for whole, side in ((height, stage.height), (width, stage.width))
    )
    flips = tuple(axis for axis in (-2, -3) if rng.random() < 0.5)
    return _Cut(FrameSpan(start, start + frames), y, x, stage.height, stage.width, scale, flips)


def _tensor(values: NDArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))
