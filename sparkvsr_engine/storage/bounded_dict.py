"""A dictionary that forgets: at most so many values, those used longest ago go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, ValuesView
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def _let_go(_: object) -> None:
    """Nothing is to be done with a value that goes."""


class BoundedDict(Generic[Key, Value]):
    """Not for two threads at once. A value that goes is handed to `on_removal`, that it may be closed."""

    def __init__(self, most: int, on_removal: Callable[[Value], object] = _let_go) -> None:
        self._most = most
        self._on_removal = on_removal
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def __contains__(self, key: object) -> bool:
        """Whether there is a value; asking is no use of it."""
        return key in self._values

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._values)

    def get(self, key: Key) -> Value | None:
        """The value, used as of now; None where there is none."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def values(self) -> ValuesView[Value]:
        """All values, those used longest ago first; looking at them is no use of them."""
        return self._values.values()

    def get_or_make(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value, used as of now; made and kept where there is none."""
        value = self.get(key)
        return self.put(key, make()) if value is None else value

    def put(self, key: Key, value: Value) -> Value:
        """Keep a value, used as of now; returns it. Those used longest ago go where there are too many."""
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._on_removal(self._values.popitem(last=False)[1])
        return value

    def clear(self) -> None:
        """Remove every value, those used longest ago first."""
        while self._values:
            self._on_removal(self._values.popitem(last=False)[1])
