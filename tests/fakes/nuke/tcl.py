"""Tcl, by Tcl itself in a safe interpreter: quoting, texts with `[value ...]`, expressions.

Nuke scripts are Tcl, and so is what stands in brackets within a path or an expression. The arithmetic of
expressions is Tcl's `expr` too, with every number a float, as Nuke counts.
"""

from __future__ import annotations

import re
import tkinter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CHILD = "nk"
FUNCTIONS = """
proc ::tcl::mathfunc::clamp {x {low 0.0} {high 1.0}} { expr {$x < $low ? $low : $x > $high ? $high : $x} }
proc ::tcl::mathfunc::lerp {a b t} { expr {$a + ($b - $a) * $t} }
proc ::tcl::mathfunc::step {a x} { expr {$x < $a ? 0.0 : 1.0} }
proc ::tcl::mathfunc::rint {x} { expr {floor($x + 0.5)} }
"""
TOKEN = re.compile(
    r"(?P<text>\"[^\"]*\")|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<name>\$?[A-Za-z_][\w.]*)|(?P<rest>.)",
    re.S,
)


@dataclass(frozen=True)
class Place:
    """Where a text is evaluated: the node it belongs to, the frame and the view."""

    node: Any
    frame: float
    view: str


def interpreter() -> Any:
    """A Tcl with a safe child `nk`, whose words come as texts."""
    tcl = tkinter.Tcl()
    tcl.tk.wantobjects(False)
    tcl.eval(f"interp create -safe {CHILD}")
    return tcl


class TclInterpreter:
    """A safe interpreter with Nuke's commands; `exec`, `open` and `socket` are not there."""

    def __init__(self) -> None:
        self._master = interpreter()
        self._raised: list[Exception] = []
        self._master.call(CHILD, "eval", FUNCTIONS)
        self.places: list[Place] = []

    def add(self, name: str, command: Callable[..., str]) -> None:
        def guarded(*words: str) -> str:
            try:
                return command(*words)
            except Exception as error:
                self._raised.append(error)
                raise

        self._master.createcommand(f"python_{name}", guarded)
        self._master.eval(f"interp alias {CHILD} {name} {{}} python_{name}")

    def quote(self, text: str) -> str:
        """One Tcl word that reads back as `text`."""
        return str(self._master.call("list", text))

    def split(self, text: str) -> tuple[str, ...]:
        """The elements of a Tcl list."""
        return tuple(str(word) for word in self._master.splitlist(text))

    def run(self, script: str) -> str:
        """Raises: RuntimeError with Tcl's own words."""
        self._raised.clear()
        try:
            return str(self._master.call(CHILD, "eval", script))
        except tkinter.TclError as error:
            if self._raised:
                raise self._raised[0] from None
            raise RuntimeError(str(error)) from None

    def set_variable(self, name: str, value: str) -> None:
        self._master.call(CHILD, "eval", f"set {{{name}}} {self.quote(value)}")

    def substitute(self, text: str, place: Place) -> str:
        """A text with its brackets evaluated and its backslashes eaten, as Nuke does with a path."""
        if "[" not in text and "\\" not in text:
            return text
        self.places.append(place)
        try:
            return self.run(f"subst -novariables {self.quote(text)}")
        finally:
            self.places.pop()

    def number(self, expression: str, place: Place, resolve: Callable[[str, Place], float]) -> float:
        """The value of an expression. resolve: the number a name stands for."""
        text = self.substitute(expression, place)
        arithmetic = "".join(_tokens(text, lambda name: resolve(name, place)))
        self.places.append(place)
        try:
            return float(self.run(f"expr {{{arithmetic}}}"))
        except ValueError as error:
            raise RuntimeError(f"{expression}: {error}") from None
        finally:
            self.places.pop()


def _tokens(text: str, resolve: Callable[[str], float]) -> list[str]:
    words = []
    matches = list(TOKEN.finditer(text))
    for index, match in enumerate(matches):
        word = match[0]
        if match.lastgroup == "number":
            word = repr(float(word))
        elif match.lastgroup == "name" and not _is_call(matches, index):
            word = f"({resolve(word)!r})"
        words.append(word)
    return words


def _is_call(matches: list[re.Match[str]], index: int) -> bool:
    following = "".join(match[0] for match in matches[index + 1 :]).lstrip()
    return following.startswith("(")


_interpreters: list[TclInterpreter] = []


def tcl_interpreter() -> TclInterpreter:
    """The interpreter of the running stand-in."""
    if not _interpreters:
        _interpreters.append(TclInterpreter())
        from tests.fakes.nuke.tcl_commands import add_commands

        add_commands(_interpreters[0])
    return _interpreters[0]
