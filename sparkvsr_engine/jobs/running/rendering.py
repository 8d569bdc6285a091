"""Runs a shot's windows through a restorer: predictions from the cache or made, windows blended.

Works for every restorer alike: windows may be single frames or overlapping stretches, may carry a frame
from their neighbour, and are predicted in whatever order chunks are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.blending import fade_weights
from sparkvsr_engine.core.dependency import carried_from
from sparkvsr_engine.core.pictures.headroom import FrameLight, resize_headroom, split_headroom
from sparkvsr_engine.core.windows import Chunk, Window
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.models.base import (
    Guidance,
    KeyframePicture,
    Prediction,
    RestoredFrame,
    ShotRestorer,
)
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# Windows a frame may lie in, and the neighbour one of them carries from.
_KEPT_WINDOWS = 3


class PredictionCache(Protocol):
    """Where predictions are kept between runs, by content key."""

    def load(self, window: Window) -> Mapping[str, NDArray[Any]] | None:
        """The parts of a window's prediction, None when they are not there."""
        ...

    def save(self, window: Window, parts: Mapping[str, NDArray[Any]]) -> None:
        """Keep them, as far as the budget allows."""
        ...

    def close(self) -> None:
        """Wait until what was given is kept."""
        ...


@runtime_checkable
class PrefetchingShot(Protocol):
    """A `ShotRestorer` that makes ready what the following window needs while the network runs."""

    def prefetch(self, window: Window) -> None:
        """Make a window ready during the next prediction. It changes no result, and the window may never be
        asked for.

        Args:
            window: its frames and keyframes.
        """
        ...


class NoPredictionCache:
    """Keeps nothing."""

    def load(self, window: Window) -> Mapping[str, NDArray[Any]] | None:  # noqa: ARG002
        """See `PredictionCache`."""
        return None

    def save(self, window: Window, parts: Mapping[str, NDArray[Any]]) -> None:
        """See `PredictionCache`."""

    def close(self) -> None:
        """See `PredictionCache`."""


@dataclass
class PassCount:
    """How many passes of the prediction network ran, and how many predictions needed none."""

    predicted: int = 0
    recalled: int = 0


@dataclass(frozen=True, eq=False)
class _Predicted:
    source: Any
    prediction: Prediction


