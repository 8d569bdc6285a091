"""The identity behind the restorer interface: source frames as they are, enlarged for a larger output."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.windows import Chunk, Window
from sparkvsr_engine.models.base import (
    FrameReader,
    Guidance,
    KeyframePicture,
    Prediction,
    RestoredFrame,
    RestorerTraits,
    ShotSettings,
)
from sparkvsr_engine.models.identity.planner import IdentityPlanner


class IdentityRestorer:
    """See `models.base.Restorer`. At scale 1 frames come back bit for bit; keyframes show on their frames."""

    def __init__(self) -> None:
        self._planner = IdentityPlanner()

    @property
    def traits(self) -> RestorerTraits:
        """What it is."""
        return self._planner.traits

    def plan(
        self, shot: FrameSpan, span: FrameSpan, keyframes: Sequence[int], geometry: Geometry
    ) -> list[Chunk]:
        """See `models.base.Restorer.plan`."""
        return self._planner.plan(shot, span, keyframes, geometry)

    def open_shot(
        self,
        reader: FrameReader,
        geometry: Geometry,
        settings: ShotSettings,
        is_cancelled: Callable[[], bool],
    ) -> IdentityShot:
        """See `models.base.Restorer.open_shot`."""
        return IdentityShot(reader, geometry)

    def how_it_runs(self) -> tuple[str, ...]:
        """Nothing to plan."""
        return ()

    def close(self) -> None:
        """Nothing is held outside Python."""


class IdentityShot:
    """See `models.base.ShotRestorer`."""

    def __init__(self, reader: FrameReader, geometry: Geometry) -> None:
        self._reader = reader
        self._geometry = geometry

    def encode_source(self, window: Window) -> Picture:
        """The source frame at the output's size: itself, or bilinear, which invents no value."""
        picture = self._reader.read(window.span.start)
        size = (self._geometry.width, self._geometry.height)
        if picture.shape[1::-1] == size:
            return picture
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.float32)

    def encode_keyframe(self, keyframe: KeyframePicture) -> Picture:
        """The keyframe's picture."""
        return keyframe.pixels

    def predict(self, window: Window, source: Picture, keyframes: Sequence[Picture]) -> Prediction:
        """The keyframe's picture on its own frame, nothing on others.

        Args:
            window: the frames to predict, and their keyframes.
            source: float32 [H, W, 3], model space.
            keyframes: pictures in the order of `window.keyframes`.
        """
        parts = {"keyframe": keyframes[0]} if keyframes else {}
        return Prediction(window, parts, passes=0)

    def decode(self, prediction: Prediction, source: Picture, guidance: Guidance) -> list[RestoredFrame]:
        """The source frame, mixed with the keyframe by its influence where it is its own.

        Args:
            prediction: what `predict` gave for the window.
            source: float32 [H, W, 3], model space.
            guidance: how far keyframes count, in all and one by one.
        """
        frame = prediction.window.span.start
        picture = prediction.parts.get("keyframe")
        if picture is None:
            return [RestoredFrame(frame, source.copy())]
        influence: np.ndarray | float = guidance.of(frame)
        if frame in guidance.mattes:
            influence = (guidance.mattes[frame] * np.float32(influence))[..., None]
        pixels = source + (picture - source) * np.asarray(influence, np.float32)
        return [RestoredFrame(frame, np.asarray(pixels, np.float32))]

    def carried(self, prediction: Prediction, source: Picture, frame: int) -> KeyframePicture:
        """Never asked for: no window carries a frame from its neighbour.

        Args:
            prediction: what `predict` gave for the window.
            source: float32 [H, W, 3], model space.
            frame: number of the frame.
        """
        raise NotImplementedError(f"the identity carries no frames ({prediction.window.span}, {frame})")

    def close(self) -> None:
        """Nothing is held outside Python."""
