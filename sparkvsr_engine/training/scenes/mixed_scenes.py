"""Scenes of two banks in turns: footage, and generated graphics."""

from __future__ import annotations

from dataclasses import dataclass

from sparkvsr_engine.training.scenes.bank import Bank, Scene

# Scenes come in runs of so many, of which the first are graphics.
_RUN = 20


@dataclass(frozen=True)
class GraphicsRecipe:
    """share: of all scenes that are graphics, 0..1. scales: of theirs, (scale, share)."""

    share: float
    scales: tuple[tuple[float, float], ...] = ((4.0, 0.7), (1.0, 0.2), (6.0, 0.1))

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"share is {self.share}, not between 0 and 1")


class MixedScenes:
    """A bank of footage and one of graphics (`made_scenes.Scenes`).

    A number means the same scene whatever else is drawn; both banks are filled from their first scene on.
    """

    def __init__(self, footage: Bank, graphics: Bank, share: float) -> None:
        self._footage = footage
        self._graphics = graphics
        self._first = round(share * _RUN)

    def check(self) -> None:
        """As `Bank.check`, of both."""
        self._footage.check()
        self._graphics.check()

    def scene(self, number: int) -> Scene:
        """A scene, made when it is not there yet."""
        run, place = divmod(number, _RUN)
        if place < self._first:
            return self._graphics.scene(run * self._first + place)
        return self._footage.scene(run * (_RUN - self._first) + place - self._first)
