"""CG in scene-linear light: solids with hard edges, speculars, lamps up to 500, titles, glows, alpha."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.evaluation.graphics.canvas import Canvas
from sparkvsr_engine.evaluation.graphics.setting import Painter, Setting
from sparkvsr_engine.evaluation.graphics.titles import title_card

BRIGHTEST = 500.0
_SAMPLES = 3
_LIGHT_DIRECTION = np.array([-0.5, -0.6, 0.62], np.float32)


@dataclass(frozen=True, eq=False)
class LightScene:
    """Solids and lamps over black or grey. `render` returns light and coverage at any size."""

    spheres: tuple[_Sphere, ...]
    lamps: tuple[_Lamp, ...]
    ground: NDArray[np.float32]
    title: Painter | None
    title_light: float

    def render(self, time: float, width: int, height: int) -> tuple[Picture, Picture]:
        """Scene-linear light float32 [h, w, 3] and alpha [h, w], both averaged over each pixel's area.

        Args:
            time: in frames from the scene's own.
            width: in pixels.
            height: in pixels.
        """
        x, y = _grid(width * _SAMPLES, height * _SAMPLES)
        light = np.broadcast_to(self.ground, (*x.shape, 3)).astype(np.float32)
        alpha = np.full(x.shape, float(self.ground.any()), np.float32)
        for sphere in self.spheres:
            sphere.add(light, alpha, x, y, time)
        for lamp in self.lamps:
            lamp.add(light, alpha, x, y, time)
        if self.title is not None:
            canvas = Canvas(width * _SAMPLES, height * _SAMPLES, 1)
            self.title(canvas, time)
            light += np.float32(self.title_light) * (letters := canvas.picture())
            np.maximum(alpha, letters.max(-1), out=alpha)
        return _averaged(light, width, height), _averaged(alpha, width, height)


@dataclass(frozen=True)
class _Sphere:
    """x, y, radius: units of the height. albedo: colour. gloss: light of its highlight."""

    x: float
    y: float
    radius: float
    albedo: tuple[float, float, float]
    gloss: float
    speed: tuple[float, float]
    is_flat: bool

    def add(self, light: Picture, alpha: Picture, x: Picture, y: Picture, time: float) -> None:
        u = (x - np.float32(self.x + self.speed[0] * time)) / np.float32(self.radius)
        v = (y - np.float32(self.y + self.speed[1] * time)) / np.float32(self.radius)
        inside = u * u + v * v < 1
        depth = np.sqrt(1 - u[inside] ** 2 - v[inside] ** 2)
        facing = (
            u[inside] * _LIGHT_DIRECTION[0] + v[inside] * _LIGHT_DIRECTION[1] + depth * _LIGHT_DIRECTION[2]
        )
        shade = np.ones_like(facing) if self.is_flat else np.float32(0.03) + np.maximum(facing, 0)
        highlight = np.float32(self.gloss) * np.maximum(facing, 0) ** 60
        light[inside] = shade[:, None] * np.array(self.albedo, np.float32) + highlight[:, None]
        alpha[inside] = 1


@dataclass(frozen=True)
class _Lamp:
    """A disc of constant light with a faint glow that falls with the square of the distance."""

    x: float
    y: float
    radius: float
    light: tuple[float, float, float]
    glow: float
    speed: tuple[float, float]

    def add(self, light: Picture, alpha: Picture, x: Picture, y: Picture, time: float) -> None:
        u, v = x - np.float32(self.x + self.speed[0] * time), y - np.float32(self.y + self.speed[1] * time)
        squares = (u * u + v * v) / np.float32(self.radius**2)
        colour = np.array(self.light, np.float32)
        light += (np.float32(self.glow) / (1 + squares))[..., None] * colour
        inside = squares < 1
        light[inside] = colour
        alpha[inside] = 1


def light_scene(setting: Setting) -> LightScene:
    """A few solids, at times lamps, stars or a title, on black or a grey ground."""
    spheres = tuple(_sphere(setting) for _ in range(int(setting.rng.integers(0, 5))))
    lamps = tuple(_lamp(setting) for _ in range(int(setting.rng.integers(0, 4))))
    stars = tuple(_star(setting) for _ in range(40)) if setting.chance(0.2) else ()
    level = setting.between(0.02, 0.5) if setting.chance(0.5) else 0.0
    ground = np.float32(level) * (1 - np.float32(0.2) * setting.rng.random(3, np.float32))
    title = title_card(_on_black(setting)) if setting.chance(0.25) or not (spheres or lamps) else None
    return LightScene(spheres, (*lamps, *stars), ground, title, setting.between(0.5, 2.0))


def _on_black(setting: Setting) -> Setting:
    """A setting whose pairs are white on black: titles are added to the light."""
    return _WhiteOnBlack(setting.rng, setting.rows, setting.columns)


class _WhiteOnBlack(Setting):
    def pair(self, least: float = 0.25) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        del least
        return (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)

    def chance(self, share: float) -> bool:
        """Plain letters on a plain ground."""
        return bool(super().chance(share)) and share > 0.3


def _sphere(setting: Setting) -> _Sphere:
    red, green, blue = (float(value) for value in setting.rng.uniform(0.05, 0.9, 3))
    gloss = float(np.exp(setting.between(np.log(0.3), np.log(BRIGHTEST)))) if setting.chance(0.6) else 0.0
    radius = setting.between(0.03, 0.35)
    return _Sphere(*setting.place(), radius, (red, green, blue), gloss, setting.drift(), setting.chance(0.3))


def _lamp(setting: Setting) -> _Lamp:
    level = float(np.exp(setting.between(np.log(1.0), np.log(BRIGHTEST))))
    red, green, blue = (level * float(value) for value in setting.rng.uniform(0.4, 1.0, 3))
    glow = setting.between(0, 0.02) if setting.chance(0.5) else 0.0
    radius = setting.pixel * float(np.exp(setting.between(0, 3)))
    return _Lamp(*setting.place(), radius, (red, green, blue), glow, setting.drift())


def _star(setting: Setting) -> _Lamp:
    level = setting.between(0.1, 3.0)
    return _Lamp(
        *setting.place(), setting.pixel * setting.between(0.3, 1), (level, level, level), 0.0, (0.0, 0.0)
    )


def _grid(columns: int, rows: int) -> tuple[Picture, Picture]:
    x = (np.arange(columns, dtype=np.float32) + 0.5) / rows
    y = (np.arange(rows, dtype=np.float32) + 0.5) / rows
    grid_x, grid_y = np.meshgrid(x, y)
    return np.asarray(grid_x, np.float32), np.asarray(grid_y, np.float32)


def _averaged(samples: Picture, width: int, height: int) -> Picture:
    return np.asarray(cv2.resize(samples, (width, height), interpolation=cv2.INTER_AREA), np.float32)
