"""What Windows takes for a device, and names it cannot have."""

from __future__ import annotations

import pytest

from sparkvsr_bridge.system.windows_names import fault_of_windows_path, is_device_name, without_prefix


@pytest.mark.parametrize(
    "name", ["NUL", "nul.mp4", "Con.0001.png", "aux .exr", "COM1.mov", "lpt9", "COM\u00b2.png", "conin$"]
)
def test_a_device_is_one_with_any_extension(name: str):
    assert is_device_name(name)


@pytest.mark.parametrize("name", ["null.mp4", "console.png", "com10.mov", "auxiliary", "my con.png", ""])
def test_a_name_that_only_begins_like_one_is_none(name: str):
    assert not is_device_name(name)


@pytest.mark.parametrize(
    "path",
    [
        r"C:\shots\a.%04d.png",
        "C:/M\u00f6we \u6d77/a.mov",
        r"\\server\share\a.mov",
        r"\\?\C:\shots\a.mov",
        r"\\?\UNC\server\share\a.mov",
        r"..\a.mov",
        r".\a",
        "c:a.mov",
    ],
)
def test_a_path_windows_has_is_well(path: str):
    assert fault_of_windows_path(path) == ""


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (r"\\.\PhysicalDrive0", "device"),
        (r"\\?\C:\out\nul", "device"),
        (r"C:\out\nul\a.png", "device"),
        (r"C:\a.mp4:b", "colon"),
        ("C:/out /a.png", "dot or a space"),
        ("C:/a|b.png", "character"),
    ],
)
def test_a_path_windows_has_not_is_named_by_its_fault(path: str, fault: str):
    assert fault in fault_of_windows_path(path)


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        (r"\\?\C:\shots\a.mov", r"C:\shots\a.mov"),
        (r"\\?\UNC\server\share\a.mov", r"\\server\share\a.mov"),
        (r"\\?\unc\server\share\a.mov", r"\\server\share\a.mov"),
        (r"\\server\share", r"\\server\share"),
        ("/shots/a.mov", "/shots/a.mov"),
    ],
)
def test_a_long_name_is_the_way_to_the_same_file(path: str, plain: str):
    assert without_prefix(path) == plain
