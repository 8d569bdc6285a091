"""A folder that stands for another one: a symbolic link, or on Windows a junction.

Windows lets administrators and developers alone make symbolic links; a junction needs no right, but leads to
a disk of this machine only.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from pathlib import Path

from sparkvsr_bridge.errors import OutputUnwritable


def is_folder_link(place: Path) -> bool:
    """Whether a link or a junction lies there, whatever it leads to."""
    try:
        form = place.lstat()
    except OSError:
        return False
    is_junction = getattr(form, "st_reparse_tag", 0) == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
    return stat.S_ISLNK(form.st_mode) or is_junction


def link_folder(target: Path, place: Path) -> None:
    """Make `place` stand for the folder `target`, instead of the link that may be there.

    target: must be there. Raises OutputUnwritable where the system does not let us, or makes nothing that
    leads there.
    """
    if is_folder_link(place):
        place.unlink()
    try:
        _make_link(target, place)
        # Some systems accept the call and do nothing.
        if not place.samefile(target):
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    except OSError as error:
        raise OutputUnwritable(
            f"{place} cannot lead to {target} ({error.strerror}); name that folder itself instead, or turn on"
            " Windows' Developer Mode, which lets you make links.",
            path=str(place),
        ) from error


def _make_link(target: Path, place: Path) -> None:
    if sys.platform == "win32":
        import _winapi

        with contextlib.suppress(OSError):
            _winapi.CreateJunction(str(target), str(place))
            if place.samefile(target):
                return
        # A share, or a disk without junctions; what the attempt left is an empty folder.
        if place.is_dir() and not is_folder_link(place):
            place.rmdir()
    place.symlink_to(target, target_is_directory=True)
