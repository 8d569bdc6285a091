"""The Nuke plugin: a folder for NUKE_PATH, or one below `~/.nuke` with a marked line in `init.py`."""

from __future__ import annotations

from pathlib import Path

from ..requests import Done, Host, Request
from . import archives, installing


def _build(request: Request) -> list[Path]:
    return archives.build_nuke(request.output or Path("dist"), None if request.has_pyzmq else request.wheels)


def _install(request: Request) -> Done:
    entries = archives.plugin_entries(None if request.has_pyzmq else request.wheels)
    if request.output is not None:
        installing.put_folder(request.output, entries)
        sentence = (
            f"SparkVSR for Nuke is in {request.output}: put this folder on NUKE_PATH and name the engine with"
            f" SPARKVSR_ENGINE={request.engine}"
        )
        return Done(sentence, str(request.output))
    home = installing.user_folder()
    installing.install(home, entries, request.engine)
    return Done(f"SparkVSR is installed in {home}: start Nuke 14 or later, menu Nodes > SparkVSR", str(home))


def _remove(request: Request) -> Done:
    place = request.output or installing.user_folder()
    was_there = installing.remove_folder(place) if request.output else installing.uninstall(place)
    return Done(
        f"SparkVSR is {'taken out of' if was_there else 'not in'} {place}", str(place), was_there=was_there
    )


HOST = Host(_build, _install, _remove)
