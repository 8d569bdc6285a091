"""Which frames of a branch are rendered already, and where new ones go. Files and names, no Nuke.

A folder once handed to the engine is never changed: a job may still read it. A changed branch gets the next
folder, into which unchanged frames are linked.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence

MANIFEST = "frames.json"
_FRAME = "%04d"


@dataclasses.dataclass
class RenderFolder:
    """One folder of rendered frames.

    hashes: script frame -> what the branch was there, of the frames that are complete.
    key: what else a frame depends on (working space, format, views).
    """

    path: Path
    key: str
    hashes: Dict[int, str]

    def pattern(self, view: str) -> str:
        """The numbered pattern of a view."""
        return f"{self.path.as_posix()}/{view}.{_FRAME}.exr"

    def file(self, view: str, frame: int) -> Path:
        """One frame's file."""
        return Path(self.pattern(view) % frame)

    def save(self) -> None:
        """Write down which frames are complete."""
        values = {"key": self.key, "frames": {str(frame): digest for frame, digest in self.hashes.items()}}
        partial = self.path / f"{MANIFEST}.part"
        partial.write_text(json.dumps(values), encoding="utf-8")
        partial.replace(self.path / MANIFEST)


def folder_for(
    base: Path, name: str, key: str, hashes: Mapping[int, str], views: Sequence[str]
) -> RenderFolder:
    """The folder in which frames of these hashes are, or go; its `hashes` list those that are there.

    base: where this node's renders are. name: which branch. hashes: of the frames that are needed.
    """
    folders = _folders(base, name)
    latest = _read(folders[-1]) if folders else None
    if latest is not None and _agrees(latest, key, hashes):
        return latest
    number = int(folders[-1].name.rpartition("_")[2]) + 1 if folders else 1
    path = base / f"{name}_{number:03d}"
    path.mkdir(parents=True)
    fresh = RenderFolder(path, key, {})
    if latest is not None and latest.key == key:
        _link_unchanged(latest, fresh, hashes, views)
    fresh.save()
    return fresh


def missing(folder: RenderFolder, hashes: Mapping[int, str], views: Sequence[str]) -> List[int]:
    """The frames that are still to be rendered, ascending."""
    return [
        frame
        for frame, digest in sorted(hashes.items())
        if folder.hashes.get(frame) != digest or not all(folder.file(view, frame).is_file() for view in views)
    ]


def _agrees(folder: RenderFolder, key: str, hashes: Mapping[int, str]) -> bool:
    """Whether a folder holds nothing that differs: frames may be added to it."""
    return folder.key == key and all(
        folder.hashes.get(frame, digest) == digest for frame, digest in hashes.items()
    )


def _link_unchanged(
    old: RenderFolder, new: RenderFolder, hashes: Mapping[int, str], views: Sequence[str]
) -> None:
    for frame, digest in hashes.items():
        files = [(old.file(view, frame), new.file(view, frame)) for view in views]
        if old.hashes.get(frame) == digest and all(source.is_file() for source, _ in files):
            for source, target in files:
                _link(source, target)
            new.hashes[frame] = digest


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Some file systems have no links.
        shutil.copyfile(source, target)


def _folders(base: Path, name: str) -> List[Path]:
    if not base.is_dir():
        return []
    entries = [entry for entry in base.iterdir() if entry.name.rpartition("_")[0] == name]
    return sorted(entry for entry in entries if entry.name.rpartition("_")[2].isdigit())


def _read(path: Path) -> Optional[RenderFolder]:
    with contextlib.suppress(OSError, ValueError, KeyError, AttributeError):
        values = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        frames = {int(frame): str(digest) for frame, digest in values["frames"].items()}
        return RenderFolder(path, str(values["key"]), frames)
    return None


def read_folder(path: str) -> Dict[int, str]:
    """What the branch was at each frame of a folder; empty where there is none."""
    folder = _read(Path(path))
    return dict(folder.hashes) if folder is not None else {}
