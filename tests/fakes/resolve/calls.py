"""Which calls each version of Resolve has, from a table made of fusionscript-stubs
(scripts/resolve_types.py).
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "data" / "resolve" / "calls.json"
NEWER = {"Timeline": {"GetSelectedClips": [0, 0]}}
"""In the README of 24 Jul 2026 (21.0.4), not yet in the stubs."""

_STUBS = (((21,), "21.0.0"), ((19,), "20.2.2"), ((0,), "18.6.6"))


@lru_cache
def table() -> dict[str, dict[str, dict[str, list[int]]]]:
    """Stubs' version -> class -> call -> [least, most] arguments."""
    return json.loads(TABLE.read_text("utf-8"))


def entries_of(version: tuple[int, ...], kind: str) -> dict[str, list[int]]:
    """The calls of a class in a version of Resolve."""
    stubs = next(stubs for least, stubs in _STUBS if version >= least)
    entries = dict(table()[stubs].get(kind, {}))
    if version >= (21, 0, 4):
        entries.update(NEWER.get(kind, {}))
    return entries


def names_of(version: tuple[int, ...], kind: str) -> set[str]:
    """What `dir()` shows."""
    return set(entries_of(version, kind))


def wrong_count(version: tuple[int, ...], kind: str, name: str, count: int) -> str:
    """Why a call does not take so many arguments; empty where it does."""
    least, most = entries_of(version, kind)[name]
    return "" if least <= count <= most else f"{kind}.{name} takes {least} to {most} arguments, {count} given"
