"""A job without Nuke and plugin, for a farm: one line that renders it, or a bundle. Pure Python, no Nuke.

Sent again after a failure, the same line goes on with what is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence

LAYERS = "main"


def command_line(requests: Sequence[Any], targets: Sequence[str]) -> str:
    """One line for this system's shell: a command per view.

    Args:
        requests: ShotRequests.
        targets: numbered patterns.
    """
    from ..bridge_link import command_lines

    join: Callable[[List[str]], str] = command_lines.join_command
    return " && ".join(join(command_words(request, target)) for request, target in zip(requests, targets))


def command_words(request: Any, target: str) -> List[str]:
    """The command of one view, word by word."""
    from ..bridge_link import farming

    options = farming.option_words(request, LAYERS)
    return ["sparkvsr", "upscale", request.path, "-o", target, "--in-process", *options]


def write_bundles(requests: Dict[str, Any], targets: Dict[str, str], folder: Path, engine: Any) -> List[str]:
    """Write a bundle per view below a folder, by the engine's program; returns their folders.

    Args:
        requests: ShotRequests by view.
        targets: numbered patterns by view.
        folder: of the version; `farm` is made in it, `farm_VIEW` where there are several.
        engine: EnginePlace of this machine's engine.

    Raises:
        EngineNotFound: there is no program.
        JobFailed: with the program's own sentence.
    """
    from ..bridge_link import farming

    folders: List[str] = []
    for view, request in requests.items():
        place = str(folder / ("farm" if len(requests) == 1 else f"farm_{view}"))
        farming.write_bundle(farming.bundle_words(request, targets[view], place, LAYERS), engine)
        folders.append(place)
    return folders
