"""Whether a version still is what its node would make now: settings, source, keyframes. Main thread.

A rendered branch is compared at the current frame alone: elsewhere Nuke does not evaluate it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import nuke

from ..footage.branch_render import branch_hash
from ..footage.read_facts import read_before
from ..footage.render_manifest import MANIFEST, read_folder
from ..footage.sources import NeedsRender
from ..node.node_knobs import settings_of_node
from ..node.state import Version
from ..refusals import Refused
from .planning import read_digest
from .shot_requests import settings_digest


def is_out_of_date(node: Any, version: Version) -> bool:
    """Whether input or settings differ from what a version was made with."""
    try:
        if settings_digest(settings_of_node(node)) != version.settings:
            return True
        return _source_differs(node, version) or _keyframes_differ(node, version)
    except Refused:
        return True


def _source_differs(node: Any, version: Version) -> bool:
    branch = node.input(0)
    if branch is None:
        return True
    route, _, mark = version.source.partition(" ")
    try:
        read = read_before(branch)
    except NeedsRender:
        return route == "path" or _render_differs(branch, mark)
    return route == "path" and read_digest(read) != version.source


def _keyframes_differ(node: Any, version: Version) -> bool:
    """Whether a keyframe's picture was painted on, or its branch was connected or changed."""
    keyframes = _keyframes(version)
    branch, pictures = node.input(1), [keyframe for keyframe in keyframes if keyframe.image]
    if keyframes and bool(pictures) != (branch is not None):
        return True
    folders = {Path(picture.image).parent for picture in pictures}
    if any((folder / MANIFEST).is_file() for folder in folders):
        return any(_render_differs(branch, folder.as_posix()) for folder in folders)
    return any(_stamp(picture.image) != picture.stamp for picture in pictures)


def _keyframes(version: Version) -> List[Any]:
    from ..bridge_link import requests

    parsed = [requests.ShotRequest.from_json(job.request) for job in version.jobs]
    return [keyframe for request in parsed if request is not None for keyframe in request.keyframes]


def _stamp(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def _render_differs(branch: Any, folder: str) -> bool:
    """Whether the branch differs at the current frame from what was rendered; unknown frames do not."""
    stored = read_folder(folder).get(int(nuke.frame()))
    return stored is not None and not nuke.root().proxy() and stored != branch_hash(branch)
