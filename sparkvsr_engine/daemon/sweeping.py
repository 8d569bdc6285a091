"""Pictures that previews left: the old ones, and the oldest beyond a budget, go when an engine starts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sparkvsr_engine.config import GIB, EngineConfig

_KEPT_SECONDS = 24 * 3600.0
_BUDGET_BYTES = GIB


@dataclass(frozen=True, order=True)
class _File:
    written: float
    bytes: int
    path: Path


def sweep_pictures(config: EngineConfig, budget_bytes: int = _BUDGET_BYTES) -> int:
    """Remove them; returns the bytes freed. No request refers to them: each brings its pictures again.

    Args:
        config: the engine's folders.
        budget_bytes: the most that stay.
    """
    freed = stay = 0
    for file in sorted(_pictures(config), reverse=True):
        stay += file.bytes
        if stay > budget_bytes or file.written < time.time() - _KEPT_SECONDS:
            with suppress(OSError):
                file.path.unlink()
                freed += file.bytes
    return freed


def _pictures(config: EngineConfig) -> Iterator[_File]:
    """Of clients of this machine, and of remote ones."""
    for folder in (config.previews_folder, config.remote_pictures):
        for path in folder.rglob("*"):
            with suppress(OSError):
                state = path.lstat()
                if not path.is_dir():
                    yield _File(state.st_mtime, state.st_size, path)
