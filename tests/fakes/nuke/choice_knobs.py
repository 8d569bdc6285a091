"""Knobs that hold one of several: enumerations, channels, formats, views, links."""

from __future__ import annotations

from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.curves import Component, number_text
from tests.fakes.nuke.knobs import Knob
from tests.fakes.nuke.number_knobs import Unsigned_Knob
from tests.fakes.nuke.refusals import refused
from tests.fakes.nuke.tcl import tcl_interpreter


def value_of(item: str) -> str:
    """What an item is saved as: what stands before its label."""
    return item.split("\t", 1)[0]


@held_to_the_table
class Enumeration_Knob(Unsigned_Knob):
    """One of a list. An item is a value, or value, tab, label."""

    _code = 4

    def __init__(self, name: str, label: str | None, items: list[str]) -> None:
        self._setup(name, label)
        self._items = [str(item) for item in items]

    _items: list[str]

    def numValues(self) -> int:
        return len(self._items)

    def enumName(self, number: int) -> str:
        return value_of(self._items[number])

    def values(self) -> list[str]:
        return list(self._items)

    def value(self) -> str:
        """The value; of a file's colour space, `default` with what that is for this file."""
        word = self._word(current().frame)
        if word == "default" and self._name == "colorspace" and hasattr(self._node, "_default_colour"):
            meant = self._node._default_colour()
            return f"default ({meant})" if meant else word
        return word

    def setValue(self, item: Any) -> bool:
        self._change((Component(float(self._index(item))),))
        return True

    def setValues(self, items: list[str]) -> None:
        chosen = self._word(current().frame) if self._items else None
        self._items = [str(item) for item in items]
        values = [value_of(item) for item in self._items]
        self._state = (Component(float(values.index(chosen)) if chosen in values else 0.0),)

    def _index(self, item: Any) -> int:
        if isinstance(item, bool) or not isinstance(item, (int, float, str)):
            raise refused(TypeError(f"{self._name} takes one of its values, not {item!r}"))
        if isinstance(item, (int, float)):
            if not 0 <= int(item) < len(self._items):
                raise refused(TypeError(f"{self._name} has no value number {item}"))
            return int(item)
        values = [value_of(entry) for entry in self._items]
        if item.startswith("default (") and "default" in values:
            return values.index("default")
        labels = [entry.split("\t")[1] if "\t" in entry else entry for entry in self._items]
        if item in values:
            return values.index(item)
        if item in labels:
            return labels.index(item)
        raise refused(TypeError(f"{self._name} has no value {item!r}; it has {', '.join(values[:12])}"))

    def _word(self, frame: float, view: str | None = None) -> str:
        index = int(self._at(0, frame, view))
        return value_of(self._items[index]) if 0 <= index < len(self._items) else ""

    def _text_at(self, frame: float, view: str) -> str:
        return self._word(frame, view)

    def _number_word(self, value: float) -> str:
        return (
            tcl_interpreter().quote(value_of(self._items[int(value)])) if self._items else number_text(value)
        )

    def _to_words(self) -> str:
        part = self._state[0]
        if part.expression is not None or part.keys is not None:
            return super()._to_words()
        return value_of(self._items[int(part.value)]) if self._items else number_text(part.value)

    def _from_script(self, text: str) -> None:
        values = [value_of(item) for item in self._items]
        if text in values:
            self._change((Component(float(values.index(text))),))
            return
        words = tcl_interpreter().split(text)
        if len(words) == 1 and words[0] != text:
            self._change((self._component_from(words[0]),))
        elif words and words[0] == "curve":
            self._change((self._component_from(text),))
        else:
            self._change((Component(float(self._index(int(text) if text.isdigit() else text))),))


class Pulldown_Knob(Enumeration_Knob):
    """A list of commands."""


class CascadingEnumeration_Knob(Enumeration_Knob):
    """A list with slashes as levels."""


@held_to_the_table
class Channel_Knob(Knob):
    """A layer or a channel: `rgba`, `rgba.red`, `depth`, `none`, `all`."""

    def value(self) -> str:
        return self._state

    def setValue(self, name: str) -> bool:
        if not isinstance(name, str):
            raise refused(TypeError(f"{self._name} takes a channel's name, not {name!r}"))
        self._change(name)
        return True

    def _empty(self) -> Any:
        return "none"


class ChannelMask_Knob(Channel_Knob):
    """Several channels."""

    _code = 40


@held_to_the_table
class Format_Knob(Knob):
    """A format; empty is the root's."""

    def name(self) -> str:
        return self._name

    def value(self) -> Any:
        from tests.fakes.nuke.formats import parse_format

        return parse_format(self._state) if self._state else current().root._root_format()

    def actualValue(self) -> Any:
        return self.value()

    def setValue(self, value: Any) -> bool:
        from tests.fakes.nuke.formats import Format, named_format

        if isinstance(value, Format):
            self._change(value._text())
        elif isinstance(value, str) and named_format(value) is not None:
            self._change(named_format(value)._text())
        else:
            raise refused(TypeError(f"{self._name}: there is no format {value!r}"))
        return True

    def notDefault(self) -> bool:
        return not self._is_default()


@held_to_the_table
class MultiView_Knob(Knob):
    """Views by name, separated by blanks; empty is all."""

    def notDefault(self) -> bool:
        return not self._is_default()


@held_to_the_table
class Link_Knob(Knob):
    """Another knob, shown here."""

    _code = 41

    def setLink(self, path: str) -> None:
        self._change(path)

    def getLink(self) -> str:
        return self._state

    def makeLink(self, node: str, knob: str) -> None:
        self._change(f"{node}.{knob}")

    def getLinkedKnob(self) -> Any:
        return self._target()

    def value(self) -> Any:
        target = self._target()
        return target.value() if target is not None else None

    def setValue(self) -> None:
        """Takes nothing: it is the knob linked to that is set."""

    def _target(self) -> Any:
        from tests.fakes.nuke.tcl_commands import find_node

        *names, last = self._state.split(".")
        owner = getattr(self._node, "_children", {}).get(names[0]) if len(names) == 1 else None
        owner = owner or find_node(names, self._node)
        return owner._knobs.get(last) if owner is not None else None

    def _linked(self) -> Knob:
        target = self._target()
        return target._linked() if target is not None else self

    def _text_at(self, frame: float, view: str) -> str:
        return self._linked()._text_at(frame, view) if self._linked() is not self else ""

    def _number_at(self, component: int, frame: float, view: str) -> float:
        return self._linked()._number_at(component, frame, view)


class Font_Knob(Knob):
    """A font."""


class Radio_Knob(Enumeration_Knob):
    """One of a list, all shown."""


class Transform2d_Knob(Knob):
    """A matrix."""
