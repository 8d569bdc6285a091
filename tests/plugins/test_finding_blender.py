"""Which Blender the extension goes into: found where people have it, else asked for in a sentence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from plugins.release.archives import InstallFailed
from plugins.release.blender import installing
from plugins.release.blender.installing import find_blender
from tests.fakes.programs import write_program
from tests.fakes.systems import IS_WINDOWS

no_exe_elsewhere = pytest.mark.skipif(IS_WINDOWS, reason="programs have other names on other systems")


def put_blender(path: Path, version: str = "5.0.1", name: str = "Blender") -> Path:
    """A program that prints its version as Blender does."""
    return write_program(path, f"print('{name} {version}')")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Blender: an empty home folder, no search path, everything below one folder."""
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    here = [tmp_path / str(path)[1:] if path.is_absolute() else path for path in installing._LINUX_PROGRAMS]
    monkeypatch.setattr(installing, "_LINUX_PROGRAMS", tuple(here))
    monkeypatch.setattr(installing, "_SHARED", (tmp_path / "opt",))
    return tmp_path


@no_exe_elsewhere
@pytest.mark.parametrize(
    "place",
    [
        "bin/blender",
        "opt/blender-5.0.1-linux-x64/blender",
        "home/blender-5.0.1-linux-x64/blender",
        "home/.local/share/Steam/steamapps/common/Blender/blender",
        "home/.steam/steam/steamapps/common/Blender/blender",
        "home/.var/app/com.valvesoftware.Steam/.local/share/Steam/steamapps/common/Blender/blender",
        "snap/bin/blender",
        "var/lib/flatpak/exports/bin/org.blender.Blender",
        "home/.local/share/flatpak/exports/bin/org.blender.Blender",
    ],
)
def test_it_is_found_where_linux_keeps_it(house: Path, monkeypatch: pytest.MonkeyPatch, place: str):
    monkeypatch.setattr(sys, "platform", "linux")
    put_blender(house / place)
    assert find_blender().program == str(house / place)


@no_exe_elsewhere
def test_the_newest_counts_and_one_on_the_search_path_more(house: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "platform", "linux")
    put_blender(house / "opt" / "blender-4.2.0" / "blender", "4.2.0")
    put_blender(house / "opt" / "blender-5.1.0" / "blender", "5.1.0")
    assert find_blender().version == (5, 1)
    put_blender(house / "bin" / "blender", "4.5.0")
    assert find_blender().version == (4, 5)


@no_exe_elsewhere
@pytest.mark.parametrize(
    "place", ["Applications", "Library/Application Support/Steam/steamapps/common/Blender"]
)
def test_it_is_found_where_a_mac_keeps_it(house: Path, monkeypatch: pytest.MonkeyPatch, place: str):
    monkeypatch.setattr(sys, "platform", "darwin")
    program = put_blender(house / "home" / place / "Blender.app" / "Contents" / "MacOS" / "Blender")
    assert find_blender().program == str(program)


@pytest.mark.parametrize(
    "place", ["Blender Foundation/Blender 5.0/blender.exe", "Steam/steamapps/common/Blender/blender.exe"]
)
def test_it_is_found_where_windows_keeps_it(house: Path, monkeypatch: pytest.MonkeyPatch, place: str):
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(house / "programs"))
    # Looked at before the platform changes: how a name on the search path ends depends on it.
    program = put_blender(house / "programs" / place)
    monkeypatch.setattr(installing.shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "platform", "win32")
    assert find_blender().program == str(program)


@pytest.mark.parametrize(
    ("platform", "sentence"),
    [
        ("win32", "Microsoft's Store, the blender.exe that the Task Manager shows"),
        ("darwin", "/Applications/Blender.app"),
        ("linux", "what `which blender` prints"),
    ],
)
def test_without_one_its_path_is_asked_for(
    house: Path, monkeypatch: pytest.MonkeyPatch, platform: str, sentence: str
):
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(house / "programs"))
    monkeypatch.setattr(installing.shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(InstallFailed) as error:
        find_blender()
    assert "--program" in str(error.value)
    assert sentence in str(error.value)


def test_what_is_named_and_is_no_blender_or_too_old_is_refused(house: Path):
    with pytest.raises(InstallFailed, match="is no Blender"):
        find_blender(str(put_blender(house / "gimp", name="GIMP")))
    with pytest.raises(InstallFailed, match=r"needs Blender 4\.2"):
        find_blender(str(put_blender(house / "old", "3.6.0")))
    with pytest.raises(InstallFailed, match="does not start"):
        find_blender(str(house / "nowhere"))
