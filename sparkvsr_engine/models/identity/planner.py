"""What the identity renders in which order: a window is one frame, its keyframe the one on that frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sparkvsr_engine.core.dependency import chunk_boundaries
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.windows import Chunk, Window
from sparkvsr_engine.models.base import FrameGrid, FrameReader, Geometry, LearningBudget, RestorerTraits

# Part of every cache key: to be raised when the same source gives other pixels.
CODE_VERSION = 1
_CHUNK_FRAMES = 16


class IdentityPlanner:
    """See `models.registry.Planner`."""

    @property
    def traits(self) -> RestorerTraits:
        """What the identity is."""
        return RestorerTraits("identity", f"identity-{CODE_VERSION}", FrameGrid.ANY, 0, True, 1, ("cpu",))

    @property
    def planning_options(self) -> dict[str, Any]:
        """None."""
        return {}

    def crowded_out(
        self,
        shot: FrameSpan,  # noqa: ARG002
        keyframes: Sequence[int],  # noqa: ARG002
    ) -> tuple[int, ...]:
        """None: every keyframe shows on its own frame."""
        return ()

    def hears_damage(self, geometry: Geometry) -> bool:  # noqa: ARG002
        """No: nothing is restored."""
        return False

    def learning_budget(
        self,
        geometry: Geometry,  # noqa: ARG002 - it learns at no size
        seconds: float | None,  # noqa: ARG002
        metrics: Path,  # noqa: ARG002
    ) -> LearningBudget | None:
        """See `models.registry.Planner.learning_budget`."""
        return None

    def sees_enough(self, reader: FrameReader, geometry: Geometry, damage: float | None) -> bool:  # noqa: ARG002
        """Yes: no keyframe is made where none is asked for."""
        return True

    def plan(
        self,
        shot: FrameSpan,
        wanted: FrameSpan,
        keyframes: Sequence[int],
        geometry: Geometry,  # noqa: ARG002
    ) -> list[Chunk]:
        """See `models.base.Restorer.plan`."""
        inside = sorted(frame for frame in keyframes if frame in shot)
        pieces = chunk_boundaries(shot, inside, _CHUNK_FRAMES, wanted)
        return [_chunk(index, piece, inside) for index, piece in enumerate(pieces)]


def _chunk(index: int, span: FrameSpan, keyframes: Sequence[int]) -> Chunk:
    windows = []
    for frame in span:
        alone = FrameSpan(frame, frame + 1)
        windows.append(Window(alone, alone, (frame,) if frame in keyframes else ()))
    named = sorted(frame for frame in span if frame in keyframes)
    return Chunk(index, span, tuple(windows), tuple(named))
