"""Graphics as a stage: titles, bars, mattes and CG light beside the footage that scenes are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.core.pictures.motion import Flow
from sparkvsr_engine.evaluation.graphics.scenes import KINDS, LIGHT, GraphicsScene, draw_scene, reduced
from sparkvsr_engine.media.colours.curves import acescct_encode
from sparkvsr_engine.training.sampling.sample_planes import to_eight_bits
from sparkvsr_engine.training.scenes.footage import STAGE_HEIGHT, STAGE_WIDTH

_SCALE = 4
# Nothing is learnt from one colour, little from noise: they come once where the others come four times.
_RARE = ("one colour", "noise", "flat")
_RARITY = 4


@dataclass(frozen=True, eq=False)
class GraphicsStage:
    """One generated scene. Light is shown as the network sees it, in ACEScct codes."""

    scene: GraphicsScene
    length: int = 48

    @classmethod
    def at_random(
        cls, footage: Sequence[BytePicture], rng: np.random.Generator, aliased: float | None = None
    ) -> GraphicsStage:
        """A scene of any kind, over some of the footage where it wants any.

        Args:
            footage: uint8 [h, w, 3].
            rng: draws everything that is drawn.
            aliased: share of scenes without anti-aliasing, 0..1, none of light; None leaves it to the kinds.
        """
        if aliased is None:
            return cls(_draw_scene(footage, KINDS, rng))
        is_aliased = bool(rng.random() < aliased)
        display = [kind for kind in KINDS if kind != LIGHT]
        while True:
            scene = _draw_scene(footage, display, rng)
            if scene.is_aliased == is_aliased:
                return cls(scene)

    def frame(self, index: int) -> BytePicture:
        """See `StageClip`."""
        return self._finished(self.scene.truth(index, _SCALE))

    def walk(self, start: int, target: int) -> Flow | None:  # noqa: ARG002 - see `StageClip`
        """Unknown: the search has to find it."""
        return None

    def source(self, index: int, width: int, height: int) -> BytePicture:
        """A clean source frame: aliased scenes are drawn at their own size, light is reduced as light.

        Args:
            index: its place, from 0.
            width: in pixels.
            height: in pixels.
        """
        if self.scene.is_aliased:
            return self._finished(self.scene.drawn(index, width, height))
        return self._finished(reduced(self.scene.truth(index, _SCALE), width, height))

    def _finished(self, picture: NDArray[np.float32]) -> BytePicture:
        return to_eight_bits(np.clip(acescct_encode(picture), 0, 1) if self.scene.is_light else picture)


def _draw_scene(
    footage: Sequence[BytePicture], kinds: Sequence[str], rng: np.random.Generator
) -> GraphicsScene:
    often = [kind for kind in kinds for _ in range(1 if kind in _RARE else _RARITY)]
    kind = often[int(rng.integers(len(often)))]
    rows, columns = STAGE_HEIGHT // _SCALE, STAGE_WIDTH // _SCALE
    return draw_scene(int(rng.integers(1 << 31)), rows, columns, kind, footage)
