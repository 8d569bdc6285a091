"""The plugin's package as Nuke sees it: its folder is on the search path, its host may be absent."""

from __future__ import annotations

import sys
from pathlib import Path

PLUGIN = Path(__file__).resolve().parents[3] / "plugins" / "nuke"

if str(PLUGIN) not in sys.path:
    sys.path.append(str(PLUGIN))
