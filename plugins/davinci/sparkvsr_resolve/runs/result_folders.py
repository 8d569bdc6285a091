# SPDX-License-Identifier: Apache-2.0
"""The folder for results that was chosen in each project of Resolve, kept in the engine's home."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Dict

from ..bridge_link import folders

_NAME = "result_folders.json"


def read_folders() -> Dict[str, str]:
    """Uid of a project -> its folder; empty where nothing can be read."""
    try:
        values = json.loads(_path().read_text("utf-8"))
        return {str(project): str(folder) for project, folder in values.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def write_folders(chosen: Dict[str, str]) -> None:
    """Keep them. Where the home cannot be written they hold until the window is closed."""
    path = _path()
    partial = path.with_name(f"{path.name}.partial")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(chosen), "utf-8")
        os.replace(partial, path)  # noqa: PTH105


def _path() -> Path:
    return folders.home_folder() / "resolve" / _NAME
