"""What tests must know about the system they run on."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import types
from pathlib import Path

import psutil
import pytest

from tests.fakes.programs import KILL

IS_WINDOWS = os.name == "nt"

no_modes_on_windows = pytest.mark.skipif(IS_WINDOWS, reason="Windows has access lists instead of modes")
no_sockets_on_windows = pytest.mark.skipif(IS_WINDOWS, reason="ZeroMQ has no ipc sockets on Windows")
no_forks_on_windows = pytest.mark.skipif(IS_WINDOWS, reason="Windows cannot fork a process")
no_ctrl_c_on_windows = pytest.mark.skipif(
    IS_WINDOWS,
    reason="Ctrl-C reaches all of a console, the tests too: windows_system_cases presses it in its own",
)


def is_root() -> bool:
    """Whether files can be given to other users."""
    return hasattr(os, "getuid") and os.getuid() == 0


def is_wine() -> bool:
    """Whether this Windows is Wine, which lacks some of it."""
    if sys.platform != "win32":
        return False
    import ctypes

    return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


def freeze(pid: int) -> None:
    """Let a process stand still until it is killed or thawed."""
    psutil.Process(pid).suspend()


def thaw(pid: int) -> None:
    """Let a process that stands still go on."""
    psutil.Process(pid).resume()


def kill(pid: int) -> None:
    """End a process at once, frozen or not; one that has ended is well."""
    # Windows calls a process that is gone an invalid argument.
    with contextlib.suppress(OSError if IS_WINDOWS else ProcessLookupError):
        if sys.platform != "win32":
            os.kill(pid, signal.SIGCONT)
        os.kill(pid, KILL)


def make_link(place: Path, target: Path) -> None:
    """A symbolic link, or the test is skipped: not everybody may make one, and Wine hides them."""
    try:
        place.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this user may not make links")
    if not place.is_symlink():
        place.unlink(missing_ok=True)
        pytest.skip("this system shows what a link leads to in its place")


def require_folder_links(folder: Path) -> None:
    """Skip the test on Wine, which makes no junctions, and shows what links lead to in their place."""
    from sparkvsr_bridge.errors import OutputUnwritable
    from sparkvsr_engine.folder_links import is_folder_link, link_folder

    (folder / "target").mkdir()
    with contextlib.suppress(OutputUnwritable):
        link_folder(folder / "target", folder / "link")
    if not is_folder_link(folder / "link"):
        pytest.skip("this system hides links")


class StandInSystem:
    """Another machine than this one, as far as the doctor looks at it; pytest takes it away again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._patch = monkeypatch
        self._folder = folder

    def has_card(self) -> None:
        """NVIDIA's driver is installed: its program lies on the search path."""
        program = self._folder / ("nvidia-smi.exe" if IS_WINDOWS else "nvidia-smi")
        program.touch(mode=0o755)
        self._patch.setenv("PATH", str(self._folder), prepend=os.pathsep)

    def has_another_locale(self) -> None:
        """Names of files are in a code page."""
        self._patch.setattr(sys, "getfilesystemencoding", lambda: "iso8859-1")

    def copies_to_a_cloud(self, folder: Path) -> None:
        """OneDrive keeps this folder."""
        self._patch.setenv("ONEDRIVE", str(folder))

    def has_free(self, gib: float) -> None:
        """So much is free on every disk."""
        usage = shutil.disk_usage(self._folder)._replace(free=int(gib * 2**30))
        self._patch.setattr(shutil, "disk_usage", lambda _: usage)

    def mounts(self, place: Path, kind: str) -> None:
        """A file system of this kind lies at a place."""
        part = types.SimpleNamespace(mountpoint=str(place), fstype=kind, opts="rw")
        self._patch.setattr(psutil, "disk_partitions", lambda **_: [part])

    def allows_no_links(self) -> None:
        """As Windows without Developer Mode, on a disk without junctions."""

        def refuse(*_: object, **__: object) -> None:
            raise OSError(1314, "A required privilege is not held by the client")

        self._patch.setattr(os, "symlink", refuse)
        if sys.platform == "win32":
            import _winapi

            self._patch.setattr(_winapi, "CreateJunction", refuse)

    def is_windows_with_long_paths(self, value: int | None) -> None:
        """Windows' registry holds this value; None: it has none."""

        def query(_: object, name: str) -> tuple[int, int]:
            if value is None or name != "LongPathsEnabled":
                raise FileNotFoundError(2, "The system cannot find the file specified")
            return value, 4

        registry = types.ModuleType("winreg")
        vars(registry).update(
            HKEY_LOCAL_MACHINE=0, OpenKey=lambda *_: contextlib.nullcontext(), QueryValueEx=query
        )
        self._patch.setitem(sys.modules, "winreg", registry)
        self._patch.setattr(sys, "platform", "win32")


def skip_without_name(name: str) -> None:
    """Skip a test of a name that this system's files cannot have."""
    if IS_WINDOWS and any(sign in name for sign in '<>:"|?*\n'):
        pytest.skip("no file of Windows has such a name")


def skip_without_capitals() -> None:
    """Skip a test of names that differ in capitals alone where these are one name."""
    if IS_WINDOWS:
        pytest.skip("capitals do not count in names of Windows")
