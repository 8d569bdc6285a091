# SPDX-License-Identifier: Apache-2.0
"""Resolve's scripting module: where it lies, and the running Resolve behind it."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Optional, cast

from .failures import HostFailure

if TYPE_CHECKING:
    from fusionscript import Resolve

_MODULE = "DaVinciResolveScript"
_NO_ANSWER = (
    "No DaVinci Resolve answers: start Resolve Studio, and set Preferences > System > General > External"
    " scripting using to Local; the free edition does not answer."
)


def scripting_folder() -> Path:
    """RESOLVE_SCRIPT_API, else where Resolve's installer puts it."""
    named = os.environ.get("RESOLVE_SCRIPT_API")
    if named:
        return Path(named)
    if sys.platform == "win32":
        base = Path(os.environ.get("PROGRAMDATA", "C:\\ProgramData"))
        return base / "Blackmagic Design" / "DaVinci Resolve" / "Support" / "Developer" / "Scripting"
    if sys.platform == "darwin":
        base = Path("/Library/Application Support/Blackmagic Design/DaVinci Resolve")
        return base / "Developer" / "Scripting"
    return Path("/opt/resolve/Developer/Scripting")


def default_library() -> Optional[Path]:
    """The fusionscript library in its usual place; None where there is none."""
    places = {
        "win32": "C:\\Program Files\\Blackmagic Design\\DaVinci Resolve\\fusionscript.dll",
        "darwin": "/Applications/DaVinci Resolve/DaVinci"
        " Resolve.app/Contents/Libraries/Fusion/fusionscript.so",
    }
    path = Path(places.get(sys.platform, "/opt/resolve/libs/Fusion/fusionscript.so"))
    return path if path.is_file() else None


def load_module() -> object:
    """Import Resolve's scripting module. Raises HostFailure; an unfit Python may end the process instead."""
    modules = scripting_folder() / "Modules"
    library = default_library()
    if library is not None:
        os.environ.setdefault("RESOLVE_SCRIPT_LIB", str(library))
    if str(modules) not in sys.path:
        sys.path.append(str(modules))
    try:
        return importlib.import_module(_MODULE)
    except ImportError as error:
        raise HostFailure(
            "module",
            f"Resolve's scripting module cannot be loaded from {modules} ({error}); install DaVinci Resolve"
            " Studio, or set RESOLVE_SCRIPT_API to its Developer/Scripting folder.",
        ) from error


def running_resolve() -> Resolve:
    """The Resolve that runs. Raises HostFailure."""
    module = load_module()
    script_app = getattr(module, "scriptapp", None)
    resolve = script_app("Resolve") if script_app is not None else None
    if resolve is None:
        raise HostFailure("absent", _NO_ANSWER)
    return cast("Resolve", resolve)
