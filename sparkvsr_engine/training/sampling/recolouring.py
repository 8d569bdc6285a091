"""Strong colours and contrast: footage alone holds few, and a network that never saw them bursts on them.

Channels change places, the picture becomes its negative, saturation and contrast grow. Every picture of a
scene changes alike, so that what is wanted stays a function of what is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.training.scenes.bank import Scene

_NEGATIVE_SHARE, _STRONG_SHARE = 0.3, 0.5
_MOST_SATURATION, _MOST_CONTRAST = 3.0, 1.8


def recoloured(scene: Scene, rng: np.random.Generator) -> Scene:
    """The scene in other colours, the same for all of its pictures."""
    change = _draw_change(rng)
    return _changed(scene, change)


def _changed(scene: Scene, change: Callable[[BytePicture], BytePicture]) -> Scene:
    return replace(
        scene,
        source=change(scene.source),
        truth=change(scene.truth),
        made=None if scene.made is None else change(scene.made),
        taught=None if scene.taught is None else change(scene.taught),
        following=None if scene.following is None else _changed(scene.following, change),
    )


def _draw_change(rng: np.random.Generator) -> Callable[[BytePicture], BytePicture]:
    order = rng.permutation(3)
    is_negative, is_strong = rng.random() < _NEGATIVE_SHARE, rng.random() < _STRONG_SHARE
    saturation, contrast = rng.uniform(1, _MOST_SATURATION), rng.uniform(1, _MOST_CONTRAST)
    matrix = contrast * (saturation * np.eye(3) + (1 - saturation) * np.full((3, 3), 1 / 3))
    shift = 127.5 * (1 - contrast)

    def change(picture: BytePicture) -> BytePicture:
        recoloured = 255 - picture[..., order] if is_negative else picture[..., order]
        if not is_strong:
            return recoloured
        mixed = recoloured.astype(np.float32) @ matrix.T.astype(np.float32) + np.float32(shift)
        return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)

    return change
