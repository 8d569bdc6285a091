"""Everything a host needs to talk to the SparkVSR engine: stdlib and pyzmq, Python 3.9 and later.

Relative imports only, so that a plugin can carry a copy under its own name. OpenTimelineIO is needed
by `.timeline` alone, which this does not import. pyzmq is loaded with the first name that needs it,
so that a host starts, and works without an engine, where pyzmq cannot be loaded.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .errors import SparkVSRError
from .version import PROTOCOL_VERSION, __version__

if TYPE_CHECKING:
    from .client import EngineClient
    from .mailbox import Mailbox
    from .process import EngineProcess

__all__ = ["PROTOCOL_VERSION", "EngineClient", "EngineProcess", "Mailbox", "SparkVSRError", "__version__"]
_MODULES = {"EngineClient": "client", "EngineProcess": "process", "Mailbox": "mailbox"}


def __getattr__(name: str) -> Any:
    """A public class, from its module when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_MODULES[name]}", __name__), name)
