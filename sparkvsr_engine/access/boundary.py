"""Remote clients' files at the moment they are opened: what was checked at the request may have moved since.

Two ways. `copy_from` opens every folder on the way by its descriptor without following links (POSIX), so that
nothing can be put in between. Where a library opens a file by its name (PyAV, OpenImageIO, OpenColorIO), the
name is resolved again right before: `require_inside`. Windows has neither descriptors of folders nor
O_NOFOLLOW in Python; there names are resolved again in both.
"""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from sparkvsr_bridge.errors import DiskFull, MediaUnreadable, NotPermitted
from sparkvsr_engine.access.roots import Roots

_HAS_DESCRIPTORS = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_STEP = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | os.O_RDONLY
_LAST = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | os.O_RDONLY
_COPY_BYTES = 1 << 20

# Folders of remote clients' files and the roots they lie below. A process only adds to it: a local job in the
# same folder loses nothing, for its files lie below the root as well.
_bounded: dict[str, Roots] = {}
_lock = threading.Lock()


def bound(paths: Iterable[str], roots: Roots) -> None:
    """From now on files in the folders of these resolved paths are judged whenever they are opened."""
    with _lock:
        for path in paths:
            for folder in (path, str(Path(path).parent)):
                _bounded[os.path.normcase(folder)] = roots


def require_inside(path: Path | str, writing: bool = False) -> None:
    """Raise NotPermitted where a bounded file leads out of its roots now; nothing for any other file."""
    if not _bounded:
        return
    text = os.path.normcase(os.fspath(path))
    roots = _bounded.get(text) or _bounded.get(str(Path(text).parent))
    if roots is None or roots.holds(os.path.realpath(path), writing):
        return
    raise NotPermitted(
        f"'{path}' has come to lead out of the folders this engine allows since it was asked for; put the"
        " file itself in its place and submit again."
    )


def is_bounded(folder: str) -> bool:
    """Whether files in a folder are a remote client's."""
    return os.path.normcase(folder) in _bounded


def require_no_variables(folder: str, names: Iterable[str]) -> None:
    """Raise NotPermitted where a colour config of a remote client would use the engine's environment."""
    name = next(iter(names), None)
    if name is not None and is_bounded(folder):
        raise NotPermitted(
            f"The colour config in '{folder}' uses the variable '{name}', which would be the engine's own;"
            " write what it stands for."
        )


def require_beside(folder: str, files: Iterable[str]) -> None:
    """Raise NotPermitted where a file in a bounded folder (a colour config) names files outside the roots."""
    roots = _bounded.get(os.path.normcase(folder))
    for file in files if roots is not None else ():
        if roots is not None and not roots.holds(os.path.realpath(file)):
            raise NotPermitted(
                f"The colour config in '{folder}' names the lookup table '{Path(file).name}' outside the"
                " folders this engine allows; put the table beside the config."
            )


def copy_from(path: str, root: str, target: BinaryIO, most_bytes: int) -> int:
    """Copy a resolved path below a root; returns how many bytes.

    Raises NotPermitted when a link or anything but a file lies on the way, MediaUnreadable when it cannot be
    read.

    Args:
        path: resolved.
        root: the root it lies below, resolved.
        target: open for writing.
        most_bytes: a larger file is refused.
    """
    try:
        with _opened(path, root) as source:
            if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
                raise NotPermitted(f"'{path}' is no file; name one.")
            return _copied(source, target, most_bytes, path)
    except OSError as error:
        raise MediaUnreadable(
            f"'{path}' cannot be read ({error.strerror}); check its name and rights."
        ) from error


def read_head(path: str, root: str, count: int) -> bytes:
    """The first bytes of a resolved path below a root, read as `copy_from` does; empty for no file.

    Raises NotPermitted, MediaUnreadable.

    Args:
        path: resolved.
        root: the root it lies below, resolved.
        count: how many bytes.
    """
    try:
        with _opened(path, root) as source:
            return source.read(count) if stat.S_ISREG(os.fstat(source.fileno()).st_mode) else b""
    except OSError as error:
        raise MediaUnreadable(f"'{path}' cannot be read ({error.strerror}); check its rights.") from error


def _opened(path: str, root: str) -> BinaryIO:
    if not _HAS_DESCRIPTORS:
        resolved = os.path.realpath(path)
        if os.path.normcase(resolved) != os.path.normcase(path):
            raise _moved(path)
        return Path(path).open("rb")
    *folders, name = Path(path).relative_to(root).parts or (".",)
    handle = os.open(root, _STEP)
    try:
        for folder in folders:
            below = _open_beside(folder, _STEP, handle, path)
            os.close(handle)
            handle = below
        return os.fdopen(_open_beside(name, _LAST, handle, path), "rb")
    finally:
        os.close(handle)


def _open_beside(name: str, flags: int, folder: int, path: str) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        # A link gives ELOOP, and ENOTDIR where a folder was asked for.
        if stat.S_ISLNK(os.lstat(name, dir_fd=folder).st_mode):
            raise _moved(path) from error
        raise


def _moved(path: str) -> NotPermitted:
    return NotPermitted(
        f"A link lies on the way to '{path}' that was not there when it was checked; put the file itself in"
        " its place."
    )


def _copied(source: BinaryIO, target: BinaryIO, most_bytes: int, path: str) -> int:
    size = os.fstat(source.fileno()).st_size
    if size > most_bytes:
        raise DiskFull(f"'{path}' has {size} bytes, more than is left to this client; name a smaller file.")
    shutil.copyfileobj(source, target, _COPY_BYTES)
    return size
