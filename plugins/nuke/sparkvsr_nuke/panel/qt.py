"""Qt as this Nuke has it: PySide6 from 16 on, PySide2 before.

What Nuke has loaded itself comes first: the other one, installed by somebody for another program, would bring
a second Qt into the process.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any

_BINDINGS = ("PySide6", "PySide2")
_LOADED = [name for name in _BINDINGS if name in sys.modules]
_INSTALLED = [name for name in _BINDINGS if importlib.util.find_spec(name) is not None]
BINDING = next(iter([*_LOADED, *_INSTALLED]), _BINDINGS[0])

QtCore: Any = importlib.import_module(f"{BINDING}.QtCore")
QtGui: Any = importlib.import_module(f"{BINDING}.QtGui")
QtWidgets: Any = importlib.import_module(f"{BINDING}.QtWidgets")
