"""Errors of the operating system, PyAV and OpenImageIO as the sentences a user reads.

Reading yields MediaUnreadable, writing OutputUnwritable or DiskFull. Our own errors pass untouched.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sparkvsr_bridge.errors import DiskFull, MediaUnreadable, OutputUnwritable, SparkVSRError
from sparkvsr_bridge.system.held_files import (
    is_held_against_replacing,
    is_held_open,
    is_kept_closed,
    replace_when_free,
)
from sparkvsr_engine.access.boundary import require_inside
from sparkvsr_engine.media.contents.heads import content_of
from sparkvsr_engine.media.file_names import long_path_reason, require_windows_name

_FULL = {errno.ENOSPC, errno.EDQUOT}
_UNWRITABLE = {
    errno.EACCES: "permission is denied; choose another folder or change its permissions",
    errno.EPERM: "the system does not permit it; choose another folder",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.ENOENT: "its folder is not there; make it or choose another one",
    errno.ENOTDIR: "a part of its path is a file, not a folder; choose another name",
    errno.EISDIR: "it is a folder; give the name of a file",
    errno.EEXIST: "it is a file where a folder has to be; choose another folder",
    errno.ENAMETOOLONG: "its name is too long; choose a shorter one",
    errno.EFBIG: "the file grew beyond what the disk or the user's limit allows",
    errno.EIO: "the disk reported an error; check it or choose another one",
}
_EXCLUSIVE = "another program keeps it to itself; close it there and try again"
_OPEN_ELSEWHERE = "another program has it open; close it there and run 'sparkvsr resume JOB'"
_READ_ONLY = "it is there and marked read-only; take the mark away or choose another name"
_UNREADABLE = {
    errno.ENOENT: "there is no such file; check the path",
    errno.EACCES: "permission to read it is denied; change its permissions",
    errno.EISDIR: "it is a folder; name a movie, a numbered pattern or a folder with one numbered sequence",
    errno.ENOTDIR: "a part of its path is a file, not a folder; check the path",
}

# Below this a failed write is put down to the disk, because libraries often hide the system's reason.
_NEARLY_FULL_BYTES = 1 << 20


class FrameDamaged(MediaUnreadable):
    """A frame that is in the file and cannot be decoded; the others can be read."""


class PictureFault(OSError):
    """OpenImageIO refused; the message is its own."""


@contextmanager
def picture_faults(path: Path | str) -> Iterator[None]:
    """As `media_faults` for reading a picture; where its content is to blame FrameDamaged is raised."""
    try:
        with media_faults(path, writing=False):
            yield
    except MediaUnreadable as error:
        cause = error.__cause__
        is_damage = isinstance(cause, UnicodeDecodeError) or (
            isinstance(cause, PictureFault) and not _kind_not_read(cause)
        )
        if is_damage and not isinstance(error, FrameDamaged):
            raise FrameDamaged(error.message, **error.details) from cause
        raise


@contextmanager
def media_faults(path: Path | str, writing: bool) -> Iterator[None]:
    """Translate whatever reading or writing `path` raises inside the block.

    Every file of a source or result is opened in such a block, so remote clients' are judged here as well:
    raises NotPermitted where one leads out of the roots by now.
    """
    require_inside(path, writing)
    if writing:
        require_windows_name(path)
    try:
        yield
    except SparkVSRError:
        raise
    except Exception as error:
        if not is_media_fault(error):
            raise
        raise (_writing_error if writing else _reading_error)(Path(path), error) from error


def make_folder(folder: Path) -> None:
    """Make a folder to write to, and those above it; raises OutputUnwritable, DiskFull."""
    with media_faults(folder, writing=True):
        folder.mkdir(parents=True, exist_ok=True)


def is_media_fault(error: BaseException) -> bool:
    """Whether an error is about a file rather than a defect of ours: OSError, broken text, any of FFmpeg's.

    Libraries hand over names and messages of a damaged file as they stand in it.
    """
    # PyAV's classes are recognised without importing PyAV, which this module would otherwise load.
    return isinstance(error, OSError | UnicodeDecodeError) or any(
        base.__name__ == "FFmpegError" for base in type(error).__mro__
    )


def _writing_error(path: Path, error: Exception) -> OutputUnwritable:
    code = getattr(error, "errno", None)
    if code in _FULL or (code not in _UNWRITABLE and _free_bytes(path) < _NEARLY_FULL_BYTES):
        return DiskFull(
            f"The disk is full: {path} could not be written; free some space and resume the job.",
            path=str(path),
        )
    reason = (
        (is_held_open(path, error) and _OPEN_ELSEWHERE)
        or (code == errno.ENOENT and long_path_reason(str(path)))
        or (is_read_only_target(path) and _READ_ONLY)
        or _UNWRITABLE.get(code or 0, f"{_reason(error)}; choose another target or codec")
    )
    return OutputUnwritable(f"{path} cannot be written: {reason}.", path=str(path))


def require_replaceable(path: Path) -> None:
    """Raise OutputUnwritable where a finished file could not take the place of the one that is there."""
    if is_read_only_target(path):
        raise OutputUnwritable(f"{path} cannot be written: {_READ_ONLY}.", path=str(path))


def held_target_warnings(path: Path) -> tuple[str, ...]:
    """The warning before rendering of a target that another program has open by now: it may close it yet."""
    if not is_held_against_replacing(path):
        return ()
    return (f"{path} is open in another program; close it there before the job ends.",)


def is_read_only_target(path: Path) -> bool:
    """Whether a file is there that its mark keeps from being replaced: on Windows alone marks do that."""
    return os.name == "nt" and path.is_file() and not os.access(path, os.W_OK)


def _reading_error(path: Path, error: Exception) -> MediaUnreadable:
    code = getattr(error, "errno", None)
    reason = (
        (code == errno.ENOENT and long_path_reason(str(path)))
        or (code == errno.EACCES and is_kept_closed(path, error) and _EXCLUSIVE)
        or _UNREADABLE.get(code or 0)
        or _what_is_wrong(path, error)
    )
    return MediaUnreadable(f"{path} cannot be read: {reason}.", path=str(path))


# What OpenImageIO reports of whole files it has no way to read, and what a user does then.
_NOT_READ = (
    ("ubsampled", "its channels are of different sizes, which is not read; save it as R, G, B"),
    ("nsupported", "it is of a kind that is not read; save it as 8 or 16 bit .png or .tif, or as .exr"),
    ("not configured", "it is compressed in a way that is not read; save it with ZIP, LZW or without"),
    ("not implemented", "it is compressed in a way that is not read; save it with ZIP, LZW or without"),
    ("not supported", "it is of a kind that is not read; save it as 8 or 16 bit .png or .tif, or as .exr"),
)


def _what_is_wrong(path: Path, error: Exception) -> str:
    try:
        if path.stat().st_size == 0:
            return "the file is empty (0 bytes); copy or export it again"
    except OSError:
        return f"{_reason(error)}; check the path"
    if advice := _kind_not_read(error):
        return f"{advice} ({_reason(error)})"
    content, content_advice = content_of(path, isinstance(error, PictureFault))
    if content:
        return f"it is {content}, whatever its name; {content_advice}"
    unknown = "it is no media file the engine knows, or it is damaged or cut short"
    return f"{unknown} ({_reason(error)}); copy or export it again"


def _kind_not_read(error: BaseException) -> str:
    """What to do with a whole file of a kind that is not read; empty where that is not the matter."""
    is_fault = isinstance(error, PictureFault)
    return next((advice for word, advice in _NOT_READ if is_fault and word in str(error)), "")


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split()).rstrip(".")


def _free_bytes(path: Path) -> int:
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return _NEARLY_FULL_BYTES


def require_space(path: Path, needed_bytes: int) -> None:
    """Raise DiskFull unless the disk that takes `path` has that much room.

    Asked before OpenImageIO writes, because some of its writers do not survive a full disk: PNG ends
    silently in the middle, JPEG ends the process, WebP never returns.
    """
    free = _free_bytes(path)
    if free < needed_bytes:
        raise DiskFull(
            f"The disk is full: {path} may take {_megabytes(needed_bytes)} and {_megabytes(free)} are left;"
            " free some space and resume the job.",
            path=str(path),
        )


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def replace_file(partial: Path, final: Path) -> None:
    """Give a finished temporary file its real name, in one step."""
    with media_faults(final, writing=True):
        replace_when_free(partial, final)
