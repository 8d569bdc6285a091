"""Frozen records to JSON values and back, tolerant of fields from a newer peer, strict about types.

A field that holds records says so with `nested`, one whose default differs between releases with
`always_sent`, one that a later minor of the protocol added with `since`. Every other field is checked against
its annotation (`fields`).
"""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Iterable, List, Mapping, Optional, Set, Tuple, Type, TypeVar, cast

from .connections.fields import is_optional, read_list, read_value
from .errors import InvalidSettings, MalformedMessage

R = TypeVar("R", bound="Record")


def nested(kind: Type[Record], many: bool = False, **options: Any) -> Any:
    """A dataclass field that holds one record of `kind`, or a tuple of them.

    Args:
        kind: class of the record.
        many: whether it is a tuple of them.
        **options: of `dataclasses.field`, such as its default.
    """
    return dataclasses.field(metadata={"kind": kind, "many": many}, **options)


def always_sent(default: Any) -> Any:
    """A dataclass field that travels even at its default, because the peer's default may be another.

    Args:
        default: the default here.
    """
    return dataclasses.field(default=default, metadata={"always": True})


def since(minor: int, default: Any, **options: Any) -> Any:
    """A dataclass field that the protocol has from this minor on; an engine before it would ignore the field.

    Args:
        minor: minor number of the protocol's version.
        default: the default here.
        **options: `kind` and `many`, as `nested` takes them.
    """
    return dataclasses.field(default=default, metadata={"since": minor, **options})


def newer_fields(record: Record, minor: int) -> List[str]:
    """Names of the fields in use, in the record and those inside it, that a peer of this minor ignores.

    Args:
        record: a message or a part of one.
        minor: the peer's.
    """
    names: List[str] = []
    for field in fields_of(type(record)):
        value = getattr(record, field.name)
        if field.metadata.get("since", 0) > minor and not _is_default(field, value):
            names.append(field.name)
        inside: Tuple[Any, ...] = cast("Tuple[Any, ...]", value) if isinstance(value, tuple) else (value,)
        for item in inside:
            if isinstance(item, Record):
                names.extend(newer_fields(item, minor))
    return list(dict.fromkeys(names))


class Record:
    """Base of every record that travels: dataclass subclasses get `to_dict` and `from_dict`."""

    def to_dict(self) -> Dict[str, Any]:
        """Only fields that differ from their default, as JSON values; `from_dict` is the inverse."""
        values: Dict[str, Any] = {}
        for field in fields_of(type(self)):
            value = getattr(self, field.name)
            if field.metadata.get("always") or not _is_default(field, value):
                values[field.name] = _to_json(value)
        return values

    @classmethod
    def from_dict(cls: Type[R], data: Mapping[str, Any]) -> R:
        """Build the record; unknown fields are dropped, missing ones take their default.

        Args:
            data: a JSON object.

        Raises:
            MalformedMessage: when a required field is missing or a value has the wrong type, and
                InvalidSettings when the values have the right types and make no sense.
        """
        if not isinstance(cast("Any", data), Mapping):
            raise MalformedMessage(f"{cls.__name__} is {type(data).__name__}; it must be an object.")
        values: Dict[str, Any] = {}
        for field in fields_of(cls):
            if field.name in data:
                values[field.name] = _read_field(cls.__name__, field, data[field.name])
            elif _is_required(field):
                raise MalformedMessage(f"{cls.__name__} lacks the field '{field.name}'.", field=field.name)
        return cls(**values)


def fields_of(kind: Type[Record]) -> Tuple[dataclasses.Field[Any], ...]:
    """The dataclass fields of a record class, in order.

    Args:
        kind: class of the record.
    """
    return dataclasses.fields(cast("Any", kind))


def require(condition: bool, message: str, **details: Any) -> None:
    """Raise InvalidSettings with `message` unless `condition` holds.

    Args:
        condition: what must hold.
        message: the sentence where it does not.
        **details: values that the error carries.
    """
    if not condition:
        raise InvalidSettings(message, **details)


def require_choice(name: str, value: Any, choices: Iterable[str]) -> None:
    """Raise InvalidSettings unless `value` is one of `choices`.

    Args:
        name: what the value is, for the sentence.
        value: the value.
        choices: what it may be.
    """
    allowed: Tuple[str, ...] = tuple(choices)
    require(value in allowed, f"{name} is '{value}'; use one of {', '.join(allowed)}.")


def require_number(name: str, value: Any, low: float, high: float) -> None:
    """Raise InvalidSettings unless `value` is a finite number with low <= value <= high.

    Args:
        name: what the value is, for the sentence.
        value: the value.
        low: the least value.
        high: the greatest value.
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    require(is_number and low <= value <= high, f"{name} is {value}; it must lie from {low:g} to {high:g}.")


def require_distinct(what: str, values: Iterable[int]) -> None:
    """Raise InvalidSettings when a value comes twice.

    Args:
        what: what the values are, for the sentence.
        values: the values.
    """
    seen: Set[int] = set()
    for value in values:
        require(value not in seen, f"{what} {value} is named twice; name each once.")
        seen.add(value)


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    if _is_required(field):
        return False
    if field.default is not dataclasses.MISSING:
        return bool(value == field.default)
    return bool(value == cast("Any", field.default_factory)())


def _to_json(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, (tuple, list)):
        return [_to_json(item) for item in cast("List[Any]", value)]
    if isinstance(value, dict):
        return {str(key): _to_json(item) for key, item in cast("Dict[Any, Any]", value).items()}
    return value


def _read_field(owner: str, field: dataclasses.Field[Any], value: Any) -> Any:
    name, annotation = f"{owner}.{field.name}", str(field.type)
    kind: Optional[Type[Record]] = field.metadata.get("kind")
    if kind is None:
        return read_value(annotation, name, value)
    if field.metadata.get("many"):
        return tuple(kind.from_dict(item) for item in read_list(name, value))
    if value is None and is_optional(annotation):
        return None
    return kind.from_dict(cast("Mapping[str, Any]", value))
