"""Starts the window's process: the environment is read here, and the reader of frames starts before Qt."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sparkvsr_bridge.hosts.colour_config import config_of_environment
from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.system.folders import home_folder
from sparkvsr_bridge.version import __version__
from sparkvsr_window.frames.keys import Transform
from sparkvsr_window.model.keyframes import OpenEditor
from sparkvsr_window.model.window_model import WindowModel

_FOLDER = "window"


def main(arguments: Sequence[str]) -> int:
    """Show the window until it is closed.

    arguments: a file to open, or nothing; `--resolve FOLDER` connects it to DaVinci Resolve, through the
    plugin in that folder.
    """
    home = home_folder()
    waking: list[Callable[[], None]] = []
    model = make_model(home, lambda: waking[0]() if waking else None)
    resolve = resolve_model(arguments[1], model, waking) if arguments[:1] == ["--resolve"] else None
    if arguments and resolve is None:
        model.drop([str(Path(arguments[0]).expanduser().absolute())])
    # Reading the file's head has begun by now, in its own process, while Qt is loaded.
    from sparkvsr_window.widgets.application import run_application

    return run_application(model, waking, resolve)


def resolve_model(folder: str, model: WindowModel, waking: list[Callable[[], None]]) -> Any:
    """The plugin's model of Resolve, which runs jobs on this window's engine. folder: of the plugin."""
    if folder not in sys.path:
        sys.path.append(folder)
    plugin = importlib.import_module("sparkvsr_resolve.panel_model")
    return plugin.PanelModel(model.place, lambda: waking[0]() if waking else None)


def make_model(home: Path, wake: Callable[[], None], open_editor: OpenEditor | None = None) -> WindowModel:
    """The model of a window whose engine has this home folder; the engine is this Python's own."""
    program = os.environ.get("SPARKVSR_ENGINE", "")
    place = EnginePlace(
        "" if program else sys.executable,
        str(home),
        name=f"window {__version__}",
        is_own_python=not program,
    )
    model = WindowModel(home / _FOLDER, place, open_editor or (lambda _: None), wake)
    model.core.transform = Transform(config=config_of_environment(os.environ))
    model.connect()
    return model
