"""What lies in a folder, without the notes that systems leave beside files."""

from __future__ import annotations

from pathlib import Path


def visible_files(folder: Path, pattern: str = "*") -> list[Path]:
    """The entries of a folder that match, sorted, without those whose names begin with a dot.

    macOS writes `._clip.mov` beside `clip.mov` on every disk that cannot hold its notes (exFAT, shares): same
    ending, other content.

    Args:
        folder: the folder; without it there is nothing.
        pattern: as a shell's, of the names.
    """
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("."))
