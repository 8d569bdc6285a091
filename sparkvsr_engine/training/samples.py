"""From a scene to what a training step is fed: a crop, mirrored or not, under some keyframes, spoiled or not.

Everything is drawn from (seed, step, place in the batch), so that a resumed run sees exactly the samples it
would have seen. Pixels go through the same planes as at run time.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparkvsr_engine.core.colour_lock import lock_colour
from sparkvsr_engine.core.motion import pixel_grid
from sparkvsr_engine.models.lite import registration
from sparkvsr_engine.models.lite.network import HOME_SCALE
from sparkvsr_engine.training.bank import Bank, Scene
from sparkvsr_engine.training.spoiling import SpoilRecipe, Style, draw_style, spoil, styled

Plane = NDArray[np.float32]
_TO_YCC = np.array(
    [
        [0.299, 0.587, 0.114],
        [-0.299 / 1.772, -0.587 / 1.772, 0.886 / 1.772],
        [0.701 / 1.402, -0.587 / 1.402, -0.114 / 1.402],
    ],
    np.float32,
)
KEYFRAME_SLOTS = 2
NEXT = "next_"


@dataclass(frozen=True)
class SampleRecipe:
    """How samples are cut from scenes.

    blind_share, single_share: samples shown no or one keyframe; the rest is shown two. scenes: how many of
    the bank are used. taught: how far, 0..1, the blind path is to follow SPAN instead of the truth where a
    scene holds its answer: footage is softer than what SPAN was trained on.
    """

    seed: int
    crops_per_scene: int = 2
    blind_share: float = 0.12
    single_share: float = 0.4
    scenes: int = 8000
    kept_at_home: float = 1.0
    taught: float = 0.0
    spoil: SpoilRecipe = SpoilRecipe()

    def __post_init__(self) -> None:
        if not 0 < self.kept_at_home <= 1:
            raise ValueError(f"kept_at_home is {self.kept_at_home}; give more than 0, at most 1")


class SampleSource(torch.utils.data.Dataset[list[dict[str, Tensor]]]):
    """Samples by number; number // batch is the step.

    crop: side in full-size pixels, a multiple of 8. paired: whether the frame after the target is shown as
    well, names beginning with `NEXT`, under the same keyframes; the bank's scenes have to hold it.
    """

    def __init__(
        self,
        bank: Bank,
        recipe: SampleRecipe,
        count: int,
        first: int = 0,
        *,
        crop: int,
        paired: bool = False,
    ) -> None:
        self._bank = bank
        self._recipe = recipe
        self._count = count
        self._first = first
        self._crop = crop
        self._paired = paired

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> list[dict[str, Tensor]]:
        """The crops of one scene."""
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self._recipe.seed, self._first + index])
        scene = _mirrored(self._draw(rng), rng)
        other = self._bank.scene(int(rng.integers(self._recipe.scenes)))
        # What is drawn alike for both frames is alike in both.
        twin = deepcopy(rng)
        crops = self._crops(scene, other, rng)
        if not self._paired or scene.following is None:
            return crops
        following = self._crops(scene.following, other, twin)
        return [
            crop | {f"{NEXT}{name}": value for name, value in after.items()}
            for crop, after in zip(crops, following, strict=True)
        ]

    def _crops(self, scene: Scene, other: Scene, rng: np.random.Generator) -> list[dict[str, Tensor]]:
        prepared = _Prepared.of(scene, other, self._recipe, rng)
        return [prepared.crop(self._crop, rng) for _ in range(self._recipe.crops_per_scene)]

    def _draw(self, rng: np.random.Generator) -> Scene:
        while True:
            scene = self._bank.scene(int(rng.integers(self._recipe.scenes)))
            at_home = scene.truth.shape[2] / scene.source.shape[2] == HOME_SCALE
            if not at_home or rng.random() < self._recipe.kept_at_home:
                return scene


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A scene's planes, whole."""

    source: Plane
    source_chroma: Plane
    halves: tuple[Plane, ...]
    steps: Plane
    scale: float
    degraded: bool
    truth: Plane
    truth_chroma: Plane
    blind: Plane
    blind_chroma: Plane
    wanted: Plane
    wanted_chroma: Plane
    references: tuple[dict[str, Any] | None, ...]

    @classmethod
    def of(cls, scene: Scene, other: Scene, recipe: SampleRecipe, rng: np.random.Generator) -> _Prepared:
        height, width = scene.truth.shape[1:3]
        grown = [_grown(frame, width, height) for frame in scene.source]
        target = _ycc(grown[2])
        truth = _ycc(_unit(scene.truth[0]))
        shown = _draw_shown(recipe, rng)
        pictures, style = _pictures(scene, recipe.spoil, rng)
        references = tuple(
            _reference(scene, pictures[1 + side], other, side, grown[5 + side], recipe.spoil, style, rng)
            if side in shown
            else None
            for side in range(KEYFRAME_SLOTS)
        )
        scale = width / scene.source.shape[2]
        blind = truth
        if scene.taught is not None:
            taught = _ycc(_unit(scene.taught))
            blind = np.asarray(truth + (taught - truth) * np.float32(recipe.taught), np.float32)
        wanted = blind
        if shown and style.keeps_colour:
            wanted = _ycc(lock_colour(pictures[0], _unit(scene.truth[0]), scale))
        elif shown:
            wanted = _ycc(pictures[0])
        return cls(
            target[..., 0],
            _half(target[..., 1:]),
            tuple(_half(_ycc(frame)[..., 0]) for frame in grown[:5]),
            scene.steps.astype(np.float32),
            scale,
            scene.degraded,
            truth[..., 0],
            _half(truth[..., 1:]),
            blind[..., 0],
            _half(blind[..., 1:]),
            wanted[..., 0],
            _half(wanted[..., 1:]),
            references if rng.random() < 0.5 else references[::-1],
        )

    def crop(self, side: int, rng: np.random.Generator) -> dict[str, Tensor]:
        """One crop as tensors, its keyframes warped onto it."""
        height, width = self.source.shape
        y = 8 * int(rng.integers(0, (height - side) // 8 + 1))
        x = 8 * int(rng.integers(0, (width - side) // 8 + 1))
        full = np.s_[y : y + side, x : x + side]
        half = np.s_[y // 2 : (y + side) // 2, x // 2 : (x + side) // 2]
        found = {
            "luma": _tensor(self.source[full]),
            "chroma": _tensor(self.source_chroma[half]),
            "half": _tensor(self.halves[2][half]),
            "neighbours": _tensor(self._neighbours(half)),
            "ahead": _tensor(self._step(2)[half]),
            "truth_luma": _tensor((self.truth - self.source)[full]),
            "truth_chroma": _tensor((self.truth_chroma - self.source_chroma)[half]),
            "blind_luma": _tensor((self.blind - self.source)[full]),
            "blind_chroma": _tensor((self.blind_chroma - self.source_chroma)[half]),
            "wanted_luma": _tensor((self.wanted - self.source)[full]),
            "wanted_chroma": _tensor((self.wanted_chroma - self.source_chroma)[half]),
            "scale": torch.tensor(self.scale, dtype=torch.float32),
            "degraded": torch.tensor(float(self.degraded)),
        }
        for slot, reference in enumerate(self.references):
            found |= _reference_tensors(slot, reference, half)
        return found

    def _neighbours(self, half: tuple[slice, slice]) -> Plane:
        """The four neighbours' half-size luma on the target, [h, w, 4]."""
        brought = [
            _warped(self.halves[neighbour], self._step(number), half, cv2.INTER_CUBIC)
            for number, neighbour in enumerate((0, 1, 3, 4))
        ]
        return np.stack(brought, -1)

    def _step(self, number: int) -> Plane:
        """The flow to a neighbour on half of the size, [h, w, 2]; the third is to the next frame."""
        rows, columns = self.halves[0].shape
        grown = cv2.resize(self.steps[number], (columns, rows), interpolation=cv2.INTER_LINEAR)
        return np.asarray(grown * 2, np.float32)


def _draw_shown(recipe: SampleRecipe, rng: np.random.Generator) -> tuple[int, ...]:
    kind = rng.random()
    if kind < recipe.blind_share:
        return ()
    if kind < recipe.blind_share + recipe.single_share:
        return (int(rng.integers(KEYFRAME_SLOTS)),)
    return (0, 1)


def _pictures(scene: Scene, recipe: SpoilRecipe, rng: np.random.Generator) -> tuple[list[Plane], Style]:
    """The wanted result and the two keyframes it is to follow, before they are spoiled."""
    if scene.made is not None and rng.random() < recipe.made:
        return [_unit(picture) for picture in scene.made], Style()
    style = draw_style(recipe, rng)
    return [styled(_unit(picture), style) for picture in scene.truth], style


def _reference(
    scene: Scene,
    picture: Plane,
    other: Scene,
    side: int,
    own_source: Plane,
    recipe: SpoilRecipe,
    style: Style,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """A keyframe as the network takes it, whole planes."""
    shown = spoil(picture, own_source, _unit(other.truth[0]), recipe, rng)
    scale = scene.truth.shape[2] / scene.source.shape[2]
    settled = lock_colour(shown, own_source, scale) if style.keeps_colour else shown
    residual = _ycc(settled - own_source)
    return {
        "luma": residual[..., 0],
        "chroma": _half(residual[..., 1:]),
        "half": _half(_ycc(own_source)[..., 0]),
        "flow": _registered(scene, side, settled),
        "distance": int(scene.distance[side]) or 1,
    }


def _registered(scene: Scene, side: int, picture: Plane) -> Plane:
    """The flow from the target to a keyframe shown as `picture`, at full size, as at run time."""
    walk = scene.walks[side].astype(np.float32)
    height, width = picture.shape[:2]
    flow = np.asarray(cv2.resize(walk, (width, height), interpolation=cv2.INTER_LINEAR) * 2, np.float32)
    own, target = (_luma(_unit(scene.source[index])) for index in (5 + side, 2))
    if not registration.applies(width, own.shape[-1]):
        return flow
    detail = registration.consistent_detail(_luma(picture), own)
    found = registration.register(detail, target, _tensor(flow)[None])
    return found[0].permute(1, 2, 0).contiguous().numpy()


def _luma(picture: Plane) -> Tensor:
    return _tensor(_ycc(picture)[..., 0])[None]


def _reference_tensors(
    slot: int, reference: dict[str, Any] | None, half: tuple[slice, slice]
) -> dict[str, Tensor]:
    rows, columns = half[0].stop - half[0].start, half[1].stop - half[1].start
    if reference is None:
        shapes = {
            "luma": (1, 2 * rows, 2 * columns),
            "chroma": (2, rows, columns),
            "half": (1, rows, columns),
        }
        found = {f"key{slot}_{name}": torch.zeros(shape) for name, shape in shapes.items()}
        return found | {f"key{slot}_distance": torch.tensor(0)}
    grown = reference["flow"]
    flow = cv2.resize(grown, (grown.shape[1] // 2, grown.shape[0] // 2), interpolation=cv2.INTER_AREA) / 2
    full = np.s_[2 * half[0].start : 2 * half[0].stop, 2 * half[1].start : 2 * half[1].stop]
    return {
        f"key{slot}_luma": _tensor(_warped(reference["luma"], grown, full, cv2.INTER_CUBIC)),
        f"key{slot}_chroma": _tensor(_warped(reference["chroma"], flow, half, cv2.INTER_LINEAR)),
        f"key{slot}_half": _tensor(_warped(reference["half"], flow, half, cv2.INTER_LINEAR)),
        f"key{slot}_distance": torch.tensor(reference["distance"]),
    }


def _warped(plane: Plane, flow: Plane, at: tuple[slice, slice], how: int) -> Plane:
    """The part `at` of a plane warped along a flow of its own size."""
    x, y = pixel_grid(*plane.shape[:2])
    at_x, at_y = x[at] + flow[at][..., 0], y[at] + flow[at][..., 1]
    return np.asarray(cv2.remap(plane, at_x, at_y, how, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _mirrored(scene: Scene, rng: np.random.Generator) -> Scene:
    """The scene as it is, mirrored left to right, upside down, or both."""
    for axis, component in ((2, 0), (1, 1)):
        if rng.random() < 0.5:
            scene = _flipped(scene, axis, component)
    return scene


def _flipped(scene: Scene, axis: int, component: int) -> Scene:
    """Mirrored along an axis of its pictures; flows turn that component."""
    turn = np.ones(2, np.float16)
    turn[component] = -1
    return replace(
        scene,
        source=np.flip(scene.source, axis),
        truth=np.flip(scene.truth, axis),
        steps=np.flip(scene.steps, axis) * turn,
        walks=np.flip(scene.walks, axis) * turn,
        made=None if scene.made is None else np.flip(scene.made, axis),
        taught=None if scene.taught is None else np.flip(scene.taught, axis - 1),
        following=None if scene.following is None else _flipped(scene.following, axis, component),
    )


def _unit(picture: NDArray[np.uint8]) -> Plane:
    return np.ascontiguousarray(picture).astype(np.float32) * np.float32(1 / 255)


def _grown(frame: NDArray[np.uint8], width: int, height: int) -> Plane:
    picture = _unit(frame)
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _ycc(picture: Plane) -> Plane:
    return np.asarray(cv2.transform(picture, _TO_YCC), np.float32)


def _half(plane: Plane) -> Plane:
    size = (plane.shape[1] // 2, plane.shape[0] // 2)
    return np.asarray(cv2.resize(np.ascontiguousarray(plane), size, interpolation=cv2.INTER_AREA), np.float32)


def _tensor(plane: NDArray[Any]) -> Tensor:
    """[h, w] or [h, w, C] to [C, h, w]."""
    shaped = plane[..., None] if plane.ndim == 2 else plane
    return torch.from_numpy(np.ascontiguousarray(shaped.transpose(2, 0, 1)))
