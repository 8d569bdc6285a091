"""What the identity renders in which order: a window is one frame, its keyframe the one on that frame."""

from __future__ import annotations

from collections.abc import Sequence

from sparkvsr_engine.core.dependency import chunk_boundaries
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.windows import Chunk, Window
from sparkvsr_engine.models.base import FrameGrid, FrameReader, Geometry, Planner, RestorerTraits
from sparkvsr_engine.models.identity.facts import NAME

# Part of every cache key: to be raised when the same source gives other pixels.
CODE_VERSION = 1
_CHUNK_FRAMES = 16


class IdentityPlanner(Planner):
    """See `models.base.Planner`."""

    @property
    def traits(self) -> RestorerTraits:
        """What the identity is."""
        return RestorerTraits(NAME, f"{NAME}-{CODE_VERSION}", FrameGrid.ANY, 0, True, 1, ("cpu",))

    def gains_from_made_keyframes(
        self, reader: FrameReader, geometry: Geometry, damage: float | None
    ) -> bool:
        """No: a keyframe shows on its own frame alone, so none is made where none is asked for.

        Args:
            reader: reads the shot's frames, see `FrameReader`.
            geometry: sizes of the source and of the output.
            damage: how degraded the source is set to be, 0..1; None has it estimated.
        """
        return False

    def plan(
        self, shot: FrameSpan, span: FrameSpan, keyframes: Sequence[int], geometry: Geometry
    ) -> list[Chunk]:
        """See `models.base.Restorer.plan`."""
        inside = sorted(frame for frame in keyframes if frame in shot)
        pieces = chunk_boundaries(shot, inside, _CHUNK_FRAMES, span)
        return [_chunk(index, piece, inside) for index, piece in enumerate(pieces)]


def _chunk(index: int, span: FrameSpan, keyframes: Sequence[int]) -> Chunk:
    named = tuple(sorted(frame for frame in span if frame in keyframes))
    frames = [FrameSpan(frame, frame + 1) for frame in span]
    windows = (Window(frame, frame, (frame.start,) if frame.start in named else ()) for frame in frames)
    return Chunk(index, span, tuple(windows), named)
