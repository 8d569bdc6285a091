# SPDX-License-Identifier: Apache-2.0
"""Frozen records as JSON and back, for what crosses between the processes."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Dict, Type, TypeVar, Union, get_args, get_origin, get_type_hints

Kind = TypeVar("Kind")


def to_plain(record: Any) -> Dict[str, Any]:
    """A record as JSON values; tuples become lists."""
    return dict(json.loads(json.dumps(dataclasses.asdict(record))))


def from_plain(kind: Type[Kind], values: Dict[str, Any]) -> Kind:
    """A record of JSON values; fields it does not know are ignored. Raises KeyError or TypeError."""
    hints = get_type_hints(kind)
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: _value(hints[name], value) for name, value in values.items() if name in names})


def _value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Union:
        return _value(next(one for one in arguments if one is not type(None)), value)
    if origin is tuple:
        return tuple(_value(arguments[0], one) for one in value)
    if origin is dict:
        return dict(value)
    is_record = isinstance(hint, type) and dataclasses.is_dataclass(hint)
    return from_plain(hint, value) if is_record else value
