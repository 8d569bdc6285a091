"""A bank of scenes on disk: what is dear to make (degradation, codecs, flow searches) is made once.

A scene is a stage with a target frame, its neighbours and two keyframes, degraded and with its flows. It is a
pure function of the recipe's seed and its number, so a bank can be made anew anywhere, by any number of
processes, and grows without changing what it holds. Crops, flips, which keyframes are shown and how they are
spoiled are drawn when a scene is used (`samples`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.core.pictures.motion import Flow, FlowEstimator, compose, resize_flow
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.isr.upscaler import ImageUpscaler, make_keyframe
from sparkvsr_engine.models.lite.motion.motion_walk import ROUGH, TO_KEYFRAME
from sparkvsr_engine.training.degradation.chain import clean, degrade
from sparkvsr_engine.training.sampling.sample_planes import to_eight_bits
from sparkvsr_engine.training.scenes.footage import open_clip, open_photograph
from sparkvsr_engine.training.scenes.graphics_stage import GraphicsStage
from sparkvsr_engine.training.scenes.scene_files import SceneFiles
from sparkvsr_engine.training.scenes.stage_clips import (
    STAGE_HEIGHT,
    STAGE_WIDTH,
    PhotographStage,
    RealStage,
    StageClip,
)

TEACHER, TEACHER_SCALE = "span-x4", 4
WINDOW = (-2, -1, 0, 1, 2)
_FOLLOWING = "following_"
# Of a recipe, left out of a bank's record where they are unset.
_LATER = ("graphics", "aliased")
KEYFRAME_MODELS = ("balanced", "span-x4", "realesr-animevideov3")


@dataclass(frozen=True)
class SceneRecipe:
    """What scenes are drawn from.

    photograph_share: of scenes made from photographs. degraded_share: of scenes through the degradation,
    the rest is clean. made_share: of degraded scenes whose keyframes an image super-resolution model makes.
    taught: whether clean scenes at SPAN's scale hold its answer as well. scales: (scale, share). farthest:
    frames from target to keyframe, drawn log-uniformly. paired: whether scenes hold the frame after the
    target as well, as a scene of its own. graphics: all scenes are generated titles, patterns and CG
    instead of footage; photographs stand behind them. aliased: share of graphics without anti-aliasing,
    0..1, light left out, which never is; None for as many as kinds have.
    """

    seed: int
    photograph_share: float = 0.25
    degraded_share: float = 0.35
    made_share: float = 0.4
    taught: bool = False
    scales: tuple[tuple[float, float], ...] = ((4.0, 0.7), (3.0, 0.08), (2.0, 0.1), (1.5, 0.05), (1.0, 0.07))
    farthest: int = 30
    paired: bool = False
    graphics: bool = False
    aliased: float | None = None

    def to_record(self) -> dict[str, Any]:
        """What a bank's folder notes; what came later is left out where it has its default."""
        return {name: value for name, value in asdict(self).items() if name not in _LATER or value}


@dataclass(frozen=True, eq=False)
class Scene:
    """One scene.

    source: uint8 [7, h, w, 3], five frames around the target and the two keyframes' own frames, degraded.
    truth: uint8 [3, H, W, 3], target and keyframes at full size.
    steps: float16 [4, H/4, W/4, 2], target to its neighbours.
    walks: float16 [2, H/2, W/2, 2], target to the keyframes.
    distance: int32 [2], frames to the keyframes. degraded: whether it went through the degradation.
    made: uint8 [3, H, W, 3] as truth, what an image model makes of the degraded frames; None for most scenes.
    taught: uint8 [H, W, 3], SPAN's answer to a clean target; None where it has none.
    following: the same with the next frame for its target; None in a bank of single frames.
    """

    source: BytePicture
    truth: BytePicture
    steps: NDArray[np.float16]
    walks: NDArray[np.float16]
    distance: NDArray[np.int32]
    degraded: bool
    made: BytePicture | None = None
    taught: BytePicture | None = None
    following: Scene | None = None


class Scenes(Protocol):
    """Scenes by number."""

    def check(self) -> None:
        """Raise InvalidSettings where what is there was drawn from another recipe or other footage."""
        ...

    def scene(self, number: int) -> Scene:
        """A scene, made when it is not there yet."""
        ...


@dataclass(frozen=True, eq=False)
class _Drawn:
    """What scenes are made of: successive frames, the first target the third of them, then two keyframes.

    order: their numbers in the stage. model: which image model makes keyframes, None for none.
    """

    stage: StageClip
    order: Sequence[int]
    pictures: Sequence[BytePicture]
    source: Sequence[BytePicture]
    degraded: bool
    model: str | None


