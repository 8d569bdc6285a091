"""What the doctor sees in a system, and the command that mends it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from sparkvsr_engine.doctor import check_machine, optional_packages
from sparkvsr_engine.system_checks import (
    Mount,
    check_disk,
    check_graphics,
    check_links,
    check_long_paths,
    check_names,
    check_space,
    mount_of,
    move_command,
    torch_fault,
)
from tests.fakes.systems import StandInSystem, make_link, require_folder_links

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> StandInSystem:
    """A machine to be made worse."""
    folder = tmp_path / "system"
    folder.mkdir()
    return StandInSystem(monkeypatch, folder)


def test_a_card_beside_a_torch_without_cuda_is_seen_by_its_driver(system: StandInSystem):
    system.has_card()
    assert "pip install --force-reinstall torch" in check_graphics(None).remedy
    assert check_graphics("12.8").is_good


@pytest.mark.parametrize(("gib", "is_good"), [(4.9, False), (5.0, True)])
def test_too_little_room_is_seen_and_mended_by_a_command(system: StandInSystem, tmp_path: Path, gib, is_good):
    system.has_free(gib)
    check = check_space(tmp_path)
    assert check.is_good == is_good
    assert ("sparkvsr cache clear" in check.remedy) != is_good


def test_a_home_on_a_mounted_share_is_seen_and_moved_by_a_command(system: StandInSystem, tmp_path: Path):
    system.mounts(tmp_path, "nfs4")
    assert not check_disk(tmp_path / "sparkvsr").is_good
    assert "SPARKVSR_HOME" in check_disk(tmp_path / "sparkvsr").remedy
    system.mounts(tmp_path, "ext4")
    assert check_disk(tmp_path / "sparkvsr").is_good


@pytest.mark.parametrize(
    ("platform", "command"),
    [("win32", "setx SPARKVSR_HOME"), ("darwin", "launchctl setenv SPARKVSR_HOME"), ("linux", "~/.profile")],
)
def test_another_folder_is_named_where_hosts_see_it_too(
    monkeypatch: pytest.MonkeyPatch, platform: str, command: str
):
    """A variable of one terminal does not reach a Blender that was started from the desktop."""
    monkeypatch.setattr("sys.platform", platform)
    assert command in move_command()


def test_a_user_who_may_not_make_links_learns_how_to_be_allowed(system: StandInSystem, tmp_path: Path):
    system.allows_no_links()
    assert "ms-settings:developers" in check_links(tmp_path).remedy


@pytest.mark.parametrize(("value", "is_good"), [(None, False), (0, False), (1, True)])
def test_long_paths_that_are_off_are_turned_on_by_a_command(system: StandInSystem, value, is_good):
    system.is_windows_with_long_paths(value)
    check = check_long_paths()
    assert check.is_good == is_good
    assert ("reg add HKLM" in check.remedy) != is_good


def test_the_doctor_names_all_of_it_at_once(system: StandInSystem, home: Path):
    system.has_card()
    system.has_free(1)
    system.mounts(home, "cifs")
    system.allows_no_links()
    bad = {check.name: check.remedy for check in check_machine() if not check.is_good}
    assert {"graphics", "home", "disk", "links"} <= set(bad)
    assert all(bad[name] for name in ("graphics", "home", "disk", "links"))


def test_a_home_that_a_cloud_copies_is_seen(system: StandInSystem, tmp_path: Path):
    system.mounts(tmp_path, "ext4")
    system.copies_to_a_cloud(tmp_path / "OneDrive")
    assert "cloud" in check_disk(tmp_path / "OneDrive" / "sparkvsr").result
    assert check_disk(tmp_path / "OneDriver").is_good


def test_a_cache_that_is_a_link_to_a_share_is_seen(system: StandInSystem, tmp_path: Path):
    share, home = tmp_path / "share", tmp_path / "home"
    share.mkdir()
    home.mkdir()
    make_link(home / "cache", share)
    system.mounts(share, "nfs4")
    check = check_disk(home)
    assert not check.is_good
    assert str(share.resolve()) in check.result


def test_a_code_page_in_the_place_of_utf_8_is_seen(system: StandInSystem):
    assert check_names().is_good
    system.has_another_locale()
    check = check_names()
    assert "iso8859-1" in check.result
    assert "LC_ALL=C.UTF-8" in check.remedy or "PYTHONLEGACYWINDOWSFSENCODING" in check.remedy


def test_a_home_that_cannot_be_written_is_named_and_the_rest_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "file").write_text("here")
    monkeypatch.setenv("SPARKVSR_HOME", str(tmp_path / "file" / "sparkvsr"))
    bad = {check.name: check for check in check_machine() if not check.is_good and check.is_needed}
    assert list(bad) == ["home"]
    assert "cannot be written to" in bad["home"].result
    assert "SPARKVSR_HOME" in bad["home"].remedy


def test_a_configuration_that_is_none_is_named_and_the_rest_is_looked_at(home: Path):
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text("device = cpu\n")
    bad = {check.name: check.result for check in check_machine() if not check.is_good and check.is_needed}
    assert list(bad) == ["configuration"]
    assert "config.toml" in bad["configuration"]
    marks = {check.name: check.mark for check in check_machine()}
    assert (marks["python"], marks["configuration"]) == ("ok", "wrong")


def test_the_doctor_looks_for_every_extra_of_the_install_page():
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    rows = page.partition("| extra | for |")[2].partition("\n\n")[0].splitlines()[2:]
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (
        listed == {package.extra for package in optional_packages()} <= set(project["optional-dependencies"])
    )


def test_a_card_that_torch_does_not_use_is_seen():
    assert not check_graphics(None, has_card=True).is_good
    assert "pytorch.org" in check_graphics(None, has_card=True).remedy
    assert check_graphics("12.8", has_card=True).result == "CUDA 12.8"
    assert check_graphics(None, has_card=False).is_good
    assert not check_graphics(None, has_card=True).is_needed, "the processor does"


def test_a_missing_runtime_of_windows_is_named_with_its_command():
    fault = torch_fault(OSError(22, "c10.dll or one of its dependencies"), is_windows=True)
    assert "winget install" in fault.remedy
    assert fault.is_needed
    assert "pip install" in torch_fault(ImportError("no symbol"), is_windows=False).remedy


@pytest.mark.parametrize(
    ("kind", "options", "is_good"),
    [("ext4", "rw", True), ("nfs4", "rw", False), ("cifs", "rw", False), ("NTFS", "rw,remote", False)],
)
def test_a_home_on_a_share_is_seen(kind: str, options: str, is_good: bool):
    mounts = [Mount("/", "ext4", "rw"), Mount("/mnt/studio", kind, options)]
    assert check_disk(Path("/mnt/studio/sparkvsr"), mounts).is_good == is_good
    assert check_disk(Path("/mnt/studio2/sparkvsr"), mounts).is_good, "another folder of a similar name"


def test_a_share_by_its_name_is_one_and_a_long_name_is_none():
    assert not check_disk(Path("\\\\server\\share\\sparkvsr"), []).is_good
    assert check_disk(Path("\\\\?\\C:\\sparkvsr"), []).is_good


def test_the_innermost_disk_counts():
    mounts = [Mount("/", "a"), Mount("/home", "b"), Mount("/home/me/share", "c")]
    disk = mount_of(PurePosixPath("/home/me/share/x"), mounts)
    assert disk is not None
    assert disk.kind == "c"
    assert mount_of(PureWindowsPath("D:/x"), [Mount("C:\\", "NTFS")]) is None


def test_this_machine_can_link_folders_and_nothing_is_left(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
):
    require_folder_links(tmp_path_factory.mktemp("links"))
    assert check_links(tmp_path).is_good
    assert list(tmp_path.iterdir()) == []
    assert check_long_paths().name == "long paths"
