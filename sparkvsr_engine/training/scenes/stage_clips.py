"""A stage: the same rectangle of a handful of frames of one clip, real or made of photographs.

Samples need a target frame, its neighbours and up to two keyframes, nothing between them; so a clip of
photographs is never rendered whole, only the frames that are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.core.pictures.motion import Flow, compose
from sparkvsr_engine.training.scenes.footage import FLOW_FACTOR, STAGE_HEIGHT, STAGE_WIDTH, Clip

_ALIGN = 8


class StageClip(Protocol):
    """Frames of one clip, all uint8 [STAGE_HEIGHT, STAGE_WIDTH, 3]."""

    @property
    def length(self) -> int:
        """How many frames there are."""
        ...

    def frame(self, index: int) -> BytePicture:
        """One frame."""
        ...

    def walk(self, start: int, target: int) -> Flow | None:
        """The flow start -> target on a quarter of the size, composed of steps; None where unknown."""
        ...


@dataclass(frozen=True, eq=False)
class RealStage:
    """A rectangle of a real clip. reversed: time runs backwards."""

    clip: Clip
    x: int
    y: int
    reversed: bool

    @classmethod
    def at_random(cls, clip: Clip, rng: np.random.Generator) -> RealStage:
        """Anywhere in the clip's picture."""
        height, width = clip.frames.shape[1:3]
        x = _ALIGN * int(rng.integers(0, (width - STAGE_WIDTH) // _ALIGN + 1))
        y = _ALIGN * int(rng.integers(0, (height - STAGE_HEIGHT) // _ALIGN + 1))
        return cls(clip, x, y, bool(rng.integers(2)))

    @property
    def length(self) -> int:
        """See `StageClip`."""
        return len(self.clip.frames)

    def frame(self, index: int) -> BytePicture:
        """See `StageClip`."""
        whole = self.clip.frames[self._at(index)]
        return np.ascontiguousarray(whole[self.y : self.y + STAGE_HEIGHT, self.x : self.x + STAGE_WIDTH])

    def walk(self, start: int, target: int) -> Flow | None:
        """See `StageClip`."""
        a, b = self._at(start), self._at(target)
        towards = 1 if b > a else -1
        flow = np.zeros((STAGE_HEIGHT // FLOW_FACTOR, STAGE_WIDTH // FLOW_FACTOR, 2), np.float32)
        for frame in range(a, b, towards):
            step = self.clip.forward[frame] if towards > 0 else self.clip.backward[frame - 1]
            flow = compose(flow, self._rectangle(step))
        return flow

    def _at(self, index: int) -> int:
        return self.length - 1 - index if self.reversed else index

    def _rectangle(self, flow: NDArray[np.float16]) -> Flow:
        y, x = self.y // FLOW_FACTOR, self.x // FLOW_FACTOR
        rows, columns = STAGE_HEIGHT // FLOW_FACTOR, STAGE_WIDTH // FLOW_FACTOR
        return flow[y : y + rows, x : x + columns].astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Layer:
    """A photograph that moves: where it is at frame f is a smooth function of f."""

    photograph: BytePicture
    matte: NDArray[np.float32] | None
    centre: NDArray[np.float64]
    drift: NDArray[np.float64]
    sway: NDArray[np.float64]
    zoom: tuple[float, float, float]
    turn: tuple[float, float]

    def matrix(self, frame: float) -> NDArray[np.float64]:
        """2x3 affine from stage pixels to photograph pixels."""
        swing = np.sin(self.sway[2] * frame + self.sway[3])
        at = self.centre + self.drift * frame + self.sway[:2] * swing
        size = self.zoom[0] * np.exp(self.zoom[1] * frame + self.zoom[2] * swing)
        angle = self.turn[0] + self.turn[1] * frame
        cosine, sine = np.cos(angle) / size, np.sin(angle) / size
        turn = np.array([[cosine, -sine], [sine, cosine]])
        middle = np.array([STAGE_WIDTH, STAGE_HEIGHT]) / 2
        return np.concatenate([turn, (at - turn @ middle)[:, None]], 1)

    def picture(self, frame: float) -> BytePicture:
        """What the stage sees of the photograph."""
        return self._seen(self.photograph, frame, cv2.BORDER_REFLECT)

    def cover(self, frame: float) -> NDArray[np.float32]:
        """How far the layer covers what lies under it, [h, w, 1], 0..1."""
        assert self.matte is not None
        return self._seen(self.matte, frame, cv2.BORDER_CONSTANT)[..., None]

    def _seen(self, image: NDArray, frame: float, border: int) -> NDArray:
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        size = (STAGE_WIDTH, STAGE_HEIGHT)
        seen = cv2.warpAffine(image, self.matrix(frame), size, flags=flags, borderMode=border)
        return np.clip(seen, 0, 1) if image.dtype == np.float32 else seen


@dataclass(frozen=True, eq=False)
class PhotographStage:
    """Photographs under a moving camera, objects cut from others moving over them: true occlusion."""

    layers: tuple[_Layer, ...]
    length: int = 64

    @classmethod
    def at_random(cls, photographs: Sequence[BytePicture], rng: np.random.Generator) -> PhotographStage:
        """The first photograph lies at the back, objects of the others in front of it."""
        speed = float(np.exp(rng.uniform(np.log(0.15), np.log(6.0))))
        camera = rng.normal(0, speed, 2)
        layers = [_layer(photographs[0], None, camera, rng)]
        for photograph in photographs[1:]:
            own_motion = camera * rng.uniform(0.5, 1.5) + rng.normal(0, speed, 2)
            layers.append(_layer(photograph, _blob(photograph.shape[:2], rng), own_motion, rng))
        return cls(tuple(layers))

    def frame(self, index: int) -> BytePicture:
        """See `StageClip`."""
        seen = self.layers[0].picture(index)
        for layer in self.layers[1:]:
            cover = layer.cover(index)
            seen = (layer.picture(index) * cover + seen * (1 - cover) + 0.5).astype(np.uint8)
        return seen

    def walk(self, start: int, target: int) -> Flow | None:  # noqa: ARG002 - see `StageClip`
        """Unknown: the search has to find it."""
        return None


def _layer(
    photograph: BytePicture,
    matte: NDArray[np.float32] | None,
    drift: NDArray[np.float64],
    rng: np.random.Generator,
) -> _Layer:
    height, width = photograph.shape[:2]
    # A photograph of 1100 pixels is soft at its own size: it is shown smaller, or hardly larger.
    zoom = float(np.exp(rng.uniform(np.log(0.55), np.log(1.1))))
    centre = np.array([width, height]) * rng.uniform(0.35, 0.65, 2) - drift / zoom * 32
    sway = np.concatenate(
        [rng.normal(0, 4, 2) * rng.integers(0, 2), [rng.uniform(0.1, 0.6)], [rng.uniform(0, 6.28)]]
    )
    return _Layer(
        photograph,
        matte,
        centre,
        drift / zoom,
        sway,
        (zoom, float(rng.normal(0, 0.002)), float(rng.normal(0, 0.01))),
        (float(rng.normal(0, 0.15)), float(rng.normal(0, 0.003))),
    )


def _blob(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """A ragged shape near the photograph's middle, its edge soft over a pixel or two."""
    height, width = shape
    noise = cv2.resize(
        rng.normal(0, 1, (6, 8)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    reach = rng.uniform(0.12, 0.3)
    round_it = ((x - width / 2) / (width * reach)) ** 2 + ((y - height / 2) / (height * reach)) ** 2
    inside = 1.0 - round_it + 0.5 * noise
    return np.clip(inside * min(shape) * 0.05 + 0.5, 0, 1).astype(np.float32)
