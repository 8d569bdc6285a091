"""Graphics as a stage: titles, bars, mattes and CG light beside the footage that scenes are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.core.pictures.motion import Flow
from sparkvsr_engine.evaluation.graphics.scenes import KINDS, GraphicsScene, draw_scene, reduced
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
    def at_random(cls, footage: Sequence[BytePicture], rng: np.random.Generator) -> GraphicsStage:
        """A scene of any kind, over some of the footage where it wants any."""
        kinds = [kind for kind in KINDS for _ in range(1 if kind in _RARE else _RARITY)]
        kind = kinds[int(rng.integers(len(kinds)))]
        rows, columns = STAGE_HEIGHT // _SCALE, STAGE_WIDTH // _SCALE
        return cls(draw_scene(int(rng.integers(1 << 31)), rows, columns, kind, footage))

    def frame(self, index: int) -> BytePicture:
        """See `StageClip`."""
        return self._finished(self.scene.truth(index, _SCALE))

    def walk(self, start: int, target: int) -> Flow | None:  # noqa: ARG002 - see `StageClip`
        """Unknown: the search has to find it."""
        return None

    def source(self, index: int, width: int, height: int) -> BytePicture:
        """A clean source frame: aliased scenes are drawn at their own size, light is reduced as light."""
        if self.scene.is_aliased:
            return self._finished(self.scene.drawn(index, width, height))
        return self._finished(reduced(self.scene.truth(index, _SCALE), width, height))

    def _finished(self, picture: NDArray[np.float32]) -> BytePicture:
        return to_eight_bits(np.clip(acescct_encode(picture), 0, 1) if self.scene.is_light else picture)
