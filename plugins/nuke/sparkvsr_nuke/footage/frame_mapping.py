"""Which file frame a Read shows at a frame of the script. Pure Python, no Nuke.

Nuke's Read maps in two steps: its frame mode turns the script's frame into a file frame, and what lies
outside first..last follows `before` and `after`. An offset moves the clip later: a clip
1-100 with offset 1000 plays from 1001. A mapping this module cannot follow raises, so that the
caller renders the branch instead of guessing.
"""

from __future__ import annotations

import ast
import dataclasses
import math
import operator
from typing import Any, Callable, Dict, Optional

OUTSIDE = ("hold", "loop", "bounce", "black")
MODES = ("expression", "start at", "offset")


class UnclearMapping(ValueError):
    """A frame expression that is more than arithmetic of the frame; the message names it."""


@dataclasses.dataclass(frozen=True)
class ReadTiming:
    """The knobs of a Read that decide which file frame is shown.

    first, last: file frames. mode: of `MODES`; value: the text of the `frame` knob.
    before, after: of `OUTSIDE`, for file frames outside first..last.
    """

    first: int
    last: int
    mode: str = "expression"
    value: str = ""
    before: str = "hold"
    after: str = "hold"

    def file_frame(self, frame: int) -> Optional[int]:
        """The file frame shown at a script frame; None where the Read shows black.

        Raises UnclearMapping.
        """
        return self._inside(self._mapped(frame))

    def shifted(self, by: int) -> ReadTiming:
        """The timing that shows file frame n + by wherever this one shows n."""
        value = self.value
        if by and self.mode == "offset":
            value = str(_whole(value or "0", 0) - by)
        elif by and self.mode == "expression":
            value = f"({value or 'frame'})+({by})"
        return dataclasses.replace(self, first=self.first + by, last=self.last + by, value=value)

    def _mapped(self, frame: int) -> int:
        text = self.value.strip()
        if self.mode == "offset":
            return frame - _whole(text or "0", frame)
        if self.mode == "start at":
            return frame - _whole(text or "0", frame) + self.first
        return _whole(text or "frame", frame)

    def _inside(self, number: int) -> Optional[int]:
        if self.first <= number <= self.last:
            return number
        count = self.last - self.first + 1
        way = self.before if number < self.first else self.after
        if way == "black":
            return None
        if way == "hold":
            return self.first if number < self.first else self.last
        if way == "loop":
            return self.first + (number - self.first) % count
        if way == "bounce":
            place = (number - self.first) % max(2 * (count - 1), 1)
            return self.first + min(place, 2 * (count - 1) - place)
        raise UnclearMapping(
            f"the Read's setting '{way}' outside its range is not one of {', '.join(OUTSIDE)}"
        )


_OPERATORS: Dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: Dict[str, Callable[..., Any]] = {
    "floor": math.floor,
    "ceil": math.ceil,
    "int": math.trunc,
    "min": min,
    "max": max,
    "abs": abs,
    "clamp": lambda value, low=0.0, high=1.0: min(max(value, low), high),
}
_FRAME_NAMES = ("frame", "t", "x")
_LONGEST_TEXT = 500


def _whole(text: str, frame: int) -> int:
    """The whole number an expression gives at a frame; raises UnclearMapping where there is none."""
    unclear = UnclearMapping(f"the Read's frame expression '{text}' is more than arithmetic of the frame")
    if len(text) > _LONGEST_TEXT:
        raise unclear
    try:
        value = _value(ast.parse(text, mode="eval").body, frame)
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise unclear from error
    if isinstance(value, bool) or not math.isfinite(value) or value != math.floor(value):
        raise UnclearMapping(f"the Read's frame expression '{text}' gives no whole frame at {frame}")
    return int(value)


def _value(node: ast.AST, frame: int) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.Name) and node.id in _FRAME_NAMES:
        return frame
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.operand, frame))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left, frame), _value(node.right, frame))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        return _FUNCTIONS[node.func.id](*(_value(argument, frame) for argument in node.args))
    raise ValueError("not arithmetic")
