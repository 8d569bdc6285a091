"""What `sparkvsr doctor` looks at in the system itself: graphics card, disks, what Windows must allow."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

import psutil

from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_bridge.system.folders import cloud_folders
from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.folder_links import link_folder

_NETWORK = frozenset(
    [
        "nfs",
        "nfs3",
        "nfs4",
        "cifs",
        "smb2",
        "smb3",
        "smbfs",
        "afpfs",
        "afs",
        "ncpfs",
        "9p",
        "webdav",
        "davfs",
        "ceph",
        "glusterfs",
        "beegfs",
        "lustre",
        "gpfs",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.ceph",
        "fuse.glusterfs",
        "fuse.gvfsd-fuse",
        "fuse.smbnetfs",
    ]
)
_LONG_PATHS = r"SYSTEM\CurrentControlSet\Control\FileSystem"
LEAST_FREE_GIB = 5
_RUNTIME = "winget install Microsoft.VCRedist.2015+.x64"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    is_needed: the engine does not work without it. is_missing: it is not there, rather than not as it should.
    """

    name: str
    is_good: bool
    result: str
    remedy: str = ""
    is_needed: bool = True
    is_missing: bool = False

    @property
    def mark(self) -> str:
        """What stands before it in a list."""
        return "ok" if self.is_good else "missing" if self.is_missing else "wrong"


@dataclass(frozen=True)
class Mount:
    """A disk as the system lists it. options: with commas between."""

    place: str
    kind: str
    options: str = ""


def torch_fault(error: Exception, is_windows: bool = os.name == "nt") -> Check:
    """torch is there and cannot be loaded."""
    remedy = f"install it again: {install_command('--force-reinstall', 'torch')}"
    if is_windows and isinstance(error, OSError):
        # What its libraries need comes with Windows' own installer of it alone.
        remedy = f"install Microsoft's Visual C++ runtime: {_RUNTIME}"
    return Check("torch", False, f"cannot be loaded ({error})", remedy)


def check_graphics(cuda_version: str | None, has_card: bool | None = None) -> Check:
    """Whether torch uses the NVIDIA card that is there. cuda_version: torch's, None for one without."""
    has_card = shutil.which("nvidia-smi") is not None if has_card is None else has_card
    if has_card and cuda_version is None:
        command = install_command("--force-reinstall", "torch", "--index-url", "URL")
        remedy = f"{command}, with the URL for CUDA that pytorch.org/get-started names for this system"
        return Check("graphics", False, "an NVIDIA card, and a torch without CUDA", remedy, is_needed=False)
    return Check("graphics", True, f"CUDA {cuda_version}" if has_card else "no NVIDIA card")


def check_disk(home: Path, mounts: Iterable[Mount] | None = None) -> Check:
    """Whether the home folder is on a disk of this machine."""
    if mounts is None:
        mounts = [Mount(part.mountpoint, part.fstype, part.opts) for part in psutil.disk_partitions(all=True)]
    mounts = list(mounts)
    # The cache may be a link to another disk.
    for place in dict.fromkeys((home, (home / "cache").resolve())):
        if fault := _fault_of_place(place, mount_of(place, mounts)):
            remedy = f"choose a disk of this machine, {fault[1]} may damage it: {move_command()}"
            return Check("disk", False, f"{place} is {fault[0]}", remedy, is_needed=False)
    mount = mount_of(home, mounts)
    return Check("disk", True, mount.kind if mount and mount.kind else "of this machine")


def _fault_of_place(place: Path, mount: Mount | None) -> tuple[str, str] | None:
    """Where a folder is that a job store cannot be, and what makes it so."""
    is_share = str(place).startswith("\\\\") and not str(place).startswith("\\\\?\\")
    is_remote = mount is not None and (mount.kind.lower() in _NETWORK or "remote" in mount.options.split(","))
    if is_share or is_remote:
        return "on a network share", "a share"
    if any(place.is_relative_to(cloud) for cloud in cloud_folders()):
        return "in a folder that is copied to a cloud", "that copying"
    return None


def check_space(home: Path) -> Check:
    """Whether the home folder, which must be there, has room for a job and its cache."""
    free = shutil.disk_usage(home).free / 2**30
    is_good = free >= LEAST_FREE_GIB
    remedy = "" if is_good else f"sparkvsr cache clear, or choose a larger disk: {move_command()}"
    return Check("home", is_good, f"{home}, {free:.0f} GiB free", remedy)


def check_names(encoding: str | None = None) -> Check:
    """Whether every file's name can be read. encoding: of the system's names, None for this system's."""
    encoding = encoding or sys.getfilesystemencoding()
    if encoding.lower().replace("-", "") == "utf8":
        return Check("names", True, "UTF-8")
    remedy = "write export LC_ALL=C.UTF-8 into ~/.profile, then log in anew"
    if sys.platform == "win32":
        remedy = "take PYTHONLEGACYWINDOWSFSENCODING out of the environment"
    result = f"the system takes names for {encoding}: files with other letters are not found"
    return Check("names", False, result, remedy, is_needed=False)


def folder_fault(home: Path, error: OSError) -> Check:
    """The home folder cannot be made or written to."""
    result = f"{home} cannot be written to ({error.strerror or error})"
    return Check("home", False, result, f"choose a folder of your own: {move_command()}")


def move_command() -> str:
    """What makes another folder the engine's, for terminals and for hosts that no terminal starts."""
    if sys.platform == "win32":
        return r"setx SPARKVSR_HOME D:\sparkvsr, then start terminal and host anew"
    if sys.platform == "darwin":
        return "launchctl setenv SPARKVSR_HOME /Volumes/DISK/sparkvsr, then start terminal and host anew"
    return "write export SPARKVSR_HOME=/local/sparkvsr into ~/.profile, then log in anew"


def mount_of(path: PurePath, mounts: Iterable[Mount]) -> Mount | None:
    """The disk a path is on: the mount with the longest part of it."""
    fitting = [mount for mount in mounts if path.is_relative_to(mount.place)]
    return max(fitting, key=lambda mount: len(mount.place), default=None)


def check_links(home: Path) -> Check:
    """Whether a folder can stand for another one, which `models add` does."""
    with tempfile.TemporaryDirectory(dir=home) as name:
        try:
            Path(name, "folder").mkdir()
            link_folder(Path(name, "folder"), Path(name, "link"))
        except SparkVSRError:
            remedy = "turn on Developer Mode: start ms-settings:developers"
            return Check("links", False, f"none can be made in {home}", remedy, is_needed=False)
        Path(name, "link").unlink(missing_ok=True)
    return Check("links", True, "can be made")


def check_long_paths() -> Check:
    """Whether Windows takes paths of more than 259 characters."""
    if sys.platform != "win32":
        return Check("long paths", True, "taken")
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _LONG_PATHS) as key:
            is_on = bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
    except OSError:
        is_on = False
    if is_on:
        return Check("long paths", True, "on")
    remedy = f"as administrator: reg add HKLM\\{_LONG_PATHS} /v LongPathsEnabled /t REG_DWORD /d 1 /f"
    return Check("long paths", False, "off: paths end at 259 characters", remedy, is_needed=False)
