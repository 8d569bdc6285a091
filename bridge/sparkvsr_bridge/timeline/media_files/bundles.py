"""Bundles (.otioz, .otiod) unpacked beside the result, so that the paths inside stay as they are."""

from __future__ import annotations

import filecmp
import os
import shutil
import zipfile
from pathlib import Path, PurePosixPath
from typing import Iterator, Tuple

from ...errors import MediaUnreadable, TargetExists
from ...system.held_files import replace_when_free

CONTENT = "content.otio"
MEDIA = "media"


def is_bundle(path: str) -> bool:
    """Whether a path is a bundle's, by its ending.

    Args:
        path: of a file or folder.
    """
    return os.path.splitext(path)[1].lower() in (".otioz", ".otiod")


def unpack(path: str, folder: str, name: str) -> str:
    """Unpack a bundle's media into `folder` and its timeline as `name` there; returns the timeline's path.

    Files that are there already and are the same stay.

    Args:
        path: of the bundle.
        folder: where its contents go.
        name: of the timeline there.

    Raises:
        MediaUnreadable: where the source cannot be read.
        TargetExists: for a file of another content.
    """
    os.makedirs(folder, exist_ok=True)
    try:
        if os.path.isdir(path):
            return _copy(path, folder, name)
        with zipfile.ZipFile(path) as archive:
            return _extract(archive, path, folder, name)
    except (zipfile.BadZipFile, KeyError) as problem:
        raise MediaUnreadable(f"{path} is no whole bundle: {problem}; export it again.") from problem
    except OSError as problem:
        raise MediaUnreadable(f"{path} cannot be unpacked: {problem.strerror or problem}.") from problem


def _extract(archive: zipfile.ZipFile, path: str, folder: str, name: str) -> str:
    members = [member for member in archive.infolist() if not member.is_dir()]
    for member in members:
        parts = PurePosixPath(member.filename).parts
        if ".." in parts or member.filename.startswith("/") or "\\" in member.filename:
            raise MediaUnreadable(f"{path} holds a file outside itself, {member.filename}; do not trust it.")
    for member in members:
        if not member.filename.startswith(f"{MEDIA}/"):
            continue
        target = os.path.join(folder, *PurePosixPath(member.filename).parts)
        if not _is_there(target, member.file_size, path, crc=member.CRC):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(member) as source, open(f"{target}.partial", "wb") as copy:
                shutil.copyfileobj(source, copy)
            replace_when_free(Path(f"{target}.partial"), Path(target))
    content = os.path.join(folder, name)
    with archive.open(CONTENT) as source, open(content, "wb") as copy:
        shutil.copyfileobj(source, copy)
    return content


def _copy(path: str, folder: str, name: str) -> str:
    for source, relative in _files_below(os.path.join(path, MEDIA)):
        target = os.path.join(folder, MEDIA, relative)
        if os.path.exists(target):
            if os.path.samefile(source, target) or filecmp.cmp(source, target, shallow=False):
                continue
            raise _other_content(target, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(source, f"{target}.partial")
        replace_when_free(Path(f"{target}.partial"), Path(target))
    content = os.path.join(folder, name)
    shutil.copyfile(os.path.join(path, CONTENT), content)
    return content


def _files_below(folder: str) -> Iterator[Tuple[str, str]]:
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(place, name)
            yield path, os.path.relpath(path, folder)


def _is_there(target: str, size: int, bundle: str, crc: int) -> bool:
    if not os.path.exists(target):
        return False
    if os.path.getsize(target) == size and _crc_of(target) == crc:
        return True
    raise _other_content(target, bundle)


def _other_content(target: str, bundle: str) -> TargetExists:
    return TargetExists(
        f"{target} is there already and is not the file in {bundle}; write the result to another folder."
    )


def _crc_of(path: str) -> int:
    import zlib

    state = 0
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            state = zlib.crc32(block, state)
    return state
