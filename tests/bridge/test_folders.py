"""The private runtime folder: made, taken, mended, or refused."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Callable

import pytest

from sparkvsr_bridge.errors import EngineNotFound
from sparkvsr_bridge.system import folders
from sparkvsr_bridge.system.folders import (
    cloud_folders,
    home_folder,
    is_private,
    runtime_folder,
    shared_memory_folder,
    typed_path,
)
from sparkvsr_bridge.transport import ServerTransport
from tests.fakes.systems import IS_WINDOWS, is_root, make_link, no_modes_on_windows, no_sockets_on_windows

CLOSED = 0o777 if IS_WINDOWS else 0o700


def mode(folder: Path) -> int:
    """The folder's mode; on Windows, where an access list decides, always the same."""
    return folder.stat().st_mode & 0o777


def test_the_home_is_where_the_variable_points(home: Path, monkeypatch: pytest.MonkeyPatch):
    assert home_folder() == home
    monkeypatch.delenv("SPARKVSR_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    monkeypatch.setenv("LOCALAPPDATA", "C:/somewhere")
    assert home_folder() == Path("C:/somewhere/SparkVSR" if IS_WINDOWS else "/somewhere/sparkvsr")


def test_a_user_without_a_profile_has_the_folder_windows_names(monkeypatch: pytest.MonkeyPatch):
    """A service has no profile to be looked for."""

    def refuse() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("SPARKVSR_HOME", raising=False)
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    monkeypatch.setattr(Path, "home", refuse)
    assert home_folder() == Path("/local/SparkVSR")


def test_on_a_mac_the_home_is_in_its_library_and_one_cloud_folder_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("SPARKVSR_HOME", raising=False)
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert home_folder() == tmp_path / "Library" / "Application Support" / "SparkVSR"
    assert tmp_path / "Library" / "Mobile Documents" in cloud_folders()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (r'"D:\my engine"', r"D:\my engine"),
        (r'D:\my engine"', r"D:\my engine"),
        (" D:/engine ", "D:/engine"),
        ("", ""),
    ],
)
def test_a_path_loses_the_marks_that_windows_programs_leave_on_it(text: str, path: str):
    assert typed_path(text, is_windows=True) == path
    assert typed_path(text, is_windows=False) == text.strip(), "a name may have them elsewhere"


def test_the_runtime_folder_is_made_for_the_owner_alone(home: Path):
    folder = runtime_folder(home / "new" / "home")
    assert folder == home / "new" / "home" / "run"
    assert mode(folder) == CLOSED
    assert is_private(folder)


@no_modes_on_windows
def test_a_runtime_folder_of_another_mode_is_closed_to_others(home: Path):
    (home / "run").mkdir()
    (home / "run").chmod(0o755)
    assert not is_private(home / "run")
    assert mode(runtime_folder(home)) == 0o700


def test_a_link_in_place_of_the_folder_is_refused_and_its_target_left_alone(home: Path, tmp_path: Path):
    target = tmp_path / "precious"
    target.mkdir(mode=0o755)
    before = mode(target)
    make_link(home / "run", target)
    with pytest.raises(EngineNotFound, match="SPARKVSR_HOME"):
        runtime_folder(home)
    assert mode(target) == before
    assert not is_private(home / "run")


def test_a_file_in_place_of_the_folder_is_refused(home: Path):
    (home / "run").touch()
    with pytest.raises(EngineNotFound, match="cannot be used"):
        runtime_folder(home)


@pytest.mark.skipif(not is_root(), reason="only root can make a folder another user owns")
def test_a_folder_of_another_user_is_refused(home: Path):
    (home / "run").mkdir(mode=0o700)
    os.chown(home / "run", 12345, 12345)
    with pytest.raises(EngineNotFound, match="belongs to another user"):
        runtime_folder(home)


@no_sockets_on_windows
@pytest.mark.parametrize("name", ["long " * 30, "ünïcödé " * 8])
def test_a_home_too_long_for_sockets_has_its_runtime_folder_elsewhere(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    short = home / "tmp"
    short.mkdir()
    monkeypatch.setattr(folders, "_SHORT_PLACE", str(short))
    long_home = home / name.strip()
    folder = runtime_folder(long_home)
    assert folder.parent == short / f"sparkvsr-{os.getuid()}"
    assert (mode(folder), mode(folder.parent)) == (0o700, 0o700)
    assert runtime_folder(long_home) == folder, "everybody finds the same one"
    assert runtime_folder(home / (name.strip() + "2")) != folder
    ServerTransport(folder).close()


def forget(handle: int, mode: int) -> None:
    """As macOS sets the mode of a folder on an exFAT disk."""


def refuse(handle: int, mode: int) -> None:
    """As Linux sets it on a FAT disk."""
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


@no_sockets_on_windows
@pytest.mark.parametrize("set_mode", [forget, refuse])
def test_a_home_on_a_disk_without_modes_has_its_runtime_folder_elsewhere(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, set_mode: Callable[[int, int], None]
):
    (home / "run").mkdir()
    (home / "run").chmod(0o777)
    short = tmp_path / "tmp"
    short.mkdir()
    monkeypatch.setattr(folders, "_SHORT_PLACE", str(short))
    monkeypatch.setattr(os, "fchmod", set_mode)
    folder = runtime_folder(home)
    assert folder.parent == short / f"sparkvsr-{os.getuid()}"
    assert is_private(folder)
    assert runtime_folder(home) == folder, "everybody finds the same one"


@no_sockets_on_windows
def test_the_short_place_does_not_depend_on_who_asks(monkeypatch: pytest.MonkeyPatch, home: Path):
    long_home = home / ("long" * 30)
    first = runtime_folder(long_home)
    monkeypatch.setenv("TMPDIR", str(home))
    assert runtime_folder(long_home) == first
    shutil.rmtree(first)


def test_shared_memory_lies_in_memory_where_there_is_such_a_folder(runtime: Path):
    result = shared_memory_folder(runtime)
    assert result == (Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else runtime)
