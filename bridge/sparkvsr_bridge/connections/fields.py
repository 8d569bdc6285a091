"""Checks of single JSON values against a record's annotations, which are read as text.

Python 3.9 hosts cannot evaluate every annotation, so the few forms that records use are recognised by
their spelling: `int float str bool Dict[str, Any]`, `Optional[...]` and `Tuple[...]` of them.
"""

from __future__ import annotations

import math
import reprlib
from typing import Any, Callable, Dict, List, NoReturn, cast

from ..errors import MalformedMessage

LARGEST_INTEGER = 2**53
"""Whole numbers travel within +-2**53, which every JSON library keeps exact."""


def read_value(annotation: str, name: str, value: Any) -> Any:
    """`value` as a field annotated `annotation` holds it; lists become tuples, whole numbers floats.

    Args:
        annotation: the field's annotation, as source text.
        name: what to call the field in an error.
        value: the value.

    Raises:
        MalformedMessage: when the value does not fit, and KeyError for an annotation of a form records do not
            use.
    """
    if is_optional(annotation):
        return None if value is None else read_value(annotation[len("Optional[") : -1], name, value)
    if annotation.startswith("Tuple["):
        return _read_tuple(annotation[len("Tuple[") : -1], name, value)
    return _READERS[annotation](name, value)


def is_optional(annotation: str) -> bool:
    """Whether a field annotated so may hold None.

    Args:
        annotation: the field's annotation, as source text.
    """
    return annotation.startswith("Optional[")


def refuse(name: str, value: Any, expected: str) -> NoReturn:
    """Raise MalformedMessage that names the field, what it holds and what it must be.

    Args:
        name: of the field.
        value: the value.
        expected: what the field must hold, in words.
    """
    raise MalformedMessage(f"{name} is {reprlib.repr(value)}; it must be {expected}.", field=name)


def read_list(name: str, value: Any) -> List[Any]:
    """A JSON list.

    Args:
        name: of the field, for the sentence.
        value: what the JSON holds.
    """
    if not isinstance(value, (list, tuple)):
        refuse(name, value, "a list")
    return list(cast("List[Any]", value))


def _read_tuple(inside: str, name: str, value: Any) -> Any:
    items = read_list(name, value)
    kinds = inside.split(", ")
    if kinds[-1] == "...":
        kinds = [kinds[0]] * len(items)
    if len(kinds) != len(items):
        refuse(name, value, f"a list of {len(kinds)} values")
    return tuple(
        read_value(kind, f"{name}[{index}]", item) for index, (kind, item) in enumerate(zip(kinds, items))
    )


def _read_int(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST_INTEGER:
        refuse(name, value, "a whole number within +-2**53")
    return value


def _read_float(name: str, value: Any) -> float:
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_INTEGER:
        return float(value)
    refuse(name, value, "a finite number")


def _read_text(name: str, value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        refuse(name, value, "text without NUL characters")
    return value


def _read_bool(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        refuse(name, value, "true or false")
    return value


def _read_object(name: str, value: Any) -> Dict[str, Any]:
    if not isinstance(value, dict):
        refuse(name, value, "an object")
    return dict(cast("Dict[str, Any]", value))


_READERS: Dict[str, Callable[[str, Any], Any]] = {
    "int": _read_int,
    "float": _read_float,
    "str": _read_text,
    "bool": _read_bool,
    "Dict[str, Any]": _read_object,
}
