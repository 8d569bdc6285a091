"""The only import of the bridge, made when a part of it is first used.

A release carries its own copy, a checkout uses the repository's. Nothing here loads pyzmq: that happens in
the session's thread, and the host's own `zmq` is preferred to the one a release carries.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

_MODULES = {name: name for name in ("errors", "media", "messages", "policies", "settings", "version")}
_MODULES.update({name: f"system.{name}" for name in ("folders", "command_lines")})
_OF_HOSTS = ("engine_place", "job_list", "landing", "model_menu", "requests", "self_test", "session", "trust")
_MODULES.update({name: f"hosts.{name}" for name in _OF_HOSTS})
_OF_TASKS = ("farming", "host_session", "stream_keyframes", "watching")
_MODULES.update({name: f"hosts.tasks.{name}" for name in _OF_TASKS})
_VENDORED = f"{__package__}._vendor"


def __getattr__(name: str) -> Any:
    """A module of the bridge, by its last name."""
    if name not in _MODULES:
        raise AttributeError(f"the bridge link has no module {name}")
    module = importlib.import_module(f"{_root()}.{_MODULES[name]}")
    globals()[name] = module
    return module


def _root() -> str:
    # find_spec, not `except ImportError`: that would hide a missing module inside the vendored copy.
    if importlib.util.find_spec("._vendor", __package__) is not None:
        _offer_carried_zmq()
        return f"{_VENDORED}.bridge"
    if importlib.util.find_spec("sparkvsr_bridge") is None:
        sys.path.append(str(Path(__file__).resolve().parents[3] / "bridge"))
    return "sparkvsr_bridge"


def _offer_carried_zmq() -> None:
    """Put the release's pyzmq for this Python at the end of the search path, behind the host's own."""
    folder = Path(__file__).resolve().parent / "_vendor" / "wheels"
    for tag in (f"cp{sys.version_info[0]}{sys.version_info[1]}", "abi3"):
        place = folder / tag
        if place.is_dir() and str(place) not in sys.path:
            sys.path.append(str(place))
            return
