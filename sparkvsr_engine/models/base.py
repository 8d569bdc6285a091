"""What every restorer is: it turns source frames plus keyframes into restored frames.

Jobs and daemon know a restorer by its record (`models.records`) and the interfaces of this file: `Planner`,
which needs no weights, `Restorer`, and `ShotRestorer` for one shot. The four stages are kept apart because
each is cached by what it depends on: the source only, one keyframe only, both, or the guidance too.

Pixels here are NumPy arrays, float32 `[H, W, C]`, RGB, display-referred, nominally 0..1 ("model space");
reading, colour conversion and writing are not a restorer's affair.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture, Plane
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.light_curve import LightCurve
from sparkvsr_engine.core.windows import Chunk, Window
from sparkvsr_engine.models.learnt import LearningBudget, Learnt

LOCK = "lock"


class FrameGrid(Enum):
    """How many frames a window may have."""

    ANY = "any"
    EIGHT_N_PLUS_ONE = "8n+1"


@dataclass(frozen=True)
class RestorerTraits:
    """What a caller must know about a restorer before it plans.

    identity: changes whenever results may change (weights and code); part of every cache key.
    context_frames: source frames read on either side of a window.
    random_access: any frame can be rendered alone, from its context and its nearest keyframes.
    size_multiple: output sides are padded to a multiple of this inside and cropped back.
    learns: whether it is a `LearningRestorer`.
    home_scale: every scale between 1 and this one takes the work of this one.
    """

    name: str
    identity: str
    grid: FrameGrid
    context_frames: int
    random_access: bool
    size_multiple: int
    devices: tuple[str, ...] = ("cpu", "cuda")
    learns: bool = False
    home_scale: float = 1.0

    def worked_scale(self, scale: float) -> float:
        """The scale whose work another takes.

        Args:
            scale: 1 or more.
        """
        return self.home_scale if 1 < scale < self.home_scale else scale


class FrameReader(Protocol):
    """Source frames of one shot, by number; sequential reads are cheap, others seek."""

    @property
    def span(self) -> FrameSpan:
        """The shot."""
        ...

    def read(self, frame: int) -> Picture:
        """The frame at source size; a frame outside the span is the nearest one inside.

        Args:
            frame: in the shot's numbers.
        """
        ...


@runtime_checkable
class PartReader(FrameReader, Protocol):
    """Reads a part of every frame; the facts of a frame as a whole are those of all of it."""

    def whole(self, frame: int) -> Picture:
        """All of the frame `read` gives a part of.

        Args:
            frame: in the shot's numbers.
        """
        ...


@dataclass(frozen=True, eq=False)
class KeyframePicture:
    """A keyframe ready for use: at output size, aligned to its source frame and, under `lock`, colour-locked.

    matte: 0..1 [H, W], where it may count, None for everywhere. painted: 0..1, where it shows something else
    than its source. trust: 1, lower for a doubtful or carried one. digest: of the pixels, for cache keys.
    """

    frame: int
    pixels: Picture
    digest: str
    matte: Plane | None = None
    trust: float = 1.0
    painted: Plane | None = None


@dataclass(frozen=True, eq=False)
class Guidance:
    """How far keyframes are followed, applied at decode only.

    value: 0 blind, 1 as trained, up to 2. strengths: per keyframe frame, 1 where not named.
    mattes: per keyframe frame, float32 [H, W] at output size, on the keyframe's own frame.
    """

    value: float = 1.0
    strengths: Mapping[int, float] = field(default_factory=dict[int, float])
    mattes: Mapping[int, NDArray[np.float32]] = field(default_factory=dict[int, NDArray[np.float32]])

    def of(self, keyframe: int) -> float:
        """The product that scales this keyframe's part.

        Args:
            keyframe: its place in the window.
        """
        return self.value * self.strengths.get(keyframe, 1.0)


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a window's network passes found, blind and keyed parts apart.

    parts: named arrays; what they mean is the restorer's own affair, all it needs to decode is in
    here (beside the source frames), so that a stored prediction is decoded without a network pass.
    passes: network passes it took; 0 where all its parts were kept from before.
    """

    window: Window
    parts: Mapping[str, NDArray[Any]]
    passes: int = 1


@dataclass(frozen=True, eq=False)
class RestoredFrame:
    """One finished frame.

    pixels: float32 [H, W, 3] model space, output size.
    confidence: float32 [h, w], 0..1, how far keyframes were trusted, coarser than the frame; None
        where there was no keyframe.
    limited: share of its pixels, 0..1, that `source_bound` had to bring back to the source's range.
    """

    frame: int
    pixels: Picture
    confidence: NDArray[np.float32] | None = None
    limited: float = 0.0


class ShotRestorer(Protocol):
    """A restorer at work on one shot. States and predictions belong to the shot that made them."""

    def encode_source(self, window: Window) -> Any:
        """What depends on the source alone.

        Args:
            window: the frames to predict, and their keyframes.
        """
        ...

    def encode_keyframe(self, keyframe: KeyframePicture) -> Any:
        """What depends on one keyframe (and its source frame) alone.

        Args:
            keyframe: the picture, its frame and its source frame.
        """
        ...

    def predict(self, window: Window, source: Any, keyframes: Sequence[Any]) -> Prediction:
        """Run the network.

        Args:
            window: the frames to predict, and their keyframes.
            source: what `encode_source` gave for the window.
            keyframes: what `encode_keyframe` gave, in the order of `window.keyframes`, then the carried one.
        """
        ...

    def decode(self, prediction: Prediction, source: Any, guidance: Guidance) -> list[RestoredFrame]:
        """The window's frames under this guidance; runs no prediction network.

        Args:
            prediction: what `predict` gave for the window.
            source: what `encode_source` gave for the window.
            guidance: how far keyframes count, in all and one by one.
        """
        ...

    def carried(self, prediction: Prediction, source: Any, frame: int) -> KeyframePicture:
        """A restored frame of this window as the neighbouring one carries it; only where windows carry.

        Args:
            prediction: what `predict` gave for the window.
            source: what `encode_source` gave for the window.
            frame: number of the frame.
        """
        ...

    def close(self) -> None:
        """Free what the shot holds."""
        ...


