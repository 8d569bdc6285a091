"""Makes the knobs of a node class as the table has them, and knobs of `addUserKnob` lines."""

from __future__ import annotations

from typing import Any

from tests.fakes.nuke import choice_knobs, knobs, number_knobs, tables, text_knobs
from tests.fakes.nuke.curves import Component
from tests.fakes.nuke.defaults import DEFAULTS, FOR_EVERY_NODE
from tests.fakes.nuke.flags import FLAG_NAMES
from tests.fakes.nuke.knobs import Knob
from tests.fakes.nuke.refusals import StandInGap
from tests.fakes.nuke.tcl import tcl_interpreter

CLASSES: dict[str, type[Knob]] = {
    name: member
    for module in (knobs, number_knobs, text_knobs, choice_knobs)
    for name, member in vars(module).items()
    if isinstance(member, type) and issubclass(member, Knob)
}
USER_CODES: dict[int, type[Knob]] = {
    cls._code: cls
    for name, cls in CLASSES.items()
    if cls._code and name not in ("Array_Knob", "BeginTabGroup_Knob", "EndTabGroup_Knob")
}
USER_CODES[7] = number_knobs.Double_Knob


def knob_class(name: str) -> type[Knob]:
    """The class of this name; knobs nobody touches are plain ones that bear the name."""
    if name not in CLASSES:
        bases = tables.bases_of(name)
        CLASSES[name] = type(name, (knob_class(bases[0]) if bases else Knob,), {})
    return CLASSES[name]


def make_knobs(node_class: str) -> dict[str, Knob]:
    """All knobs of a node class, with the values they start with."""
    return {name: _make(node_class, name, spec) for name, spec in tables.knobs_of(node_class).items()}


def _make(node_class: str, name: str, spec: list[Any]) -> Knob:
    cls = knob_class(spec[0])
    knob = cls.__new__(cls)
    knob._setup(name, name)
    if isinstance(knob, choice_knobs.Enumeration_Knob):
        knob._items = list(spec[1]) if len(spec) > 1 else []
    value = DEFAULTS.get(node_class, {}).get(name, FOR_EVERY_NODE.get(name))
    if value is not None:
        knob._state = _start(knob, value)
    knob._start = knob._state
    return knob


def _start(knob: Knob, value: Any) -> Any:
    if isinstance(knob, choice_knobs.Enumeration_Knob):
        return (Component(float(knob._index(value))),)
    if isinstance(knob, number_knobs.Array_Knob):
        numbers = value if isinstance(value, list) else [value] * len(knob._state)
        return tuple(Component(float(number)) for number in numbers)
    return value


def user_knob_words(knob: Knob) -> str:
    """The `addUserKnob` list of a knob: code, name, label, tooltip, flags, what its kind needs."""
    quote = tcl_interpreter().quote
    words = [str(knob._code), knob._name]
    if knob._title != knob._name:
        words += ["l", quote(knob._title)]
    if knob._tip:
        words += ["t", quote(knob._tip)]
    words += [f"+{name}" for name, flag in FLAG_NAMES.items() if knob._flags & flag]
    if isinstance(knob, choice_knobs.Enumeration_Knob):
        items = " ".join(quote(item) for item in knob._items)
        words += ["M", quote(items)]
    elif isinstance(knob, (text_knobs.Script_Knob, choice_knobs.Link_Knob, knobs.Text_Knob)) and knob._state:
        words += ["T", quote(knob._state)]
    elif isinstance(knob, number_knobs.Array_Knob) and knob._range:
        words += ["R", f"{knob._range[0]:g}", f"{knob._range[1]:g}"]
    elif isinstance(knob, knobs.Tab_Knob) and getattr(knob, "_group", 0):
        words += ["n", str(knob._group)]
    return " ".join(words)


def user_knob_from(text: str) -> Knob:
    """A knob of the list of an `addUserKnob` line. Raises: StandInGap for a code not known here."""
    words = list(tcl_interpreter().split(text))
    code, name = int(words[0]), words[1]
    if code not in USER_CODES:
        raise StandInGap(f"user knobs of the code {code} are not done: {text}")
    cls = USER_CODES[code]
    knob = cls.__new__(cls)
    knob._setup(name, name)
    if isinstance(knob, knobs.Tab_Knob):
        knob._group = 0
    knob._is_user = True
    _read_options(knob, words[2:])
    return knob


def _read_options(knob: Knob, words: list[str]) -> None:
    while words:
        option = words.pop(0)
        if option == "l":
            knob._title = words.pop(0)
        elif option == "t":
            knob._tip = words.pop(0)
        elif option == "T":
            knob._state = words.pop(0)
        elif option == "M" and isinstance(knob, choice_knobs.Enumeration_Knob):
            knob._items = list(tcl_interpreter().split(words.pop(0)))
        elif option == "R" and isinstance(knob, number_knobs.Array_Knob):
            knob._range = (float(words.pop(0)), float(words.pop(0)))
        elif option == "n":
            knob._group = int(words.pop(0))  # type: ignore[attr-defined]
        elif option[0] in "+-":
            flag = FLAG_NAMES.get(option[1:], 0)
            knob._flags = knob._flags | flag if option[0] == "+" else knob._flags & ~flag
    if isinstance(knob, choice_knobs.Enumeration_Knob):
        knob._items = getattr(knob, "_items", [])
