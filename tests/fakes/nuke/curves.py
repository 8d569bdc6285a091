"""Animation: keys with straight lines between them, as texts of scripts hold them."""

from __future__ import annotations

from dataclasses import dataclass

Keys = "tuple[tuple[float, float], ...]"


@dataclass(frozen=True)
class Component:
    """One number of a knob: a value, or keys, or an expression.

    keys: (frame, value), sorted; None where it is not animated. Between two keys the line is straight, as
    Nuke draws it between two keys of its default kind.
    """

    value: float = 0.0
    keys: tuple[tuple[float, float], ...] | None = None
    expression: str | None = None

    def at(self, frame: float) -> float:
        """The value at a frame; expressions are not evaluated here."""
        if not self.keys:
            return self.value
        if frame <= self.keys[0][0]:
            return self.keys[0][1]
        for (start, first), (end, last) in zip(self.keys, self.keys[1:]):
            if frame <= end:
                return first + (last - first) * (frame - start) / (end - start)
        return self.keys[-1][1]

    def with_key(self, frame: float, value: float) -> Component:
        keys = {**dict(self.keys or ()), frame: value}
        return Component(self.value, tuple(sorted(keys.items())))

    def without_key(self, frame: float) -> Component:
        keys = tuple(key for key in self.keys or () if key[0] != frame)
        return Component(self.at(frame), keys or None)


def number_text(value: float) -> str:
    """A number as scripts write it: whole ones without a point."""
    return str(int(value)) if value == int(value) else repr(value)


def to_curve_text(keys: tuple[tuple[float, float], ...]) -> str:
    """`curve x1 0 x50 1`."""
    return "curve " + " ".join(f"x{number_text(frame)} {number_text(value)}" for frame, value in keys)


def from_curve_text(words: tuple[str, ...]) -> tuple[tuple[float, float], ...]:
    """Keys of the words after `curve`. A value without `x` lies one frame after the one before."""
    keys: list[tuple[float, float]] = []
    frame = 1.0
    for word in words:
        if word[0] == "x":
            frame = float(word[1:])
        elif word[0].isdigit() or word[0] in "-.":
            keys.append((frame, float(word)))
            frame += 1
    return tuple(keys)
