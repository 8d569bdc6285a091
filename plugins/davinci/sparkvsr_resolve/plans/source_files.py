# SPDX-License-Identifier: Apache-2.0
"""From a clip's path in Resolve to the file the engine opens, or why it has to be rendered."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from ..exchange.facts import MediaFacts

# Camera raw that Resolve develops by its own settings.
RAW_ENDINGS = (".braw", ".r3d", ".ari", ".arx", ".crm", ".rmf", ".nev", ".dng", ".cine", ".vrw")
_NUMBERS = re.compile(r"\[(\d+)-(\d+)\]")


@dataclasses.dataclass(frozen=True)
class SourceFile:
    """path: a movie, or the pattern of numbered pictures with `%04d`; empty where there is no file to open.

    first: number of the first picture; 0 for a movie. frames: 0 where Resolve's path does not show it.
    reason: why it is rendered instead. is_missing: its file is not there, so that neither way is open.
    """

    path: str = ""
    first: int = 0
    frames: int = 0
    reason: str = ""
    is_missing: bool = False

    @property
    def is_sequence(self) -> bool:
        """Whether it is numbered pictures."""
        return self.frames > 0


def source_file(media: MediaFacts) -> SourceFile:
    """The file of a clip of the media pool; looks whether it is there."""
    text = media.path
    if not text:
        return SourceFile(reason="has no file of its own")
    if Path(text).suffix.lower() in RAW_ENDINGS:
        return SourceFile(reason=f"is camera raw ({Path(text).suffix}), which Resolve develops")
    if Path(text).is_file():
        return SourceFile(text)
    folder, name = str(Path(text).parent), Path(text).name
    match = _NUMBERS.search(name)
    if match is None:
        return SourceFile(reason=f"cannot be read: {text} is not there", is_missing=True)
    first, last = int(match[1]), int(match[2])
    pattern = f"{name[: match.start()]}%0{len(match[1])}d{name[match.end() :]}"
    present = [Path(folder, pattern % number).is_file() for number in (first, last)]
    if not all(present):
        missing = Path(folder, pattern % (last if present[0] else first))
        return SourceFile(reason=f"cannot be read: {missing} is not there", is_missing=True)
    return SourceFile(str(Path(folder, pattern)), first, last - first + 1)
