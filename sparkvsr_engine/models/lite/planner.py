"""What `lite` renders in which order, without loading it: a window is one frame, a chunk a run of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.core.dependency import chunk_boundaries, neighbours
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.windows import Chunk, Window
from sparkvsr_engine.models.backends.names import OPENVINO, OPENVINO_8_BIT, TORCH
from sparkvsr_engine.models.base import FrameGrid, FrameReader, Geometry, Planner, RestorerTraits
from sparkvsr_engine.models.learnt import LearningBudget
from sparkvsr_engine.models.lite.facts import CONTEXT_FRAMES, HOME_SCALE, NAME
from sparkvsr_engine.models.lite.learning.recipe import budget_of

# Long enough that a chunk's own cost (a record, an I-frame) does not count, short enough that a crash
# loses seconds.
CHUNK_FRAMES = 16
# Beyond it a crop of the canvas is no crop of the source.
LARGEST_LEARNT_SCALE = 4.1
# Part of every cache key: to be raised when the same weights give other pixels.
CODE_VERSION = 15
# The same for OpenVINO alone.
GRAPHS_VERSION = 2


def shipped_weights() -> Path:
    """The weights in the package."""
    return Path(__file__).with_name("weights") / "lite.safetensors"


def shipped_ranges() -> Path:
    """The ranges under which these weights run in 8 bits, in the package."""
    return Path(__file__).with_name("weights") / "lite-ranges.safetensors"


def weights_identity(path: Path) -> str:
    """A key for the content of weights or ranges; raises ModelMissing when they are not there."""
    try:
        state = path.stat()
        return _digest(path, state.st_mtime_ns, state.st_size, state.st_ino)
    except OSError as error:
        raise ModelMissing(
            f"The weights {path} cannot be read ({error.strerror}); reinstall sparkvsr or train them anew"
            " with 'sparkvsr train lite'."
        ) from error


@lru_cache(maxsize=8)
def _digest(path: Path, *_state: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


class LitePlanner(Planner):
    """Plans for one set of weights, run by one backend."""

    def __init__(self, weights: Path | None = None, backend: str = TORCH) -> None:
        self.weights = weights or shipped_weights()
        self._backend = backend

    @property
    def traits(self) -> RestorerTraits:
        """What `lite` is."""
        return RestorerTraits(
            name=NAME,
            identity=f"{NAME}-{CODE_VERSION}-{weights_identity(self.weights)}{self._run_by()}",
            grid=FrameGrid.ANY,
            context_frames=CONTEXT_FRAMES,
            random_access=True,
            size_multiple=8,
            learns=True,
            home_scale=HOME_SCALE,
        )

    def _run_by(self) -> str:
        if self._backend == TORCH:
            return ""
        # Other ranges give other pixels.
        ranges = f"-{weights_identity(shipped_ranges())}" if self._backend == OPENVINO_8_BIT else ""
        return f"-{OPENVINO}-{GRAPHS_VERSION}{ranges}"

    def uses_damage(self, geometry: Geometry) -> bool:
        """See `models.base.Planner.uses_damage`: only where there are weights for clean sources."""
        from sparkvsr_engine.models.lite.working_size import is_native_scale, working_geometry

        return is_native_scale(working_geometry(geometry))

    def gains_from_made_keyframes(
        self, reader: FrameReader, geometry: Geometry, damage: float | None
    ) -> bool:
        """See `models.base.Planner`: not of a clean source at the size it works best at.

        There an image model makes no better keyframes than what it restores by itself (three clips, x4: 30.8
        dB and LPIPS 0.186 without keyframes, 30.0 dB and 0.185 with those of `crisp`).
        """
        from sparkvsr_engine.models.lite.clean_source import looks_clean

        if not self.uses_damage(geometry):
            return True
        if damage is not None:
            return damage >= 0.5
        return not looks_clean(self.weights, weights_identity(self.weights), reader)

    def learning_budget(
        self, geometry: Geometry, seconds: float | None, metrics: Path
    ) -> LearningBudget | None:
        """See `models.base.Planner.learning_budget`: up to the scale its cells are source pixels at."""
        return None if geometry.scale > LARGEST_LEARNT_SCALE else budget_of(seconds, metrics)

    def plan(
        self,
        shot: FrameSpan,
        span: FrameSpan,
        keyframes: Sequence[int],
        geometry: Geometry,  # noqa: ARG002 - a frame is a frame at every size
    ) -> list[Chunk]:
        """See `models.base.Restorer.plan`; chunks meet at keyframes, so that an edit touches whole chunks."""
        inside = sorted(frame for frame in keyframes if frame in shot)
        pieces = chunk_boundaries(shot, inside, CHUNK_FRAMES, span)
        return [_chunk(index, piece, shot, inside) for index, piece in enumerate(pieces)]


def _chunk(index: int, span: FrameSpan, shot: FrameSpan, keyframes: Sequence[int]) -> Chunk:
    windows = tuple(_window(frame, shot, keyframes) for frame in span)
    named = sorted({keyframe for window in windows for keyframe in window.keyframes})
    return Chunk(index, span, windows, tuple(named))


def _window(frame: int, shot: FrameSpan, keyframes: Sequence[int]) -> Window:
    span = FrameSpan(frame, frame + 1)
    near = tuple(keyframe for keyframe in neighbours(frame, keyframes, shot) if keyframe is not None)
    return Window(span, span.widened(CONTEXT_FRAMES, shot), near)
