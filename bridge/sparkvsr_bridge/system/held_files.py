"""Files that another program has open: Windows refuses to replace or delete them until it closes them.

A client that reads a file, a virus scanner or an indexer lets go within moments, so that trying again helps.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import time
from pathlib import Path
from typing import Callable

PATIENCE_SECONDS = 2.0
_PAUSE_SECONDS = 0.02
# Windows' ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION.
_REFUSALS = (5, 32, 33)
_SHARING_VIOLATIONS = (32, 33)


def replace_when_free(partial: Path, final: Path, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Rename a file over another one, which another program may have open for a moment.

    Args:
        partial: the file under its temporary name.
        final: its final name.
        patience_seconds: how long to try.
    """
    when_free(lambda: os.replace(partial, final), patience_seconds)


def unlink_when_free(path: Path, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Delete a file that another program may have open for a moment; one that is gone is well.

    Args:
        path: the file.
        patience_seconds: how long to try.
    """
    when_free(lambda: path.unlink(missing_ok=True), patience_seconds)


def remove_folder_when_free(folder: Path, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Delete a folder with all it holds, files marked read-only too, as every other system does.

    Args:
        folder: the folder.
        patience_seconds: how long to try.
    """
    if os.name == "nt":
        for place, folders, names in os.walk(str(folder)):
            # What a link or a junction leads to is not deleted, and stays as it is.
            folders[:] = [name for name in folders if not _is_link(Path(place, name))]
            for name in names:
                with contextlib.suppress(OSError):
                    Path(place, name).chmod(stat.S_IREAD | stat.S_IWRITE)
    when_free(lambda: shutil.rmtree(str(folder)), patience_seconds)


def _is_link(folder: Path) -> bool:
    return bool(getattr(folder.lstat(), "st_reparse_tag", 0))


def when_free(change: Callable[[], None], patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Do `change`, again while Windows refuses because somebody has the file open.

    Raises the last refusal after that time, and every error of another kind at once.

    Args:
        change: what Windows may refuse.
        patience_seconds: how long to try.
    """
    give_up = time.monotonic() + patience_seconds
    while True:
        try:
            return change()
        except OSError as error:
            if getattr(error, "winerror", None) not in _REFUSALS or time.monotonic() >= give_up:
                raise
        time.sleep(_PAUSE_SECONDS)


def is_kept_closed(path: Path, error: BaseException) -> bool:
    """Whether reading `path` failed because another program lets nobody else open it.

    Libraries hide Windows' own number, which opening it once more brings to light.

    Args:
        path: the file.
        error: the exception that reading or writing raised.
    """
    refusal = getattr(error, "winerror", None)
    if refusal is None and os.name == "nt":
        try:
            path.open("rb").close()
        except OSError as reason:
            refusal = getattr(reason, "winerror", None)
    return refusal in _SHARING_VIOLATIONS


def is_held_against_replacing(path: Path) -> bool:
    """Whether another program has a file open so that it could not be replaced now; only Windows refuses.

    Args:
        path: of a file that may not be there.
    """
    if os.name != "nt" or not path.is_file():
        return False
    try:
        # A file's own name in the place of itself changes nothing, and needs what replacing it needs.
        os.replace(str(path), str(path))
    except OSError as error:
        return is_held_open(path, error)
    return False


def is_held_open(path: Path, error: BaseException) -> bool:
    """Whether writing to `path` failed because another program has it open.

    Windows calls a file that is replaced while it is open `denied`, as it does one without permission; a
    file that is there and may be written can only be the former.

    Args:
        path: the file.
        error: the exception that reading or writing raised.
    """
    refusal = getattr(error, "winerror", None)
    if refusal in _SHARING_VIOLATIONS:
        return True
    return refusal == _REFUSALS[0] and path.is_file() and os.access(path, os.W_OK)
