"""What dropped files are for: media to open, pictures for keyframes, a timeline to conform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkvsr_bridge.hosts.numbering import numbered_run

MEDIA, PICTURES, TIMELINE = "media", "pictures", "timeline"

TIMELINES = (".otio", ".otioz", ".otiod", ".edl", ".xml", ".aaf", ".fcpxml")
STILLS = (".png", ".tif", ".tiff", ".exr", ".jpg", ".jpeg", ".dpx", ".webp", ".tga", ".bmp", ".hdr", ".cin")


@dataclass(frozen=True)
class Drop:
    """kind: MEDIA (one path as the engine takes it), PICTURES or TIMELINE."""

    kind: str
    paths: tuple[str, ...]


def plan_drop(paths: Sequence[str], has_document: bool) -> Drop:
    """What files are for. Names alone are looked at, and whether a path is a folder.

    Pictures that are a numbered run of two or more are a sequence to open; others are keyframes where a clip
    is open. One picture and nothing open: its sequence.
    """
    first = Path(paths[0])
    if first.suffix.lower() in TIMELINES:
        return Drop(TIMELINE, (paths[0],))
    stills = [path for path in paths if Path(path).suffix.lower() in STILLS and not Path(path).is_dir()]
    if not stills or "%" in first.name or "#" in first.name:
        return Drop(MEDIA, (paths[0],))
    run = run_of(stills)
    if run is not None and len(stills) > 1:
        return Drop(MEDIA, (run,))
    if has_document:
        return Drop(PICTURES, tuple(stills))
    return Drop(MEDIA, (sequence_of(stills[0]),))


def run_of(paths: Sequence[str]) -> str | None:
    """The pattern of pictures of one folder whose numbers follow one another; None for others."""
    folders = {str(Path(path).parent) for path in paths}
    run = numbered_run(sorted(Path(path).name for path in paths))
    return str(Path(next(iter(folders))) / run.pattern) if run is not None and len(folders) == 1 else None


def sequence_of(path: str) -> str:
    """The pattern of the sequence a picture belongs to; the path itself where its name has no number."""
    picture = Path(path)
    run = numbered_run([picture.name])
    return path if run is None or run.pattern == picture.name else str(picture.with_name(run.pattern))
