"""Knobs that hold numbers: each component a value, keys or an expression."""

from __future__ import annotations

from typing import Any

from tests.fakes.nuke.application import current, is_running
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.curves import Component, from_curve_text, number_text, to_curve_text
from tests.fakes.nuke.defaults import WIDTHS
from tests.fakes.nuke.knobs import Knob
from tests.fakes.nuke.refusals import refused
from tests.fakes.nuke.tcl import Place, tcl_interpreter
from tests.fakes.nuke.tcl_commands import number_of


@held_to_the_table
class Array_Knob(Knob):
    """One or more numbers. `_state` is a tuple of `Component`."""

    _code = 7

    def _setup(self, name: str, label: str | None) -> None:
        super()._setup(name, label)
        self._range: tuple[float, float] | None = None

    def _empty(self) -> Any:
        return tuple(Component() for _ in range(WIDTHS.get(type(self).__name__, 1)))

    # --- reading ----------------------------------------------------------------------------------------
    def value(self, index: int = -1, view: Any = "default", time: float | None = None) -> Any:
        return self._read(index, current().frame if time is None else time)

    def getValue(self, channel: int = -1) -> Any:
        return self._numbers(channel, current().frame)

    def valueAt(self, time: float, index: int = -1, view: Any = None) -> Any:
        return self._read(index, time)

    def getValueAt(self, frame: float, index: int = -1, view: Any = None) -> Any:
        return self._numbers(index, frame)

    def array(self) -> tuple[float, ...]:
        return tuple(self._number(index) for index in range(len(self._state)))

    def arraySize(self) -> int:
        return len(self._state)

    def singleValue(self, view: Any = None) -> bool:
        return len(set(self._state)) == 1

    def notDefault(self) -> bool:
        return not self._is_default()

    def defaultValue(self) -> float:
        return self._start[0].value

    def min(self) -> float:
        return self._range[0] if self._range else 0.0

    def max(self) -> float:
        return self._range[1] if self._range else 1.0

    # --- writing ----------------------------------------------------------------------------------------
    def setValue(self, value: Any, index: int = -1, time: float | None = None, view: Any = None) -> bool:
        numbers = self._checked(value, index)
        state = list(self._state)
        for position, number in numbers.items():
            state[position] = self._component(state[position], number, time)
        self._change(tuple(state))
        return True

    def setValueAt(self, value: Any, time: float, index: int = -1, view: Any = None) -> bool:
        state = list(self._state)
        for position, number in self._checked(value, index).items():
            state[position] = state[position].with_key(float(time), number)
        self._change(tuple(state))
        return True

    def setRange(self, low: float, high: float) -> None:
        self._range = (float(low), float(high))

    def setDefaultValue(self, value: Any) -> None:
        self._start = tuple(Component(float(number)) for number in value)

    def setExpression(self, expression: str, channel: int = -1, view: Any = None) -> bool:
        state = [
            Component(part.value, part.keys, expression) if channel in (-1, index) else part
            for index, part in enumerate(self._state)
        ]
        self._change(tuple(state))
        return True

    def hasExpression(self, index: int = -1) -> bool:
        return any(part.expression is not None for part in self._chosen(index))

    def setAnimated(self, index: int = -1, view: Any = None) -> bool:
        frame = current().frame
        state = [
            part.with_key(frame, part.at(frame)) if index in (-1, position) and part.keys is None else part
            for position, part in enumerate(self._state)
        ]
        self._change(tuple(state))
        return True

    def isAnimated(self, index: int = -1, view: Any = None) -> bool:
        return any(part.keys is not None for part in self._chosen(index))

    def clearAnimated(self, index: int = -1, view: Any = None) -> bool:
        frame = current().frame
        state = [
            Component(self._at(position, frame)) if index in (-1, position) else part
            for position, part in enumerate(self._state)
        ]
        self._change(tuple(state))
        return True

    def setKeyAt(self, time: float, index: int = -1, view: Any = None) -> None:
        state = [
            part.with_key(float(time), part.at(time)) if index in (-1, position) else part
            for position, part in enumerate(self._state)
        ]
        self._change(tuple(state))

    def removeKeyAt(self, time: float, index: int = -1, view: Any = None) -> bool:
        state = [
            part.without_key(float(time)) if index in (-1, position) else part
            for position, part in enumerate(self._state)
        ]
        self._change(tuple(state))
        return True

    def isKey(self, index: int = -1, view: Any = None) -> bool:
        return current().frame in self._key_frames(index)

    def isKeyAt(self, time: float, index: int = -1, view: Any = None) -> bool:
        return float(time) in self._key_frames(index)

    def getKeyList(self) -> list[float]:
        return sorted(self._key_frames(-1))

    def getNumKeys(self, *index: Any) -> int:
        return len(self._key_frames(index[0] if index else -1))

    def animation(self, chan: int, view: Any = None) -> Any:
        from tests.fakes.nuke.animations import AnimationCurve

        return AnimationCurve._of(self, chan) if self._state[chan].keys is not None else None

    def animations(self, view: Any = None) -> list[Any]:
        return [curve for index in range(len(self._state)) if (curve := self.animation(index)) is not None]

    # --- for the rest of the stand-in -------------------------------------------------------------------
    def _chosen(self, index: int) -> tuple[Component, ...]:
        return self._state if index < 0 else (self._state[index],)

    def _key_frames(self, index: int) -> set[float]:
        return {frame for part in self._chosen(index) for frame, _ in part.keys or ()}

    def _component(self, part: Component, number: float, time: float | None) -> Component:
        if time is not None:
            return part.with_key(float(time), number)
        if part.keys is not None and is_running() and not current().loading:
            return part.with_key(current().frame, number)
        return Component(number)

    def _checked(self, value: Any, index: int) -> dict[int, float]:
        """Component -> number. Raises: TypeError, IndexError."""
        count = len(self._state)
        if isinstance(value, (list, tuple)):
            if len(value) > count:
                raise refused(TypeError(f"{self._name} has {count} numbers, {len(value)} given"))
            return {position: self._checked_number(number) for position, number in enumerate(value)}
        number = self._checked_number(value)
        if index >= count:
            raise refused(IndexError(f"{self._name} has no component {index}"))
        return dict.fromkeys(range(count), number) if index < 0 else {index: number}

    def _checked_number(self, value: Any) -> float:
        if isinstance(value, (bool, int, float)):
            return float(value)
        raise refused(TypeError(f"{self._name} takes a number, not {value!r}"))

    def _displayed(self, number: float) -> Any:
        return number

    def _numbers(self, index: int, frame: float) -> Any:
        if index >= 0:
            return self._at(index, frame)
        values = [self._at(position, frame) for position in range(len(self._state))]
        return values[0] if len(set(values)) == 1 else values

    def _read(self, index: int, frame: float) -> Any:
        numbers = self._numbers(index, frame)
        return (
            [self._displayed(item) for item in numbers]
            if isinstance(numbers, list)
            else self._displayed(numbers)
        )

    def _number(self, index: int) -> float:
        return self._at(index, current().frame) if self._name != "frame" else self._state[index].value

    def _at(self, index: int, frame: float, view: str | None = None) -> float:
        part = self._state[index]
        if part.expression is None:
            return part.at(frame)
        node = self._node if self._node is not None else current().root
        return tcl_interpreter().number(
            part.expression, Place(node, frame, view or current().view), number_of
        )

    def _number_at(self, component: int, frame: float, view: str) -> float:
        return self._at(component, frame, view)

    def _text_at(self, frame: float, view: str) -> str:
        return " ".join(number_text(self._at(index, frame, view)) for index in range(len(self._state)))

    def _to_words(self) -> str:
        words = [self._component_words(part) for part in self._state]
        return words[0] if len(set(words)) == 1 else " ".join(words)

    def _component_words(self, part: Component) -> str:
        if part.expression is not None:
            return "{" + part.expression + "}"
        if part.keys is not None:
            return tcl_interpreter().quote(to_curve_text(part.keys))
        return self._number_word(part.value)

    def _number_word(self, value: float) -> str:
        return number_text(value)

    def _from_script(self, text: str) -> None:
        words = tcl_interpreter().split(text) or ("0",)
        parts = [self._component_from(word) for word in words]
        if len(parts) == 1:
            parts *= len(self._state)
        self._change(tuple((parts + list(self._state[len(parts) :]))[: max(len(self._state), len(parts))]))

    def _component_from(self, word: str) -> Component:
        words = tcl_interpreter().split(word)
        if words and words[0] == "curve":
            return Component(0.0, from_curve_text(words[1:]) or None)
        try:
            return Component(self._number_from(word))
        except ValueError:
            return Component(0.0, None, words[0] if len(words) == 1 else word)

    def _number_from(self, word: str) -> float:
        return {"true": 1.0, "false": 0.0, "on": 1.0, "off": 0.0}.get(word) or (
            0.0 if word in ("false", "off") else float(word)
        )


