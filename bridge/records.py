"""Frozen records to JSON values and back, tolerant of fields from a newer peer.

Annotations are never read at run time (Python 3.9 hosts cannot evaluate all of them): a field that
holds records says so with `nested`, a field that holds one of a few words says so with `choice`.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Dict, Iterable, Mapping, Optional, Tuple, Type, TypeVar

from .errors import InvalidSettings, MalformedMessage

R = TypeVar("R", bound="Record")


def nested(kind: Type["Record"], many: bool = False, **options: Any) -> Any:
    """A dataclass field that holds one record of `kind`, or a tuple of them."""
    return dataclasses.field(metadata={"kind": kind, "many": many}, **options)


class Record:
    """Base of every record that travels: dataclass subclasses get `to_dict` and `from_dict`."""

    def to_dict(self) -> Dict[str, Any]:
        """Only fields that differ from their default, as JSON values; `from_dict` is the inverse."""
        found: Dict[str, Any] = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if field.default is not dataclasses.MISSING and value == field.default:
                continue
            found[field.name] = _to_json(value)
        return found

    @classmethod
    def from_dict(cls: Type[R], data: Mapping[str, Any]) -> R:
        """Build the record; unknown fields are dropped, missing ones take their default.

        Raises MalformedMessage when a required field is missing or a value has the wrong shape.
        """
        if not isinstance(data, Mapping):
            raise MalformedMessage(f"{cls.__name__} must be an object, not {type(data).__name__}.")
        values: Dict[str, Any] = {}
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            if field.name in data:
                values[field.name] = _from_json(field, data[field.name])
            elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                raise MalformedMessage(f"{cls.__name__} lacks the field '{field.name}'.")
        try:
            return cls(**values)
        except (TypeError, ValueError) as error:
            raise MalformedMessage(f"{cls.__name__} is not well formed: {error}.") from error


def _to_json(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, (tuple, list)):
        return [_to_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _to_json(item) for key, item in value.items()}
    return value


def _from_json(field: "dataclasses.Field[Any]", value: Any) -> Any:
    kind: Optional[Type[Record]] = field.metadata.get("kind")
    if kind is not None and value is not None:
        if field.metadata.get("many"):
            if not isinstance(value, (list, tuple)):
                raise MalformedMessage(f"The field '{field.name}' must be a list.")
            return tuple(kind.from_dict(item) for item in value)
        return kind.from_dict(value)
    return _as_tuple(value)


def _as_tuple(value: Any) -> Any:
    """JSON lists become tuples so that records stay hashable and comparable."""
    return tuple(_as_tuple(item) for item in value) if isinstance(value, list) else value


def require(condition: bool, message: str, **details: Any) -> None:
    """Raise InvalidSettings with `message` unless `condition` holds."""
    if not condition:
        raise InvalidSettings(message, **details)


def require_choice(name: str, value: Any, choices: Iterable[str]) -> None:
    """Raise InvalidSettings unless `value` is one of `choices`."""
    allowed: Tuple[str, ...] = tuple(choices)
    require(value in allowed, f"{name} is '{value}'; use one of {', '.join(allowed)}.")


def require_number(name: str, value: Any, low: float, high: float) -> None:
    """Raise InvalidSettings unless `value` is a finite number with low <= value <= high."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    require(good and low <= value <= high, f"{name} is {value}; it must lie from {low:g} to {high:g}.")
