"""What every knob is: a named value of a node that undo, callbacks and scripts know of."""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.nuke.application import current, is_running
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.flags import DISABLED, DO_NOT_WRITE, INVISIBLE, NO_UNDO
from tests.fakes.nuke.refusals import refused
from tests.fakes.nuke.tcl import Place, tcl_interpreter

NAME = re.compile(r"^[A-Za-z_][\w ]*$")
QUIET = ("selected", "xpos", "ypos", "frame", "indicators", "executing", "reading")


@held_to_the_table
class Knob:
    """A knob. `_state` is what it holds, never changed in place, so that undo keeps the one before."""

    _code = 0

    def __init__(self, name: str = "", label: str | None = None, *_: Any) -> None:
        if not isinstance(name, str):
            raise refused(TypeError(f"a knob's name is a text, not {name!r}"))
        self._setup(name, label)

    def _setup(self, name: str, label: str | None) -> None:
        self._name = name
        self._title = label if label is not None else name
        self._node: Any = None
        self._tip = ""
        self._flags = 0
        self._is_user = False
        # frames at which something was painted, of the knob `curves` of Roto and RotoPaint
        self._painted: tuple[float, ...] = ()
        self._state: Any = self._empty()
        self._start: Any = self._state

    def _empty(self) -> Any:
        return ""

    # --- identity ---------------------------------------------------------------------------------------
    def Class(self) -> str:
        return type(self).__name__

    def node(self) -> Any:
        return self._node

    def name(self) -> str:
        return self._name

    def setName(self, name: str) -> None:
        if self._node is not None:
            self._node._rename_knob(self, name)
        self._name = name

    def label(self) -> str:
        return self._title

    def setLabel(self, label: str) -> None:
        self._alter("_title", label)

    def tooltip(self) -> str:
        return self._tip

    def setTooltip(self, text: str) -> None:
        self._alter("_tip", text)

    def setFlag(self, flag: int) -> None:
        self._flags |= flag

    def getFlag(self, flag: int) -> bool:
        return bool(self._flags & flag)

    def clearFlag(self, flag: int) -> None:
        self._flags &= ~flag

    def setEnabled(self, enabled: bool) -> None:
        self._flags = self._flags & ~DISABLED if enabled else self._flags | DISABLED

    def enabled(self) -> bool:
        return not self._flags & DISABLED

    def setVisible(self, visible: bool) -> None:
        self._flags = self._flags & ~INVISIBLE if visible else self._flags | INVISIBLE

    def visible(self) -> bool:
        return not self._flags & INVISIBLE

    def fullyQualifiedName(self, channel: int = -1) -> str:
        path = self._node._full_name() if self._node is not None else ""
        return f"{path}.{self._name}"

    # --- values -----------------------------------------------------------------------------------------
    def value(self, *_: Any) -> Any:
        return self._state

    def getValue(self, *_: Any) -> Any:
        return self._state

    def setValue(self, value: Any, *_: Any) -> bool:
        self._change(value)
        return True

    def toScript(self, *_: Any) -> str:
        return self._to_words()

    def fromScript(self, script: str) -> bool:
        self._from_script(script)
        return True

    def hasExpression(self, index: int = -1) -> bool:
        return False

    def isAnimated(self, *_: Any) -> bool:
        return False

    def getNumKeys(self, *_: Any) -> int:
        return 0

    def getKeyList(self) -> list[float]:
        return sorted(self._painted)

    # --- for the rest of the stand-in -------------------------------------------------------------------
    def _linked(self) -> Knob:
        return self

    def _to_words(self) -> str:
        """The value as a script holds it, not quoted."""
        return str(self._state)

    def _from_script(self, text: str) -> None:
        self._change(text)

    def _text_at(self, frame: float, view: str) -> str:
        """The value as Tcl's `value` gives it."""
        return str(self._state)

    def _number_at(self, component: int, frame: float, view: str) -> float:
        raise RuntimeError(f"{self._name} is no number")

    def _is_default(self) -> bool:
        return self._state == self._start

    def _is_saved(self) -> bool:
        return not self._flags & DO_NOT_WRITE and (self._is_user or not self._is_default())

    def _place(self) -> Place:
        running = current()
        return Place(self._node if self._node is not None else running.root, running.frame, running.view)

    def _alter(self, attribute: str, value: Any) -> None:
        """Change something that is not the value: undone, and the script is modified."""
        before = getattr(self, attribute)
        setattr(self, attribute, value)
        if self._node is not None and is_running() and before != value:
            current().undo.record(
                f"{self._name}",
                lambda: setattr(self, attribute, before),
                lambda: setattr(self, attribute, value),
            )
            current().touch()

    def _change(self, state: Any) -> None:
        """Hold another value: one change for undo, the script is modified, callbacks run."""
        before = self._state
        if state == before:
            return
        self._state = state
        if self._node is None or not is_running():
            return
        running = current()
        if not running.loading and self._name not in QUIET and not self._flags & NO_UNDO:
            running.undo.record(
                f"Set {self.fullyQualifiedName()}", lambda: self._put(before), lambda: self._put(state)
            )
        if self._name not in QUIET:
            running.touch()
        self._node._knob_changed(self)

    def _put(self, state: Any) -> None:
        self._state = state
        current().touch()
        if self._node is not None:
            self._node._knob_changed(self)

    def _quoted(self) -> str:
        return tcl_interpreter().quote(self._to_words())


@held_to_the_table
class Obsolete_Knob(Knob):
    """A knob of older scripts: read and forgotten."""

    def _is_saved(self) -> bool:
        return False


@held_to_the_table
class Text_Knob(Knob):
    """A line of text in the panel; without one, a divider."""

    _code = 26

    def __init__(self, name: str, label: str | None = None, text: str = "") -> None:
        self._setup(name, label)
        self._state = self._start = text


@held_to_the_table
class Tab_Knob(Knob):
    """A tab; with a flag, the beginning or end of a group of knobs."""

    _code = 20

    def __init__(self, name: str, label: str | None = None, flag: int = 0) -> None:
        self._setup(name, label)
        self._group = flag

    def _is_saved(self) -> bool:
        return self._is_user

    def _number_at(self, component: int, frame: float, view: str) -> float:
        return 0.0


class BeginTabGroup_Knob(Knob):
    """Tabs within tabs begin."""


class EndTabGroup_Knob(Knob):
    """Tabs within tabs end."""


@held_to_the_table
class Help_Knob(Knob):
    """The question mark of a panel."""
