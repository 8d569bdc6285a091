"""What the doctor sees in a system, and the command that mends it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from sparkvsr_engine.system_checks import (
    Mount,
    check_disk,
    check_graphics,
    check_links,
    check_long_paths,
    mount_of,
    torch_fault,
)


def test_a_card_that_torch_does_not_use_is_seen():
    assert not check_graphics(None, has_card=True).is_good
    assert "pytorch.org" in check_graphics(None, has_card=True).remedy
    assert check_graphics("12.8", has_card=True).found == "CUDA 12.8"
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


def test_this_machine_can_link_folders_and_nothing_is_left(tmp_path: Path):
    assert check_links(tmp_path).is_good
    assert list(tmp_path.iterdir()) == []
    assert check_long_paths().name == "long paths"
