"""Where a node's results and renders go. Main thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nuke

from ..node.node_knobs import evaluated_path
from ..node.quiet import quietly
from ..refusals import Refused
from .versions import BadOutput, OutputPath, output_path, plain_name

FOLDER = "sparkvsr"
RENDERS = "renders"


def target_of(node: Any, has_views: bool) -> OutputPath:
    """The path of results as the artist wrote it, else a folder beside the script. Raises Refused."""
    text = (node["output_path"].getText() or "").strip()
    with quietly():
        path = evaluated_path(node, text) if text else _beside_script(node)
    try:
        return output_path(path, has_views)
    except BadOutput as error:
        raise Refused(str(error)) from error


def renders_folder(node: Any, token: str) -> Path:
    """Where the node's branches are rendered: beside its results. Raises Refused."""
    target = target_of(node, False)
    return target.version_folder(1).parent / RENDERS / f"{plain_name(node.name())}_{token[:8]}"


def _beside_script(node: Any) -> str:
    script = (nuke.root()["name"].value() or "").replace("\\", "/")
    if not script:
        raise Refused("The script is not saved yet; save it, or write an output path.")
    folder = script.rpartition("/")[0]
    name = plain_name(node.name())
    return f"{folder}/{FOLDER}/{name}_v###/{name}_v###.####.exr"