class Bank:
    """Scenes by number under one folder."""

    def __init__(
        self,
        folder: Path,
        recipe: SceneRecipe,
        cache: Path,
        clips: Sequence[str],
        photographs: Sequence[Path],
    ) -> None:
        self._recipe = recipe
        self._cache = cache
        self._clips = list(clips)
        self._photographs = list(photographs)
        self._files = SceneFiles(folder, {**recipe.to_record(), **self.footage})

    def check(self) -> None:
        """Raise InvalidSettings where the folder's scenes were drawn from another recipe or other footage."""
        self._files.check()

    def scene(self, number: int) -> Scene:
        """A scene, made when it is not there yet."""
        arrays = self._files.load(number, lambda: _stored(self._make(number)))
        following = _scene_of(arrays, _FOLLOWING) if f"{_FOLLOWING}source" in arrays else None
        return replace(_scene_of(arrays), following=following)

    @property
    def footage(self) -> dict[str, list[str]]:
        """The names of what is drawn from."""
        return {"clips": self._clips, "photographs": [path.name for path in self._photographs]}

    def _make(self, number: int) -> Scene:
        rng = np.random.default_rng([self._recipe.seed, number])
        stage = self.draw_stage(rng)
        target = int(rng.integers(2, stage.length - 2))
        keyframes = [self._draw_keyframe(target, side, stage.length, rng) for side in (-1, 1)]
        offsets = (*WINDOW, WINDOW[-1] + 1) if self._recipe.paired else WINDOW
        order = [min(max(target + offset, 0), stage.length - 1) for offset in offsets] + keyframes
        pictures = [stage.frame(index) for index in order]
        source, degraded = self.draw_source(stage, order, pictures, rng)
        drawn = _Drawn(stage, order, pictures, source, degraded, self._draw_model(degraded, rng))
        following = self._scene_at(drawn, 3) if self._recipe.paired else None
        return replace(self._scene_at(drawn, 2), following=following)

    def _scene_at(self, drawn: _Drawn, place: int) -> Scene:
        """The scene of the frame at a place among those drawn."""
        window = slice(place - 2, place + 3)
        source = [*drawn.source[window], *drawn.source[-2:]]
        target, keyframes = drawn.order[place], drawn.order[-2:]
        greys = [grey_of(frame) for frame in source]
        walks = [
            _walk(greys[2], greys[5 + side], drawn.stage.walk(target, keyframes[side])) for side in (0, 1)
        ]
        judged = [source[2], *source[5:]]
        return Scene(
            np.stack(source),
            np.stack([drawn.pictures[place], *drawn.pictures[-2:]]),
            np.stack(_steps(greys[:5])).astype(np.float16),
            np.stack(walks).astype(np.float16),
            np.array([abs(keyframe - target) for keyframe in keyframes], np.int32),
            drawn.degraded,
            None if drawn.model is None else np.stack([upscaled(drawn.model, frame) for frame in judged]),
            None if drawn.degraded or self._recipe.graphics else self._taught(source[2]),
        )

    def _draw_model(self, degraded: bool, rng: np.random.Generator) -> str | None:
        """Which image model makes target and keyframes, for some of the degraded scenes."""
        chosen = bool(rng.random() < self._recipe.made_share)
        name = str(rng.choice(KEYFRAME_MODELS))
        return name if degraded and chosen else None

    def _taught(self, source: BytePicture) -> BytePicture | None:
        if not self._recipe.taught or source.shape[1] * TEACHER_SCALE != STAGE_WIDTH:
            return None
        return upscaled(TEACHER, source)

    def draw_stage(self, rng: np.random.Generator) -> StageClip:
        """A rectangle of some clip, photographs that move, or graphics."""
        if self._recipe.graphics:
            return self._draw_graphics(rng)
        if self._photographs and rng.random() < self._recipe.photograph_share:
            count = min(1 + int(rng.integers(0, 3)), len(self._photographs))
            chosen = rng.choice(len(self._photographs), count, replace=False)
            return PhotographStage.at_random([open_photograph(self._photographs[i]) for i in chosen], rng)
        clip = open_clip(self._cache, self._clips[int(rng.integers(len(self._clips)))])
        return RealStage.at_random(clip, rng)

    def _draw_graphics(self, rng: np.random.Generator) -> StageClip:
        count = min(3, len(self._photographs))
        chosen = rng.choice(len(self._photographs), count, replace=False) if count else ()
        pictures = [open_photograph(self._photographs[i]) for i in chosen]
        return GraphicsStage.at_random(pictures, rng, self._recipe.aliased)

    def _draw_keyframe(self, target: int, side: int, length: int, rng: np.random.Generator) -> int:
        """A frame on one side of the target, on the other where there is none."""
        distance = max(1, round(float(np.exp(rng.uniform(0, np.log(self._recipe.farthest))))))
        places = (target + side * distance, target - side * distance)
        return next((at for at in places if 0 <= at < length), min(max(places[0], 0), length - 1))

    def draw_source(
        self,
        stage: StageClip,
        order: Sequence[int],
        pictures: Sequence[BytePicture],
        rng: np.random.Generator,
    ) -> tuple[list[BytePicture], bool]:
        """Source frames of full-size pictures, reduced by a scale, and whether they are degraded.

        Args:
            stage: scales and shares of the stage.
            order: the pictures' frame numbers in their clip.
            pictures: uint8 [H, W, 3].
            rng: draws everything that is drawn.
        """
        scales, shares = zip(*self._recipe.scales, strict=True)
        scale = float(rng.choice(scales, p=np.array(shares) / sum(shares)))
        width, height = round(STAGE_WIDTH / scale), round(STAGE_HEIGHT / scale)
        degraded = bool(rng.random() < self._recipe.degraded_share)
        if not degraded and isinstance(stage, GraphicsStage):
            return [stage.source(index, width, height) for index in order], False
        if not degraded and scale > 1:
            return clean(pictures, width, height), False
        strength = float(rng.uniform(0.1, 1.0))
        # A codec sees frames in the order they were shot.
        in_time = sorted(range(len(order)), key=lambda index: order[index])
        spoiled = degrade([pictures[index] for index in in_time], width, height, rng, strength)
        return [spoiled[in_time.index(index)] for index in range(len(order))], True


