"""The files a record names, judged from now on whenever they are opened."""

from __future__ import annotations

from pathlib import Path

from sparkvsr_bridge.records import Record
from sparkvsr_engine.access.boundary import bound, require_inside
from sparkvsr_engine.access.path_fields import COLOUR_CONFIG, READ, WRITE, paths_in
from sparkvsr_engine.access.roots import Roots


def bound_record(record: Record, roots: Roots, home: Path) -> None:
    """Judge the files of a record's resolved paths now, and whenever they are opened.

    Args:
        record: a request, or what lies in one.
        roots: of remote clients.
        home: the engine's folder, where its own copies of keyframe pictures lie; those are not judged.

    Raises:
        NotPermitted: a path leads out of the roots by now.
    """
    read = [path for path in paths_in(record, READ, COLOUR_CONFIG) if _is_judged(path, home)]
    written = list(paths_in(record, WRITE))
    bound([*read, *written], roots)
    for path in read:
        require_inside(path)
    for path in written:
        require_inside(path, writing=True)


def _is_judged(path: str, home: Path) -> bool:
    return not path.startswith("ocio://") and not Path(path).is_relative_to(home)