@held_to_the_table
class Double_Knob(Array_Knob):
    """A slider."""


@held_to_the_table
class Int_Knob(Array_Knob):
    """A whole number."""

    _code = 3

    def __init__(self, name: str, label: str | None = None, value: int = 0) -> None:
        self._setup(name, label)
        self._state = (Component(float(value)),)

    def value(self) -> int:
        return int(self._at(0, current().frame))

    def setValue(self, value: int) -> bool:
        return bool(Array_Knob.setValue.__wrapped__(self, int(value)))  # type: ignore[attr-defined]

    def _displayed(self, number: float) -> Any:
        return int(number)


@held_to_the_table
class Boolean_Knob(Array_Knob):
    """A tick box."""

    _code = 6

    def __init__(self, name: str, label: str | None = None, value: bool = False) -> None:
        self._setup(name, label)
        self._state = (Component(float(value)),)

    def value(self) -> bool:
        return bool(self._at(0, current().frame))

    def setValue(self, value: Any) -> bool:
        return bool(Array_Knob.setValue.__wrapped__(self, bool(value)))  # type: ignore[attr-defined]

    def _number_word(self, value: float) -> str:
        return "true" if value else "false"

    def _text_at(self, frame: float, view: str) -> str:
        return "true" if self._at(0, frame, view) else "false"