def _stored(scene: Scene) -> dict[str, NDArray[Any]]:
    """A scene's tensors, those of the next frame among them where there is one."""
    following = {} if scene.following is None else _tensors_of(scene.following, _FOLLOWING)
    return _tensors_of(scene) | following


def _tensors_of(scene: Scene, prefix: str = "") -> dict[str, NDArray[Any]]:
    """What is stored of a scene without the one that follows it."""
    tensors = {
        "source": scene.source,
        "truth": scene.truth,
        "steps": scene.steps,
        "walks": scene.walks,
        "distance": scene.distance,
        "degraded": np.array([scene.degraded]),
    }
    if scene.made is not None:
        tensors["made"] = scene.made
    if scene.taught is not None:
        tensors["taught"] = scene.taught
    return {f"{prefix}{name}": value for name, value in tensors.items()}


def _scene_of(arrays: Mapping[str, NDArray[Any]], prefix: str = "") -> Scene:
    return Scene(
        arrays[f"{prefix}source"],
        arrays[f"{prefix}truth"],
        arrays[f"{prefix}steps"],
        arrays[f"{prefix}walks"],
        arrays[f"{prefix}distance"],
        bool(arrays[f"{prefix}degraded"][0]),
        arrays.get(f"{prefix}made"),
        arrays.get(f"{prefix}taught"),
    )


def grey_of(frame: BytePicture) -> NDArray[np.uint8]:
    """A source frame's luma at stage size, as the flow search sees it before it is reduced."""
    grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)
    if grey.shape == (STAGE_HEIGHT, STAGE_WIDTH):
        return grey
    return np.asarray(cv2.resize(grey, (STAGE_WIDTH, STAGE_HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


@lru_cache(maxsize=len(KEYFRAME_MODELS))
def _keyframe_model(name: str) -> ImageUpscaler:
    return open_isr(name, "cpu", threads=1)


def upscaled(model: str, source: BytePicture) -> BytePicture:
    """A source frame at stage size by an image model, uint8."""
    source_picture = source.astype(np.float32) / np.float32(255)
    keyframe = make_keyframe(_keyframe_model(model), source_picture, STAGE_WIDTH, STAGE_HEIGHT)
    return to_eight_bits(keyframe)


def _reduced(grey: NDArray[np.uint8], by: int) -> NDArray[np.uint8]:
    size = (STAGE_WIDTH // by, STAGE_HEIGHT // by)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _steps(greys: Sequence[NDArray[np.uint8]]) -> list[Flow]:
    """Flows from the third of five frames to the others, far ones composed of steps, as at run time."""
    small = [_reduced(grey, 4) for grey in greys]
    estimator = FlowEstimator(ROUGH)
    back, ahead = estimator.estimate(small[2], small[1]), estimator.estimate(small[2], small[3])
    far_back = compose(back, estimator.estimate(small[1], small[0]))
    far_ahead = compose(ahead, estimator.estimate(small[3], small[4]))
    return [far_back, back, ahead, far_ahead]


def _walk(target: NDArray[np.uint8], keyframe: NDArray[np.uint8], guess: Flow | None) -> Flow:
    """The flow to a keyframe: a guess refined on a quarter, then on half of the size, as at run time."""
    rough = FlowEstimator(ROUGH).estimate(_reduced(target, 4), _reduced(keyframe, 4), guess)
    start = resize_flow(rough, STAGE_WIDTH // 2, STAGE_HEIGHT // 2)
    return FlowEstimator(TO_KEYFRAME).estimate(_reduced(target, 2), _reduced(keyframe, 2), start)
