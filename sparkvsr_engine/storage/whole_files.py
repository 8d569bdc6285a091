"""Files that are there whole or not at all: written under a temporary name beside their place and renamed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from sparkvsr_bridge.system.held_files import replace_when_free

PARTIAL_MARK = ".partial"
"""In the name of every file that is not finished."""

LONGEST_NAME = 255
"""Bytes of a file's name: what every usual file system takes."""


def partial_name(final: Path) -> Path:
    """The temporary name beside `final`; it keeps the extension, which shows libraries the format.

    A name that would be too long for the disk with it is shortened, its end being a digest of the whole.
    """
    name = f"{final.stem}{PARTIAL_MARK}{final.suffix}"
    if len(os.fsencode(name)) > LONGEST_NAME:
        name = f"{hashlib.sha256(os.fsencode(final.name)).hexdigest()[:16]}{PARTIAL_MARK}{final.suffix}"
    return final.with_name(name)


@contextlib.contextmanager
def written_whole(final: Path, is_shared: bool = False) -> Iterator[Path]:
    """The temporary name to write `final` under: renamed when the block ends, removed when it fails.

    The folder is made.

    Args:
        final: where the file is to be; what lies there is replaced.
        is_shared: several processes or threads may write this file at a time: each under a temporary name
            of its own. Otherwise the name is always the same, so that what a killed run left is replaced.

    Raises:
        OSError: the folder cannot be made or the file not be renamed.
    """
    beside = final.with_stem(f"{final.stem}.{uuid.uuid4().hex[:12]}") if is_shared else final
    temporary = partial_name(beside)
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield temporary
        replace_when_free(temporary, final)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
