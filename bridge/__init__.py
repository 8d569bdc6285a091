"""Everything a host needs to talk to the SparkVSR engine: stdlib and pyzmq, Python 3.9 and later.

Relative imports only, so that a plugin can carry a copy under its own name. OpenTimelineIO is needed
by `bridge.timeline` alone, which this does not import.
"""

from __future__ import annotations

from .client import EngineClient
from .errors import SparkVSRError
from .mailbox import Mailbox
from .process import EngineProcess
from .version import PROTOCOL_VERSION, __version__

__all__ = ["PROTOCOL_VERSION", "EngineClient", "EngineProcess", "Mailbox", "SparkVSRError", "__version__"]