class Disable_Knob(Boolean_Knob):
    """Whether a node passes its input on untouched."""


class Unsigned_Knob(Array_Knob):
    """A whole number without sign."""

    def _displayed(self, number: float) -> Any:
        return int(number)


class ColorChip_Knob(Unsigned_Knob):
    """A colour as one number, 0xrrggbbaa."""


class Color_Knob(Array_Knob):
    """Red, green, blue."""

    _code = 18


class AColor_Knob(Color_Knob):
    """Red, green, blue, alpha."""

    _code = 19


class XY_Knob(Array_Knob):
    """A position."""

    _code = 12


class XYZ_Knob(Array_Knob):
    """A position in space."""

    _code = 13


class WH_Knob(Array_Knob):
    """A size."""

    _code = 14


class UV_Knob(Array_Knob):
    """A position on a surface."""


@held_to_the_table
class BBox_Knob(Array_Knob):
    """A box: x, y, r, t, origin at the bottom left."""

    _code = 15

    def toDict(self) -> dict[str, float]:
        return dict(zip("xyrt", self.array()))

    def fromDict(self, box: dict[str, float]) -> None:
        Array_Knob.setValue.__wrapped__(self, [box[side] for side in "xyrt"])  # type: ignore[attr-defined]


class IArray_Knob(Array_Knob):
    """Whole numbers."""
