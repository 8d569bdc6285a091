"""Content keys: the same key means the same pixels, so results may be shared, linked and retried."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any


def digest_of(kind: str, **inputs: Any) -> str:
    """A key for something of `kind` made from these inputs (JSON values), 32 hexadecimal digits."""
    text = json.dumps({"kind": kind, **inputs}, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def digest_of_file(path: Path) -> str:
    """A key for a file's content; read once per state of the file."""
    status = path.stat()
    return _digest_of_content(str(path), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _digest_of_content(path: str, size: int, modified_ns: int) -> str:  # noqa: ARG001 - part of the cache key
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)  # type: ignore[arg-type]
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be part of a content key")
