"""Curves and keys as Python sees them."""

from __future__ import annotations

from typing import Any

from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.curves import Component


@held_to_the_table
class AnimationKey:
    """A key: x is the frame, y the value."""

    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = x, y


@held_to_the_table
class AnimationCurve:
    """The keys of one component of a knob."""

    _knob: Any
    _index: int

    @classmethod
    def _of(cls, knob: Any, index: int) -> AnimationCurve:
        curve = cls.__new__(cls)
        curve._knob, curve._index = knob, index
        return curve

    def size(self) -> int:
        return len(self._part.keys or ())

    def keys(self) -> list[AnimationKey]:
        return [AnimationKey(frame, value) for frame, value in self._part.keys or ()]

    def knob(self) -> Any:
        return self._knob

    def knobIndex(self) -> int:
        return self._index

    def evaluate(self, time: float) -> float:
        return self._part.at(time)

    def setKey(self, time: float, value: float) -> AnimationKey:
        self._put(self._part.with_key(float(time), float(value)))
        return AnimationKey(float(time), float(value))

    def clear(self) -> None:
        self._put(Component(self._part.value))

    def constant(self) -> bool:
        return len({value for _, value in self._part.keys or ()}) < 2

    @property
    def _part(self) -> Component:
        return self._knob._state[self._index]

    def _put(self, part: Component) -> None:
        state = list(self._knob._state)
        state[self._index] = part
        self._knob._change(tuple(state))
