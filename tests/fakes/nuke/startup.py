"""What Nuke does when it starts: plug-in folders, their init.py, in the interface their menu.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.refusals import refused

_calling: list[Path] = []


def add_plugin_folder(folder: str, index: int, is_importable: bool = True) -> None:
    """Put a folder on the plug-in path and run its init.py. A relative one lies beside the running file."""
    path = Path(folder)
    if not path.is_absolute():
        path = (_calling[-1] if _calling else Path.cwd()) / path
    path = path.resolve()
    running = current()
    picture = str(path).replace("\\", "/")
    if picture in running.plugin_path or not path.is_dir():
        return
    running.plugin_path.insert(index, picture)
    if is_importable and str(path) not in sys.path:
        sys.path.insert(0, str(path))
    run_file(path / "init.py")


def run_file(path: Path) -> None:
    """Run a start-up file; what it raises keeps Nuke from starting, so it is raised on."""
    if not path.is_file():
        return
    names: dict[str, Any] = {"__file__": str(path), "__name__": "__main__"}
    import nuke  # type: ignore[import-not-found]

    names["nuke"] = nuke
    _calling.append(path.parent)
    before = set(sys.modules)
    try:
        exec(compile(path.read_text("utf-8"), str(path), "exec"), names)
    finally:
        _calling.pop()
    if "hiero" in set(sys.modules) - before:
        raise refused(ImportError(f"{path} imports hiero, which keeps Nuke from starting"))


def run_startup(*folders: Path) -> None:
    """As Nuke does with `NUKE_PATH` and `~/.nuke`: every init.py, then in the interface every menu.py."""
    for folder in folders:
        add_plugin_folder(str(folder), 0)
    if current().gui:
        for folder in list(current().plugin_path):
            run_file(Path(folder) / "menu.py")
    current().check_idle()
