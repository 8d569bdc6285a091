"""Where the engine is, as this user set it: `sparkvsr.json` in the user's Nuke folder. No Nuke."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import Any, Optional

FILE_NAME = "sparkvsr.json"


@dataclasses.dataclass(frozen=True)
class Preferences:
    """program: the engine's Python or `sparkvsr`; empty is SPARKVSR_ENGINE, then the search path.

    home: the engine's home folder; empty is the user's own. connection_file, host: of an engine on another
    machine; empty is this machine.
    """

    program: str = ""
    home: str = ""
    connection_file: str = ""
    host: str = ""


def preferences_path(folder: Optional[Path] = None) -> Path:
    """The file; folder: the user's Nuke folder, on Windows below HOME where that is set."""
    named = os.environ.get("HOME", "") if sys.platform == "win32" else ""
    return (folder or (Path(named) if named else Path.home()) / ".nuke") / FILE_NAME


def read_preferences(path: Optional[Path] = None) -> Preferences:
    """The user's settings; defaults where there is no file or it cannot be read."""
    try:
        values = json.loads((path or preferences_path()).read_text(encoding="utf-8"))
        names = {field.name for field in dataclasses.fields(Preferences)}
        return Preferences(**{name: str(value) for name, value in values.items() if name in names})
    except (OSError, ValueError, AttributeError):
        return Preferences()


def write_preferences(preferences: Preferences, path: Optional[Path] = None) -> None:
    """Keep the settings for later sessions. Raises OSError."""
    target = path or preferences_path()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(dataclasses.asdict(preferences), indent=1), encoding="utf-8")


def engine_place(preferences: Preferences, name: str) -> Any:
    """The bridge's EnginePlace of these settings. name: who connects, for people."""
    from .bridge_link import engine_place as places

    return places.EnginePlace(
        program=preferences.program,
        home=preferences.home,
        connection_file=preferences.connection_file,
        host=preferences.host,
        may_go_online=True,
        name=name,
        preferences="SparkVSR > Engine... or SPARKVSR_ENGINE",
    )
