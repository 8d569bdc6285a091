"""The colour management of the open script. Main thread; nothing is changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Optional

import nuke

from ..refusals import Refused
from .colours import ScriptColour, UnknownColour, resolved
from .sources import NeedsRender

_CONFIG_KNOBS = ("OCIO_config", "OCIOConfig")
_NUKE_OWN = "nuke-default"
# Where Nuke's own configuration is not at hand: a built-in one, and what Nuke's lookups are called there.
_BUILT_IN = "ocio://cg-config-v2.1.0_aces-v1.3_ocio-v2.3"
_LINEAR = "Linear Rec.709 (sRGB)"
_OWN_NAMES = {"linear": _LINEAR, "sRGB": "sRGB - Texture", _LINEAR: _LINEAR}


def script_colour() -> ScriptColour:
    """Configuration and working space of the script. Raises Refused."""
    root = nuke.root()
    named = os.environ.get("OCIO", "").strip().replace("\\", "/")
    if named:
        return ScriptColour(_checked(named, "$OCIO"), _working(root), "$OCIO")
    if root["colorManagement"].value() != "OCIO":
        return _of_nuke()
    choice = next((root[name].value() for name in _CONFIG_KNOBS if root.knob(name) is not None), "")
    if choice == "custom":
        path = _evaluated(root["customOCIOConfigPath"])
        return ScriptColour(_checked(path, "the project settings"), _working(root), "the project settings")
    path = _evaluated(root["OCIOConfigPath"]) if root.knob("OCIOConfigPath") is not None else ""
    return ScriptColour(_checked(path, choice), _working(root), choice)


def path_colour(colour: Optional[str], script: ScriptColour, read: Any) -> Optional[str]:
    """The name the engine takes for files in a colour space of the script; empty is the working space.

    A built-in configuration has few of Nuke's own lookups. read: a Read of the script, whose menu lists all.
    Raises NeedsRender, Refused.
    """
    if not colour or script.config != _BUILT_IN:
        return colour
    if colour not in _OWN_NAMES:
        entries = tuple(nuke.getColorspaceList(read["colorspace"]))  # type: ignore[no-untyped-call]
        try:
            resolved(colour, entries)
        except UnknownColour as error:
            raise Refused(str(error)) from error
        raise NeedsRender(f"{script.origin} has the space '{colour}', which only Nuke knows")
    return _OWN_NAMES[colour]


def _of_nuke() -> ScriptColour:
    """Nuke's own colour management: its spaces are those of the configuration it ships."""
    program = str(nuke.EXE_PATH)
    folder = Path(program).parent / "plugins" / "OCIOConfigs" / "configs" / _NUKE_OWN
    config = folder / "config.ocio"
    if program and config.is_file():
        return ScriptColour(config.as_posix(), "linear", "Nuke's own colour management")
    return ScriptColour(_BUILT_IN, _LINEAR, "Nuke's own colour management")


def _working(root: Any) -> str:
    knob = root["workingSpaceLUT"]
    try:
        return resolved(knob.value()) or "scene_linear"
    except UnknownColour as error:
        raise Refused(f"Project settings: {error}") from error


def _evaluated(knob: Any) -> str:
    return (knob.evaluate() or "").strip().replace("\\", "/")


def _checked(path: str, origin: str) -> str:
    if path.startswith("ocio://"):
        return path
    if not path or not Path(path).is_file():
        raise Refused(
            f"The OpenColorIO configuration '{path}' of {origin} is not there; correct it in the project"
            " settings."
        )
    return path
