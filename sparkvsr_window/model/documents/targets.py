"""Where results go where no place is set: beside the source, under a name that is free."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from pathlib import Path

from sparkvsr_window.model.documents.records import Clip

_PATTERN = re.compile(r"(%0?\d*d|#+)")


def usual_target(clip: Clip, exists: Callable[[Path], bool]) -> str:
    """`shot_up.mp4` beside `shot.mp4`, `shot_up/plate.%04d.exr` beside the folder of a sequence.

    exists: whether a name is taken; the first free of `shot_up`, `shot_up2`, ... is chosen.
    """
    source = Path(clip.path)
    if clip.info.kind == "movie":
        suffix = source.suffix if source.suffix.lower() in (".mp4", ".mov", ".mkv", ".webm") else ".mov"
        return str(free_name(source.parent, source.stem, suffix, exists))
    if _PATTERN.search(source.name):
        folder = free_name(source.parent.parent, source.parent.name, "", exists)
        return str(folder / _PATTERN.sub("%04d" if "#" in source.name else r"\1", source.name))
    folder = free_name(source.parent, source.stem, "", exists)
    return str(folder / f"{source.stem}.%04d{source.suffix or '.png'}")


def free_name(folder: Path, stem: str, suffix: str, exists: Callable[[Path], bool]) -> Path:
    """The first of `shot_up`, `shot_up2`, ... in a folder that is not taken."""
    names = (folder / f"{stem}_up{'' if number == 1 else number}{suffix}" for number in count(1))
    return next(path for path in names if not exists(path))
