"""Headroom: light beyond 0..1 in model space, which goes past restorers instead of through them.

A glint a thousand times brighter than white, or a strongly negative colour, makes a network burst over dozens
of pixels around it, and models that clip lose it. So they are shown pictures within 0..1, and what lies
beyond is enlarged on its own and added to what they restored. Linearly: a cubic's overshoot is a few
hundredths of a code value, which is stops of light up there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture

Resize = Callable[[Picture, int, int], Picture]
Share = float | NDArray[np.float32]


def split_headroom(picture: Picture) -> tuple[Picture, Picture | None]:
    """Split a picture float32 [H, W, C] into its part within 0..1 and its headroom; their sum is the picture.

    None where there is no headroom.
    """
    if picture.size == 0 or (float(picture.min()) >= 0 and float(picture.max()) <= 1):
        return picture, None
    inner = np.clip(picture, 0, 1)
    return inner, picture - inner


def resize_headroom(light: Picture, width: int, height: int) -> Picture:
    """Headroom on a grid of another size, never stronger than it was.

    Args:
        light: headroom, float32 [H, W, 3].
        width: in pixels.
        height: in pixels.
    """
    if light.shape[:2] == (height, width):
        return light
    # Planning imports this too, and has no need of it.
    import cv2

    return np.asarray(cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def resize_with_headroom(picture: Picture, width: int, height: int, resize: Resize) -> Picture:
    """A picture on another grid; what lies within by `resize(picture, width, height)`.

    Args:
        picture: float32 [H, W, 3], model space.
        width: in pixels.
        height: in pixels.
        resize: resizes what lies within 0..1.
    """
    inner, light = split_headroom(picture)
    resized_picture = resize(inner, width, height)
    return (
        resized_picture
        if light is None
        else add_headroom(resized_picture, resize_headroom(light, width, height))
    )


def mix_headroom(source: Picture | None, keyframe: Picture | None, share: Share) -> Picture | None:
    """The headroom of a keyframe's own frame: the keyframe's for its share, the source's for the rest.

    Both float32 [H, W, 3] of one size, None for nothing.

    Args:
        source: headroom of the source frame, None for none.
        keyframe: headroom of the keyframe, None for none.
        share: 0..1, of the frame or float32 [H, W].
    """
    part = np.clip(np.asarray(share, np.float32), 0, 1)[..., None]
    keyframe_part = None if keyframe is None else keyframe * part
    if source is None:
        return keyframe_part
    source_part = source * (1 - part)
    return source_part if keyframe_part is None else source_part + keyframe_part


def add_headroom(restored: Picture, light: Picture) -> Picture:
    """Add headroom to a picture restored within 0..1; both float32 [H, W, C].

    Where there is such light the picture a restorer saw had reached its bound, and so has what it restored: a
    sharpened edge on top of half's largest value would be infinite.
    """
    total = restored.copy()
    total[(light > 0) & (restored > 1)] = 1
    total[(light < 0) & (restored < 0)] = 0
    total += light
    return total


@dataclass(frozen=True, eq=False)
class FrameLight:
    """The headroom of a frame at the places that have any, ready to be added again and again.

    places: of pixels, counted along rows. source, keyframe: [N, 3] at these places; keyframe None where the
    frame is not a keyframe's own.
    """

    places: NDArray[np.intp]
    source: NDArray[np.float32]
    keyframe: NDArray[np.float32] | None

    @classmethod
    def of(
        cls, source: Picture | None, keyframe: Picture | None = None, *, is_keyframe: bool = False
    ) -> FrameLight | None:
        """The light that lies beyond in a frame; None where there is none.

        Args:
            source: the source's headroom, float32 [H, W, 3]; None for none.
            keyframe: the keyframe's, likewise.
            is_keyframe: whether the frame is the keyframe's own.
        """
        pictures = [picture.reshape(-1, 3) for picture in (source, keyframe) if picture is not None]
        if not pictures:
            return None
        has_light = np.logical_or.reduce([picture.any(axis=1) for picture in pictures])
        places = np.flatnonzero(has_light)
        nothing = np.zeros((len(places), 3), np.float32)
        return cls(
            places,
            nothing if source is None else source.reshape(-1, 3)[places],
            (nothing if keyframe is None else keyframe.reshape(-1, 3)[places]) if is_keyframe else None,
        )

    def added_to(self, restored: Picture, share: Share) -> Picture:
        """A picture restored within 0..1 with this light, as `mix_headroom` and `add_headroom` make it.

        share: 0..1, how far the keyframe's counts, of the frame or float32 [H, W].
        """
        light = self.source
        if self.keyframe is not None:
            part = share.reshape(-1)[self.places] if isinstance(share, np.ndarray) else share
            light = mix_headroom(self.source, self.keyframe, part)
            assert light is not None
        total = restored.copy()
        pixels = total.reshape(-1, 3)
        pixels[self.places] = add_headroom(pixels[self.places], light)
        return total
