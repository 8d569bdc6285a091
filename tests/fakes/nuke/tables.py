"""The two tables taken from real Nukes: what nodes, knobs and values there are, and how calls are called.

`nodes`: class -> inputs [least, most] and knobs (knob class, allowed values), scanned from Nuke 17.0v3.
`api`: class -> method -> [required, at most, names], or None where the count is not known, from Nuke 15.0v1.
The few classes and knobs no table has (Root, knobs that appear with a file type) are in `additions.py`.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from tests.fakes.nuke.additions import ADDED_NODES, FILE_TYPE_KNOBS

FOLDER = Path(__file__).resolve().parents[2] / "data" / "nuke"


@lru_cache(maxsize=1)
def node_table() -> dict[str, Any]:
    """Node class -> {"inputs": [least, most], "knobs": {name: [knob class, allowed values]}}."""
    table = json.loads((FOLDER / "nuke_nodes_17.0v3.json").read_text("utf-8"))["nodes"]
    return {**table, **ADDED_NODES}


@lru_cache(maxsize=1)
def _api() -> dict[str, Any]:
    return json.loads((FOLDER / "nuke_api_15.0v1.json").read_text("utf-8"))


def knobs_of(node_class: str) -> dict[str, list[Any]]:
    """The knobs of a node class, those of its file types included."""
    knobs = dict(node_table()[node_class]["knobs"])
    for per_class in FILE_TYPE_KNOBS.get(node_class, {}).values():
        for name, spec in per_class.items():
            knobs.setdefault(name, spec)
    return knobs


def absent_knobs(node_class: str, file_type: str) -> set[str]:
    """Knobs of other file types, which are not there while a node has this one."""
    types = FILE_TYPE_KNOBS.get(node_class, {})
    present = set(types.get(file_type, ())) | set(node_table()[node_class]["knobs"])
    return {name for knobs in types.values() for name in knobs} - present


def inputs_of(node_class: str) -> tuple[int, int]:
    least, most = node_table()[node_class]["inputs"]
    return least, most


def api_classes() -> tuple[str, ...]:
    return tuple(_api()["api"])


def bases_of(name: str) -> list[str]:
    """The classes `name` is made of in Nuke, nearest first, without itself."""
    return list(_api()["bases"].get(name, []))


def lineage(name: str) -> list[str]:
    """`name` and everything it inherits from, nearest first."""
    names = [name]
    for base in bases_of(name):
        names += [inherited for inherited in lineage(base) if inherited not in names]
    return names


@cache
def entry_of(class_name: str, method: str) -> tuple[bool, list[Any] | None]:
    """(whether the table has the method, [required, at most, names] or None where the count is not known)."""
    for name in lineage(class_name):
        methods = _api()["api"].get(name, {})
        if method in methods:
            return True, methods[method]
    return False, None


def functions() -> dict[str, list[Any] | None]:
    """The functions of the module `nuke`."""
    return _api()["api"]["nuke"]