@dataclass(frozen=True)
class ShotSettings:
    """How a shot is restored, beside its frames, its size and its keyframes.

    look: whose colour the result has, `lock` or `propagate`. seed: for models that draw lots. damage: how
    damaged the source is to be taken to be, 0..1; None: as its frames look. curve: of scene-linear
    light, whose codes frames then hold; None for display values. learnt: the content of what a
        `LearningRestorer` learnt of the shot, None for the weights that ship.
    """

    look: str = LOCK
    seed: int = 0
    damage: float | None = None
    curve: LightCurve | None = None
    learnt: bytes | None = None


@dataclass(frozen=True)
class IgnoredKeyframe:
    """A keyframe without effect. reason: a sentence for people: why, and what to do."""

    frame: int
    reason: str


class Planner(Protocol):
    """What is known of a restorer without its weights in memory; most members have a default to inherit."""

    @property
    def traits(self) -> RestorerTraits:
        """What it is."""
        ...

    @property
    def planning_options(self) -> dict[str, Any]:
        """What opens a planner of the same plans; empty where these follow from shot and keyframes."""
        return {}

    def plan(
        self, shot: FrameSpan, span: FrameSpan, keyframes: Sequence[int], geometry: Geometry
    ) -> list[Chunk]:
        """See `Restorer.plan`."""
        ...

    def ignored_keyframes(self, shot: FrameSpan, keyframes: Sequence[int]) -> tuple[IgnoredKeyframe, ...]:
        """Keyframes of a shot that have no effect; none unless the restorer overrides this.

        Args:
            shot: the frames of the shot.
            keyframes: frames of the keyframes.
        """
        return ()

    def uses_damage(self, geometry: Geometry) -> bool:
        """Whether `ShotSettings.damage` changes a result of this size.

        Args:
            geometry: sizes of source and output.
        """
        return False

    def learning_budget(
        self, geometry: Geometry, seconds: float | None, metrics: Path
    ) -> LearningBudget | None:
        """How long shots of this size are learnt from their keyframes; None where they are not.

        Args:
            geometry: sizes of the source and of the output.
            seconds: of two ordinary cores; None for as long as it pays.
            metrics: folder in which the weights of a learned loss may lie.
        """
        return None

    def gains_from_made_keyframes(
        self, reader: FrameReader, geometry: Geometry, damage: float | None
    ) -> bool:
        """Whether keyframes that an image model makes of a shot's own frames improve the result.

        Args:
            reader: the shot's frames; a few of them are read.
            geometry: sizes of the source and of the output.
            damage: see `ShotSettings`.

        Raises:
            ModelMissing: where weights or a package are missing.
        """
        return True


class Restorer(Protocol):
    """A model, loaded on a device."""

    @property
    def traits(self) -> RestorerTraits:
        """What it is."""
        ...

    def plan(
        self, shot: FrameSpan, span: FrameSpan, keyframes: Sequence[int], geometry: Geometry
    ) -> list[Chunk]:
        """The chunks that put out `span`, a part of `shot`, under keyframes at these frames.

        The same frames get the same windows whatever is wanted, so that a part rendered alone equals
        the same part of the whole.

        Args:
            shot: the frames of the shot.
            span: the frames to put out, a part of the shot.
            keyframes: frames of the keyframes.
            geometry: sizes of the source and of the output.
        """
        ...

    def open_shot(
        self,
        reader: FrameReader,
        geometry: Geometry,
        settings: ShotSettings,
        is_cancelled: Callable[[], bool],
    ) -> ShotRestorer:
        """Start work on a shot.

        Args:
            reader: reads the shot's frames, see `FrameReader`.
            geometry: sizes of the source and of the output.
            settings: what of a request concerns the restorer.
            is_cancelled: asked between two steps; true ends the work with JobCancelled.
        """
        ...

    def how_it_runs(self) -> tuple[str, ...]:
        """For people: the plan in force on this device, then every step down it came by, oldest first.

        Empty where there is nothing to plan.
        """
        return ()

    def close(self) -> None:
        """Free the device."""
        ...


@runtime_checkable
class LearningRestorer(Protocol):
    """A restorer that learns a shot from its keyframes."""

    def learn(
        self,
        reader: FrameReader,
        geometry: Geometry,
        settings: ShotSettings,
        frames: Sequence[int],
        keyframe: Callable[[int], KeyframePicture],
        budget: LearningBudget,
        checkpoint: Path,
        on_step: Callable[[int, int, float], None],
    ) -> Learnt:
        """Learn a shot; the same arguments give the same content, however often it was stopped in between.

        Args:
            reader: reads the shot's frames, see `FrameReader`.
            geometry: sizes of the source and of the output.
            settings: what of a request concerns the restorer; its `learnt` is of another shot of the scene,
                from where the first step is taken if tests find less error there.
            frames: of the keyframes.
            keyframe: gives one's picture, whose matte and trust hold where and how far it counts; asked again
                and again, so that memory holds few of them.
            budget: how long to learn.
            checkpoint: the file of its state, from which it goes on.
            on_step: called with steps done, steps at most and the gain so far; may raise to stop.
        """
        ...

    def read_learnt(self, content: bytes) -> Learnt:
        """What was learnt before; raises ModelMissing for bytes that are damaged.

        Args:
            content: as `learn` gave it.
        """
        ...