class ShotRenderer:
    """One shot under one set of keyframes.

    windows: all of the shot, in order. keyframe: obtains a keyframe's picture.
    control: checked before each window. passes: counted further where it is given.
    headroom: of a source frame, which restorers are not shown (`core.pictures.headroom`).
    shows_again: whether frames are asked for more than once, as under guidance that moves.
    """

    def __init__(
        self,
        shot: ShotRestorer,
        windows: Sequence[Window],
        keyframe: Callable[[int], KeyframePicture],
        prediction_cache: PredictionCache,
        control: Control,
        passes: PassCount | None = None,
        headroom: Callable[[int], Picture | None] = lambda _: None,
        *,
        shows_again: bool = True,
    ) -> None:
        self._shot = shot
        self._windows = list(windows)
        self._index = {window.span.start: index for index, window in enumerate(self._windows)}
        self._keyframe = keyframe
        self._prediction_cache = prediction_cache
        self.control = control
        self._states: BoundedDict[str, Any] = BoundedDict(_KEPT_WINDOWS)
        # A 4K frame's prediction is a quarter of a gigabyte with what it was made of.
        is_kept = shows_again or any(map(_is_asked_for_again, windows))
        self._predicted: BoundedDict[int, _Predicted] = BoundedDict(_KEPT_WINDOWS if is_kept else 0)
        self.passes = PassCount() if passes is None else passes
        self._headroom = headroom
        self._last_light: tuple[tuple[int, str], FrameLight | None] | None = None

    def render(self, chunk: Chunk, guidance: Guidance) -> Iterator[RestoredFrame]:
        """The frames of a chunk, in order."""
        decoded: dict[int, dict[int, RestoredFrame]] = {}
        for frame in chunk.span:
            around = [window for window in chunk.windows if frame in window.span]
            for window in around:
                start = window.span.start
                if start not in decoded:
                    self._prefetch_following(chunk, window)
                    decoded[start] = {f.frame: f for f in self._decode(self._index[start], guidance)}
            # No name for what is given away: it would hold a frame while the next is restored.
            yield self._with_light(
                _blended(frame, around, [decoded[window.span.start][frame] for window in around]),
                any(frame in window.keyframes for window in around),
                guidance,
            )
            for start in [start for start in decoded if self._windows[self._index[start]].span.last <= frame]:
                del decoded[start]

    def is_predicted(self, chunk: Chunk) -> bool:
        """Whether the chunk can be shown without a network pass; what was kept is taken into memory."""
        return all(self._find(self._index[window.span.start]) is not None for window in chunk.windows)

    def close(self) -> None:
        """Let the shot go, once what it predicted is kept."""
        self.release()
        self._shot.close()

    def release(self) -> None:
        """Let go of what was predicted, once it is kept; the shot stays open."""
        self._states.clear()
        self._predicted.clear()
        self._last_light = None
        self._prediction_cache.close()

    def _with_light(self, restored: RestoredFrame, is_keyframe: bool, guidance: Guidance) -> RestoredFrame:
        """The frame with what lies beyond: the source's, on a keyframe's own frame that keyframe's."""
        frame = restored.frame
        light = self._light(frame, is_keyframe, restored.pixels.shape)
        if light is None:
            return restored
        strength, matte = guidance.of(frame), guidance.mattes.get(frame)
        share = strength if matte is None else matte * np.float32(strength)
        return replace(restored, pixels=light.added_to(restored.pixels, share))

    def _light(self, frame: int, is_keyframe: bool, shape: Sequence[int]) -> FrameLight | None:
        """What lies beyond on a frame; the last is kept, for guidance that moves."""
        keyframe = self._keyframe(frame) if is_keyframe else None
        key = (frame, keyframe.digest if keyframe is not None else "")
        if self._last_light is None or self._last_light[0] != key:
            source = self._headroom(frame)
            source = None if source is None else resize_headroom(source, shape[1], shape[0])
            keyframe_light = None if keyframe is None else split_headroom(keyframe.pixels)[1]
            self._last_light = (key, FrameLight.of(source, keyframe_light, is_keyframe=is_keyframe))
        return self._last_light[1]

    def _decode(self, index: int, guidance: Guidance) -> list[RestoredFrame]:
        prediction = self._predict(index)
        return self._shot.decode(prediction.prediction, prediction.source, guidance)

    def _predict(self, index: int) -> _Predicted:
        stored = self._find(index)
        if stored is None:
            self.control.check()
            source = self._shot.encode_source(self._windows[index])
            stored = self._predicted.put(index, _Predicted(source, self._make(index, source)))
        return stored

    def _find(self, index: int) -> _Predicted | None:
        """A window's prediction in memory or in the prediction cache."""
        predicted = self._predicted.get(index)
        if predicted is not None:
            return predicted
        window = self._windows[index]
        parts = self._prediction_cache.load(window)
        if parts is None:
            return None
        self.control.check()
        self.passes.recalled += 1
        source = self._shot.encode_source(window)
        return self._predicted.put(index, _Predicted(source, Prediction(window, parts)))

    def _make(self, index: int, source: Any) -> Prediction:
        window = self._windows[index]
        states = [self._state(self._keyframe(frame)) for frame in window.keyframes]
        neighbour = carried_from(self._windows, index)
        if neighbour is not None:
            assert window.carries is not None
            neighbour_prediction = self._predict(neighbour)
            states.append(
                self._state(
                    self._shot.carried(
                        neighbour_prediction.prediction, neighbour_prediction.source, window.carries
                    )
                )
            )
        prediction = self._shot.predict(window, source, states)
        self.passes.predicted += prediction.passes
        self.passes.recalled += prediction.passes == 0
        self._prediction_cache.save(window, prediction.parts)
        return prediction

    def _prefetch_following(self, chunk: Chunk, window: Window) -> None:
        """Have the chunk's window behind this one made ready, where there is one."""
        following = [later for later in chunk.windows if later.span.start > window.span.start]
        if following and isinstance(self._shot, PrefetchingShot):
            self._shot.prefetch(following[0])

    def _state(self, picture: KeyframePicture) -> Any:
        return self._states.get_or_make(picture.digest, lambda: self._shot.encode_keyframe(_bounded(picture)))


def windows_of(chunks: Sequence[Chunk]) -> list[Window]:
    """Every window of a shot's chunks once, in order."""
    windows = {window.span.start: window for chunk in chunks for window in chunk.windows}
    return [windows[start] for start in sorted(windows)]


def _is_asked_for_again(window: Window) -> bool:
    """Whether a window's prediction serves more than one chunk or window."""
    return len(window.span) > 1 or window.carries is not None


def _blended(frame: int, windows: Sequence[Window], candidates: Sequence[RestoredFrame]) -> RestoredFrame:
    """One frame out of the windows it lies in, each under its fade."""
    if len(candidates) == 1:
        return candidates[0]
    total: NDArray[np.float32] | None = None
    for window, restored in zip(windows, candidates, strict=True):
        weights = fade_weights(len(window.span), window.fade_in, window.fade_out)
        part = restored.pixels * weights[frame - window.span.start]
        total = part if total is None else total + part
    assert total is not None
    return RestoredFrame(frame, total, candidates[-1].confidence)


def _bounded(picture: KeyframePicture) -> KeyframePicture:
    """The keyframe without its headroom, as restorers see it."""
    return replace(picture, pixels=split_headroom(picture.pixels)[0])
