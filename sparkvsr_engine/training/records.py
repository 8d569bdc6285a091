"""Tables of a TOML file as frozen records; what a record does not know is refused by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

R = TypeVar("R")


def refuse_keys(kind: type[Any], values: Mapping[str, Any]) -> None:
    """Raise ValueError naming what a table has and its record has not."""
    fields = {field.name for field in dataclasses.fields(kind)}
    unknown = sorted(set(values) - fields)
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(unknown)}")


def record_of(kind: type[R], values: Mapping[str, Any]) -> R:
    """A frozen record of a table; lists become tuples. Raises ValueError, TypeError for another's table."""
    refuse_keys(kind, values)
    return kind(**{name: _frozen(value) for name, value in values.items()})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
