"""Scenes by seed: which kind, of what size, and their frames as source and as truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.evaluation.graphics import patterns, screens, titles
from sparkvsr_engine.evaluation.graphics.canvas import Canvas
from sparkvsr_engine.evaluation.graphics.light import LightScene, light_scene
from sparkvsr_engine.evaluation.graphics.setting import Painter, Setting

PAINTERS = {
    "title": titles.title_card,
    "credits": titles.rolling_credits,
    "crawl": titles.news_crawl,
    "lower third": titles.lower_third,
    "cut-in": titles.cut_in_title,
    "bars": patterns.colour_bars,
    "ramps": patterns.ramps,
    "matte": patterns.id_matte,
    "wedge": patterns.resolution_wedge,
    "lines": patterns.thin_lines,
    "checkerboard": patterns.checkerboard,
    "zone plate": patterns.zone_plate,
    "interface": screens.interface,
    "pixel art": screens.pixel_art,
    "flat": patterns.flat_areas,
    "one colour": patterns.single_colour,
    "stars": patterns.star_field,
    "noise": patterns.full_noise,
}
LIGHT = "light"
KINDS = (*PAINTERS, LIGHT)
# Of scenes whose edges a renderer or an editor may leave aliased.
_ALIASED_SHARE = {
    "title": 0.3,
    "matte": 0.6,
    "wedge": 0.3,
    "lines": 0.3,
    "checkerboard": 0.5,
    "interface": 0.3,
}
# Dots, bars and grains stand on the source's own pixels.
_ALWAYS_ALIASED = ("pixel art", "noise")
_SAMPLES = 3
# Per axis and pixel of an aliased scene, of which the middle one is taken; odd.
_POINTS = 5


@dataclass(frozen=True, eq=False)
class GraphicsScene:
    """A moving picture with an exact truth at any size.

    kind: one of `KINDS`. rows, columns: of the source, pixels. is_aliased: the source is drawn at its own
    size without anti-aliasing, as screens and renderers do; otherwise it is the truth reduced.
    is_light: pixels are scene-linear light up to 500, with alpha; otherwise display values 0..1.
    """

    seed: int
    kind: str
    rows: int
    columns: int
    is_aliased: bool
    painting: Painter | LightScene

    @property
    def is_light(self) -> bool:
        """Whether pixels are scene-linear light."""
        return isinstance(self.painting, LightScene)

    def truth(self, frame: int, scale: float) -> Picture:
        """A frame at a size, drawn: float32 [round(scale * rows), round(scale * columns), 3]."""
        return self.drawn(frame, round(self.columns * scale), round(self.rows * scale))

    def source(self, frame: int, scale: float) -> Picture:
        """The frame as it is upscaled from, float32 [rows, columns, 3].

        Args:
            frame: its number, from 0.
            scale: of the truth that is reduced to it; an aliased scene is drawn at its own size instead.
        """
        if self.is_aliased:
            return self.drawn(frame, self.columns, self.rows)
        return reduced(self.truth(frame, max(scale, 1.0)), self.columns, self.rows)

    def alpha(self, frame: int, scale: float) -> Picture | None:
        """Coverage float32 [h, w] of a frame at a size, where the scene has one."""
        if not isinstance(self.painting, LightScene):
            return None
        size = round(self.columns * scale), round(self.rows * scale)
        return self.painting.render(frame, *size)[1]

    def drawn(self, frame: int, width: int, height: int) -> Picture:
        """A frame drawn at a size, whatever the scene's own: float32 [height, width, 3].

        Args:
            frame: the scene's frame, from 0.
            width: in pixels.
            height: in pixels.
        """
        if isinstance(self.painting, LightScene):
            return self.painting.render(frame, width, height)[0]
        if not self.is_aliased:
            canvas = Canvas(width, height, _SAMPLES)
            self.painting(canvas, frame)
            return canvas.picture()
        # The middle of each pixel: at its own size Pillow draws shapes half a pixel too large.
        canvas = Canvas(width * _POINTS, height * _POINTS, 1)
        self.painting(canvas, frame)
        return np.ascontiguousarray(canvas.picture()[_POINTS // 2 :: _POINTS, _POINTS // 2 :: _POINTS])


def draw_scene(
    seed: int,
    rows: int = 72,
    columns: int = 128,
    kind: str | None = None,
    footage: Sequence[NDArray[np.uint8]] = (),
) -> GraphicsScene:
    """The scene of a seed; kinds take turns, everything else is drawn from it.

    Args:
        seed: everything is drawn from it.
        rows: of the source, pixels.
        columns: of the source, pixels.
        kind: one of `KINDS` instead of the seed's own.
        footage: pictures behind titles, uint8 [h, w, 3]; textures are made where there are none.
    """
    name = kind or KINDS[seed % len(KINDS)]
    setting = Setting(np.random.default_rng([seed, 7]), rows, columns, footage)
    if name == LIGHT:
        return GraphicsScene(seed, name, rows, columns, False, light_scene(setting))
    is_aliased = name in _ALWAYS_ALIASED or setting.chance(_ALIASED_SHARE.get(name, 0.0))
    return GraphicsScene(seed, name, rows, columns, is_aliased, PAINTERS[name](setting))


def reduced(picture: Picture, width: int, height: int) -> Picture:
    """Antialiased bicubic reduction (a = -0.5), channel by channel; 8-bit pictures stay within 0..1.

    Light is averaged over areas instead, which a bicubic filter's negative lobes would turn negative.

    Args:
        picture: float32 [H, W, 3], model space.
        width: in pixels.
        height: in pixels.
    """
    if picture.shape[:2] == (height, width):
        return picture
    if picture.max() > 1:
        return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    planes = [
        np.asarray(Image.fromarray(picture[..., c]).resize((width, height), Image.Resampling.BICUBIC))
        for c in range(3)
    ]
    return np.clip(np.stack(planes, -1), 0, 1)
