"""A remote client's work, confined to the folders it may use and few of the engine's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from sparkvsr_engine.access.confinement.places import Places
from sparkvsr_engine.access.confinement.threads import run_confined
from sparkvsr_engine.access.roots import Roots
from sparkvsr_engine.config import EngineConfig

T = TypeVar("T")

# An SQLite file in WAL mode, and what lies beside it.
_DATABASE_ENDINGS = ("", "-wal", "-shm")


def confined(config: EngineConfig, call: Callable[[], T], private: Iterable[Path] = ()) -> T:
    """Do a remote client's work; what it opens outside its places fails, whatever names led there.

    Keys, connection file, configuration, other jobs' and other clients' pictures are outside, as is all
    that is not the engine's.

    Args:
        config: the engine's folders, and the roots of remote clients.
        call: the work.
        private: folders of this job or client alone; made for the work, and taken away where they stay empty.
    """
    folders = tuple(private)
    new = [folder for folder in folders if not folder.exists()]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return run_confined(call, _places(config, folders))
    finally:
        for folder in new:
            with suppress(OSError):
                folder.rmdir()


def _places(config: EngineConfig, private: tuple[Path, ...]) -> Places:
    database = [Path(f"{config.database}{ending}") for ending in _DATABASE_ENDINGS]
    shared = (config.cache_folder, config.log_folder, config.scratch_folder, config.preview_folder)
    for folder in shared:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Places.of(Roots.of(config.remote), _models(config), (*database, *shared, *private))


def _models(config: EngineConfig) -> list[Path]:
    """Where weights lie. Added models are links to folders anywhere; those named are the administrator's."""
    linked: list[Path] = []
    with suppress(OSError):
        linked = [entry.resolve() for entry in config.models_folder.iterdir() if entry.is_symlink()]
    named = (*config.remote.models, *config.remote.keyframe_makers)
    listed = [Path(name).expanduser() for name in named if not name.startswith("cmd")]
    return [config.models_folder, *linked, *listed]
