"""The source of a job, frame by frame in model space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.pictures.bleeding import bled
from sparkvsr_engine.core.pictures.headroom import split_headroom
from sparkvsr_engine.core.pictures.shrinking import downscaled
from sparkvsr_engine.media.base import ClipInfo, Frame, FrameSource
from sparkvsr_engine.media.enlarging import bounded_cubic, nearest
from sparkvsr_engine.media.pixels import alpha_of
from sparkvsr_engine.models.base import RestoredFrame


@dataclass(frozen=True, eq=False)
class HiddenColours:
    """where: bool [H, W, 1]. colours: float32 [H, W, 3] in model space, of use there alone."""

    where: NDArray[np.bool_]
    colours: Picture


class Footage:
    """A source opened for one job. to_model: file pixels [H, W, C] to model space float32 [H, W, 3].

    holds_fields: whether any frame read so far is marked as two fields.
    """

    def __init__(
        self, info: ClipInfo, source: FrameSource, to_model: Callable[[NDArray[Any]], Picture]
    ) -> None:
        self.info = info
        self._source = source
        self._to_model = to_model
        self._concealed: set[int] = set()
        self.holds_fields = info.is_interlaced

    @property
    def concealed(self) -> frozenset[int]:
        """Frames read so far that cannot be decoded and show something in their place."""
        return frozenset(self._concealed)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def frame(self, number: int) -> Frame:
        """A frame as the file has it."""
        frame = self._source.read(number)
        if frame.is_concealed:
            self._concealed.add(number)
        self.holds_fields |= frame.is_interlaced
        return frame

    def picture(self, number: int) -> Picture:
        """A frame in model space, float32 [H, W, 3]; under straight alpha of 0 the colours around."""
        pixels = self.frame(number).pixels
        colours = np.ascontiguousarray(self._to_model(pixels)[..., :3])
        alpha = alpha_of(pixels) if self.has_straight_alpha else None
        return colours if alpha is None else bled(colours, alpha)

    @property
    def has_straight_alpha(self) -> bool:
        """Whether colours are stored as they are where the picture is transparent."""
        return self.info.has_alpha and not self.info.is_premultiplied

    def stored(self, number: int) -> Picture:
        """A frame in model space with the colours that are stored under alpha of 0."""
        return np.ascontiguousarray(self._to_model(self.frame(number).pixels)[..., :3])

    def hidden_colours(self, number: int, alpha: NDArray[np.float32]) -> HiddenColours | None:
        """What a frame stores where its alpha, float32 [height, width, 1] on the result's grid, is 0.

        What a program stores under nothing may mean something to it. None where nothing is hidden.
        """
        is_clear = alpha <= 0
        if not self.has_straight_alpha or not bool(is_clear.any()):
            return None
        height, width = alpha.shape[:2]
        return HiddenColours(is_clear, nearest(self.stored(number), width, height))

    def alpha(self, number: int) -> NDArray[np.float32] | None:
        """A frame's alpha, float32 [H, W] 0..1; None where the source has none."""
        return alpha_of(self.frame(number).pixels)

    def thumbnail(self, number: int, longest_side: int) -> NDArray[np.uint8]:
        """A frame for analysis, uint8 [h, w, 3], in model space, its longer side at most that."""
        pixels = self.frame(number).pixels[..., :3]
        if max(pixels.shape[:2]) > longest_side:
            pixels = downscaled(pixels.astype(np.float32), longest_side).astype(pixels.dtype)
        if pixels.dtype == np.uint8 and not self.info.is_scene_linear:
            return np.ascontiguousarray(pixels)
        model = self._to_model(np.ascontiguousarray(pixels))
        return np.clip(model * 255 + 0.5, 0, 255).astype(np.uint8)


class ShotFrames:
    """One shot of the footage, as restorers read it (`models.base.FrameReader`): within 0..1."""

    def __init__(self, footage: Footage, shot: FrameSpan) -> None:
        self._footage = footage
        self._shot = shot
        self._plain: set[int] = set()

    @property
    def span(self) -> FrameSpan:
        """The shot."""
        return self._shot

    def read(self, frame: int) -> Picture:
        """A frame of the shot, the nearest one for a number outside it."""
        at = self._shot.clamp(frame)
        colours, light = split_headroom(self._footage.picture(at))
        if light is None:
            self._plain.add(at)
        return colours

    def beyond(self, frame: int) -> Picture | None:
        """What of a frame of the shot lies beyond, float32 [H, W, 3]; None for nothing."""
        # A movie's frame may have to be decoded again by now: not for those that were seen to hold nothing.
        return None if frame in self._plain else split_headroom(self._footage.picture(frame))[1]


def with_alpha(footage: Footage, restored: RestoredFrame, channels: int) -> Picture:
    """The frame with alpha where the target keeps one: the restorer's, else the source's own, enlarged.

    Args:
        footage: reads the source in model space.
        restored: what the restorer gave for the frame.
        channels: of the target.
    """
    if channels < 4:
        return restored.pixels[..., :3]
    if restored.pixels.shape[2] == 4:
        return restored.pixels
    alpha = footage.alpha(restored.frame)
    height, width = restored.pixels.shape[:2]
    if alpha is None:
        return np.concatenate([restored.pixels, np.ones((height, width, 1), np.float32)], axis=2)
    enlarged = bounded_cubic(alpha[..., None], width, height)
    hidden = footage.hidden_colours(restored.frame, enlarged)
    colours = restored.pixels if hidden is None else np.where(hidden.where, hidden.colours, restored.pixels)
    return np.concatenate([colours, enlarged], axis=2)
