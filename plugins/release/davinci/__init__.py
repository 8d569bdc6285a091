"""The Resolve plugin: one script for Workspace > Scripts, which starts `sparkvsr resolve`. Nothing else is
put into Resolve; the rest runs in the engine's environment.
"""

from __future__ import annotations

from pathlib import Path

from ..archives import package_version, write_archive
from ..requests import Done, Host, Request
from . import installing


def _build(request: Request) -> list[Path]:
    output = request.output or Path("dist")
    path = output / f"sparkvsr-{package_version()}-davinci.zip"
    return [write_archive(path, [(installing.SCRIPT, installing.script("sparkvsr"))])]


def _install(request: Request) -> Done:
    folder = request.output or installing.user_folder()
    installing.install(folder, request.engine)
    return Done(
        f"SparkVSR is in {folder}: start DaVinci Resolve Studio, menu Workspace > Scripts > SparkVSR",
        str(folder),
    )


def _remove(request: Request) -> Done:
    folder = request.output or installing.user_folder()
    was_there = installing.uninstall(folder)
    return Done(
        f"SparkVSR is {'taken out of' if was_there else 'not in'} {folder}", str(folder), was_there=was_there
    )


HOST = Host(_build, _install, _remove)
