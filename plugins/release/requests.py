"""What is asked of a host's builder and installer, and what they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """One call of the command line.

    wheels: folder of pyzmq's wheels, filled where one is missing. output: folder of the archives, or of what
    is installed; None for the host's usual place. program: the host's program, empty to look for it.
    engine: what starts the engine, for the plugin's settings. has_pyzmq: the host brings its own.
    """

    wheels: Path
    output: Path | None = None
    program: str = ""
    engine: str = ""
    has_pyzmq: bool = False


@dataclass(frozen=True)
class Done:
    """What was done, for people and for programs.

    place: the host's program or folder. version: of the host, empty where it has none. was_there: whether
    there was something to remove.
    """

    sentence: str
    place: str
    version: str = ""
    was_there: bool = True


@dataclass(frozen=True)
class Host:
    """What can be done for one host; all raise BuildFailed or InstallFailed.

    build: makes the archives in `output`, returns their paths. install, remove: for this user.
    """

    build: Callable[[Request], list[Path]]
    install: Callable[[Request], Done]
    remove: Callable[[Request], Done]
