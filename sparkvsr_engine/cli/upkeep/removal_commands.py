"""`sparkvsr uninstall`: the engine's own folders, before the package itself is taken away."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_bridge.errors import OutputUnwritable, SparkVSRError, StateConflict
from sparkvsr_bridge.system.held_files import remove_folder_when_free, unlink_when_free
from sparkvsr_bridge.system.installing import uninstall_command
from sparkvsr_engine.cli.console import Console
from sparkvsr_engine.folder_links import is_folder_link

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands
    from sparkvsr_engine.config import EngineConfig

# All the engine ever makes in its home folder. What else lies there, config.toml too, is somebody's own.
FOLDERS = ("cache", "jobs", "logs", "models", "plugin-wheels", "previews", "run")
FILES = ("jobs.sqlite", "jobs.sqlite-shm", "jobs.sqlite-wal")


def add_commands(commands: Commands) -> None:
    """Add it."""
    uninstall = commands.add(
        "uninstall",
        run_uninstall,
        "Stop the engine and delete its jobs, cache, models and logs; results stay where they are.",
        "sparkvsr uninstall --yes",
    )
    uninstall.add_argument("--yes", action="store_true", help="delete; without, what would go is listed")


def run_uninstall(options: argparse.Namespace, console: Console) -> int:
    """List what is the engine's, and with --yes delete it."""
    from sparkvsr_engine.config import load_config

    config = load_config()
    if not engine_places(config):
        return _report_nothing(config.home, options.yes, console)
    if options.yes:
        # An engine that ends takes some of its files away.
        _stop(config)
    places = engine_places(config)
    names = [str(place) for place in places]
    if not options.yes:
        text = "\n".join([*names, "With --yes these are deleted. Results, and sources, are not among them."])
        console.result(text, "uninstall", places=names)
        return 0
    delete(places)
    remains = _remains(config.home)
    text = f"the engine's folders are deleted; '{uninstall_command()}' takes the program itself"
    if remains:
        text += f"\nnot the engine's, and left: {', '.join(remains)}"
    console.result(text, "uninstalled", places=names, left=remains)
    return 0


def _report_nothing(home: Path, may_delete: bool, console: Console) -> int:
    text = f"nothing of the engine lies in {home}; '{uninstall_command()}' takes the program itself"
    if not may_delete:
        console.result(text, "uninstall", places=[])
        return 0
    # Fails where something else lies in it, and where it is not there.
    with suppress(OSError):
        home.rmdir()
    console.result(text, "uninstalled", places=[], left=_remains(home))
    return 0


def engine_places(config: EngineConfig) -> list[Path]:
    """What the engine made: in its home folder, and its runtime folder where that lies elsewhere."""
    places = [config.home / name for name in (*FOLDERS, *FILES)]
    places = [place for place in places if place.is_symlink() or place.exists()]
    # To ask for the runtime folder makes it.
    runtime = config.runtime if places else config.home / "run"
    return places if runtime.parent == config.home else [*places, runtime]


def _delete_one(place: Path) -> None:
    if is_folder_link(place) or not place.is_dir():
        unlink_when_free(place)
    else:
        remove_folder_when_free(place)


def delete(places: list[Path]) -> None:
    """Delete them, links but not what they lead to, and folders this leaves empty.

    Raises OutputUnwritable with the file that cannot go; what is gone by then stays gone.
    """
    try:
        for place in places:
            _delete_one(place)
    except OSError as error:
        raise OutputUnwritable(
            f"{error.filename} cannot be deleted ({error.strerror}); close the program that has it open, or"
            " change its permissions, then uninstall again."
        ) from error
    for folder in {place.parent for place in places}:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _stop(config: EngineConfig) -> None:
    from sparkvsr_bridge.process import EngineProcess

    engine = EngineProcess(config.home)
    engine.stop()
    if engine.is_running():
        raise StateConflict(
            "The engine does not end, so nothing is deleted; end its process, then try again."
        )


def _remains(home: Path) -> list[str]:
    try:
        return sorted(path.name for path in home.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SparkVSRError(f"{home} cannot be listed ({error.strerror}).") from error
