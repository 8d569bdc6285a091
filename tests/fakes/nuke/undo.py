"""Undo: every change is a pair of actions; a group of them is one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.refusals import refused

Action = Callable[[], None]


@dataclass
class Step:
    """One entry of the undo menu."""

    name: str
    changes: list[tuple[Action, Action]] = field(default_factory=list)


class UndoStack:
    """Steps that can be taken back and done again."""

    def __init__(self) -> None:
        self.done: list[Step] = []
        self.undone: list[Step] = []
        self._open: list[Step] = []
        self._disabled = 0

    @property
    def depth(self) -> int:
        return len(self._open)

    @property
    def open_names(self) -> list[str]:
        return [step.name for step in self._open]

    @property
    def is_disabled(self) -> bool:
        return self._disabled > 0

    def record(self, name: str, back: Action, again: Action) -> None:
        """Note a change that has just been made."""
        if self.is_disabled:
            return
        self.undone.clear()
        if self._open:
            self._open[0].changes.append((back, again))
        else:
            self.done.append(Step(name, [(back, again)]))

    def begin(self, name: str) -> None:
        self._open.append(Step(name))

    def end(self) -> None:
        if not self._open:
            raise refused(RuntimeError("undo was ended without having been begun"))
        step = self._open.pop()
        if not self._open and step.changes:
            self.done.append(step)

    def cancel(self) -> None:
        """End the innermost group and take back what it changed."""
        if not self._open:
            raise refused(RuntimeError("undo was cancelled without having been begun"))
        step = self._open.pop()
        self._apply([back for back, _ in reversed(step.changes)])

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What the program itself does as one step, a paste for example."""
        self.begin(name)
        try:
            yield
        finally:
            self.end()

    def undo(self) -> None:
        self._refuse_open("undo")
        if self.done:
            step = self.done.pop()
            self._apply([back for back, _ in reversed(step.changes)])
            self.undone.append(step)

    def redo(self) -> None:
        self._refuse_open("redo")
        if self.undone:
            step = self.undone.pop()
            self._apply([again for _, again in step.changes])
            self.done.append(step)

    def disable(self) -> None:
        self._disabled += 1

    def enable(self) -> None:
        if not self._disabled:
            raise refused(RuntimeError("undo was enabled without having been disabled"))
        self._disabled -= 1

    def clear(self) -> None:
        self.done.clear()
        self.undone.clear()

    def _apply(self, actions: list[Action]) -> None:
        self._disabled += 1
        try:
            for action in actions:
                action()
        finally:
            self._disabled -= 1

    def _refuse_open(self, what: str) -> None:
        if self._open:
            raise refused(RuntimeError(f"{what} inside an open undo group {self._open[0].name}"))


@held_to_the_table
class Undo:
    """`nuke.Undo`: a context manager, and the same by hand with `begin` and `end`."""

    def __init__(self, name: str = "") -> None:
        self._name = name

    def __enter__(self) -> Undo:
        _stack().begin(self._name)
        return self

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        _stack().end()

    @staticmethod
    def begin(name: str = "") -> None:
        _stack().begin(name)

    @staticmethod
    def name(name: str) -> None:
        stack = _stack()
        if not stack._open:
            raise refused(RuntimeError("undo was named without having been begun"))
        stack._open[-1].name = name

    @staticmethod
    def end() -> None:
        _stack().end()

    @staticmethod
    def new(name: str = "") -> None:
        _stack().end()
        _stack().begin(name)

    @staticmethod
    def cancel() -> None:
        _stack().cancel()

    @staticmethod
    def undo() -> None:
        _stack().undo()

    @staticmethod
    def redo() -> None:
        _stack().redo()

    @staticmethod
    def disable() -> None:
        _stack().disable()

    @staticmethod
    def enable() -> None:
        _stack().enable()

    @staticmethod
    def disabled() -> bool:
        return _stack().is_disabled

    @staticmethod
    def undoSize() -> int:
        return len(_stack().done)

    @staticmethod
    def redoSize() -> int:
        return len(_stack().undone)

    @staticmethod
    def undoTruncate(size: int = 0) -> None:
        del _stack().done[: max(0, len(_stack().done) - size)]

    @staticmethod
    def redoTruncate(size: int = 0) -> None:
        del _stack().undone[: max(0, len(_stack().undone) - size)]

    @staticmethod
    def undoDescribe(index: int = 0) -> str:
        return _stack().done[-1 - index].name

    @staticmethod
    def redoDescribe(index: int = 0) -> str:
        return _stack().undone[-1 - index].name


def _stack() -> UndoStack:
    from tests.fakes.nuke.application import current

    return current().undo
