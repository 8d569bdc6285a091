"""Where child programs of tests find this checkout's code, installed or not."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE_PATH = os.pathsep.join([str(ROOT), str(ROOT / "bridge")])
"""The value of PYTHONPATH."""
