"""Knobs that hold texts: strings, paths, scripts."""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.knobs import Knob
from tests.fakes.nuke.refusals import StandInGap, refused
from tests.fakes.nuke.tcl import Place, tcl_interpreter

HASHES = re.compile(r"#+")
PADDING = re.compile(r"%(0?)(\d*)d")
RANGE = re.compile(r"^(?P<path>.+?)\s+(?P<first>-?\d+)-(?P<last>-?\d+)$")


@held_to_the_table
class String_Knob(Knob):
    """A text."""

    _code = 1

    def __init__(self, name: str = "", label: str | None = None, value: str = "") -> None:
        self._setup(name, label)
        self._state = value

    def value(self, *_: Any) -> str:
        return self._state

    def getText(self, *_: Any) -> str:
        return self._state

    def setValue(self, value: str, view: Any = None) -> bool:
        self._change(self._checked(value))
        return True

    def _checked(self, value: Any) -> str:
        if not isinstance(value, str):
            raise refused(TypeError(f"{self._name} takes a text, not {value!r}"))
        return value

    def _text_at(self, frame: float, view: str) -> str:
        return self._state

    def _number_at(self, component: int, frame: float, view: str) -> float:
        try:
            return float(self._text_at(frame, view))
        except ValueError:
            raise RuntimeError(f"{self._name} is no number: {self._state!r}") from None

    def _from_script(self, text: str) -> None:
        self._change(self._checked(text))


@held_to_the_table
class EvalString_Knob(String_Knob):
    """A text whose brackets are Tcl."""

    def evaluate(self) -> str:
        place = self._place()
        return self._text_at(place.frame, place.view)

    def _text_at(self, frame: float, view: str) -> str:
        node = self._node if self._node is not None else current().root
        return tcl_interpreter().substitute(self._state, Place(node, frame, view))


@held_to_the_table
class Multiline_Eval_String_Knob(EvalString_Knob):
    """Several lines of text."""

    _code = 43


@held_to_the_table
class File_Knob(EvalString_Knob):
    """A path: forward slashes, `%04d` or `####`, `%V`, Tcl."""

    _code = 2

    def __init__(self, name: str, label: str | None = None) -> None:
        self._setup(name, label)

    def getValue(self, *_: Any) -> str:
        return HASHES.sub(lambda match: f"%0{len(match[0])}d", self._state)

    def getEvaluatedValue(self, oc: Any = None) -> str:
        place = self._place()
        if oc is None:
            return self._path_at(place.frame, place.view)
        return self._path_at(oc._frame, oc._view_name())

    def fromUserText(self, text: str) -> None:
        match = RANGE.match(text)
        path = match["path"] if match else text
        self._change(self._checked(path))
        if self._node is not None and hasattr(self._node, "_learn_file"):
            span = (int(match["first"]), int(match["last"])) if match else None
            self._node._learn_file(span)

    def _path_at(self, frame: float, view: str) -> str:
        """The path of one frame and view."""
        text = self._text_at(frame, view)
        if "%{" in text:
            raise StandInGap(f"graph scope variables are not done: {text}")
        text = text.replace("%V", view).replace("%v", view[:1])
        number = round(frame)
        text = HASHES.sub(lambda match: f"{number:0{len(match[0])}d}", text)
        return PADDING.sub(lambda match: f"{number:{match[1]}{match[2]}d}", text)

    def _checked(self, value: Any) -> str:
        text = super()._checked(value)
        if "\\" in text:
            raise refused(ValueError(f"a backslash in {self._name}: Tcl eats it ({text})"))
        return text

    def _is_pattern(self) -> bool:
        return bool(HASHES.search(self._state) or PADDING.search(self._state))


@held_to_the_table
class Script_Knob(String_Knob):
    """A button that runs Tcl."""

    _code = 32

    def command(self) -> str:
        return self._state

    def value(self) -> str:
        return self._state

    def setCommand(self, command: str) -> None:
        self._change(self._checked(command))

    def setValue(self, command: str) -> None:
        self._change(self._checked(command))

    def execute(self) -> None:
        self._run()

    def _run(self) -> None:
        if self._name == "reload":
            version = self._node._knobs["version"]
            version._from_script(str(int(version._number(0)) + 1))
            return
        raise StandInGap(f"the button {self._node._class}.{self._name} does nothing here")


@held_to_the_table
class PyScript_Knob(Script_Knob):
    """A button that runs Python."""

    _code = 22

    def __init__(self, name: str, label: str | None = None, command: str = "") -> None:
        self._setup(name, label)
        self._state = command

    def _run(self) -> None:
        from tests.fakes.nuke.callbacks import run_code

        if not self._state:
            raise StandInGap(f"the button {self._node._class}.{self._name} does nothing here")
        run_code(self._state, self._node, self)


@held_to_the_table
class PythonKnob(String_Knob):
    """Python that runs when something happens."""


@held_to_the_table
class PyCustom_Knob(Script_Knob):
    """A widget of one's own in the panel."""

    _code = 52


class Path_Knob(EvalString_Knob):
    """A path of nodes."""


class PathExpression_Knob(Path_Knob):
    """Paths of nodes by patterns."""


@held_to_the_table
class Password_Knob(Knob):
    """A text shown as dots."""

    def getText(self) -> str:
        return str(self._state)

    def setValue(self, value: str, view: Any = None) -> bool:
        self._change(value)
        return True
