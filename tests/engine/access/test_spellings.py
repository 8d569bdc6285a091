"""Spellings of paths, judged by both systems' rules on either system."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.access.spellings import fault_of, is_below

REFUSED_ANYWHERE = [
    "",
    "shots/a.mov",
    "./a.mov",
    "../a.mov",
    "~/a.mov",
    "~root/a.mov",
    "/shots/../etc/passwd",
    "/shots/a/../../etc/passwd",
    "/shots/..",
    "C:\\shots\\..\\secret",
    "C:/shots/../secret",
    "/shots/a\0.mov",
    "/shots/a\n.mov",
    "/shots/\x7f.mov",
    "http://evil/a.mov",
    "file:///etc/passwd",
    "FILE:/etc/passwd",
    "concat:/shots/a.mov|/etc/passwd",
    "subfile,,start,0,end,0,,:/etc/passwd",
    "crypto:/etc/passwd",
    "pipe:0",
    "data:text/plain,x",
    "$HOME/a.mov",
    "/shots/${HOME}/a.mov",
    "/shots/$(id)/a.mov",
    "/shots/$USER/a.mov",
    "%TEMP%\\a.mov",
    "C:\\%USERPROFILE%\\a.mov",
    "/shots/%04d/a.exr",
    "/shots/###/a.exr",
    "/shots/%V/a.exr",
    "/shots/a.%0999999999d.exr",
    "/" + "a/" * 3000,
]
REFUSED_ON_POSIX = [
    "//server/share/a.mov",
    "\\\\server\\share\\a.mov",
    "C:\\shots\\a.mov",
    "/shots\\..\\a.mov",
    "/shots/a\\b.mov",
    "/proc/self/cwd/a.mov",
    "/proc/self/fd/0",
    "/dev/stdin",
    "/dev/sda",
    "/dev/fd/3",
    "/sys/kernel/notes",
    "///proc/self/mem",
]
REFUSED_ON_WINDOWS = [
    "/shots/a.mov",
    "C:a.mov",
    "C:",
    "\\shots\\a.mov",
    "\\\\?\\C:\\shots\\a.mov",
    "//?/C:/shots/a.mov",
    "\\\\?\\UNC\\server\\share\\a.mov",
    "\\\\.\\PhysicalDrive0",
    "\\\\.\\pipe\\x",
    "\\??\\C:\\a.mov",
    "\\\\server",
    "C:\\shots\\CON",
    "C:\\shots\\con.exr",
    "C:\\shots\\NUL .png",
    "C:\\shots\\aux\\a.mov",
    "C:\\shots\\COM1.mov",
    "C:\\shots\\LPT\u00b9.txt",
    "C:\\shots\\CONIN$",
    "C:\\shots\\a.mov:secret",
    "C:\\shots\\a.mov::$DATA",
    "C:\\shots:stream\\a.mov",
    "C:\\shots\\a.mov.",
    "C:\\shots\\a.mov ",
    "C:\\shots.\\a.mov",
    "C:\\shots \\a.mov",
    "C:\\shots\\...\\a.mov",
    "C:\\shots\\.. \\a.mov",
    "C:\\shots\\a?.mov",
    "C:\\shots\\*.exr",
    "C:\\shots\\<a>.mov",
    'C:\\shots\\"a.mov"',
    "C:\\shots\\a|b.mov",
]
ALLOWED_ON_POSIX = [
    "/shots/a.mov",
    "/shots/plate.%04d.exr",
    "/shots/plate.####.png",
    "/shots/plate.@@@@.exr",
    "/shots/plate.$F4.exr",
    "/shots/100%/a.mov",
    "/shots/...a/b..c.mov",
    "/shots/a b (1).mov",
    "/shots/CON.exr",
    "/shots/été/漢.mov",
    "/shots/undecodable-\udcff.mov",
    "/process/a.mov",
]
ALLOWED_ON_WINDOWS = [
    "C:\\shots\\a.mov",
    "c:/shots/plate.%04d.exr",
    "\\\\server\\shots\\a.mov",
    "//server/shots/a.mov",
    "C:\\shots\\console.exr",
    "C:\\shots\\com10.mov",
    "C:\\shots\\.hidden\\a.mov",
]


def test_there_are_at_least_forty_for_each_system():
    assert len(REFUSED_ANYWHERE) + len(REFUSED_ON_POSIX) >= 40
    assert len(REFUSED_ANYWHERE) + len(REFUSED_ON_WINDOWS) >= 60


@pytest.mark.parametrize("is_windows", [False, True], ids=["posix", "windows"])
@pytest.mark.parametrize("path", REFUSED_ANYWHERE)
def test_a_spelling_is_refused_on_either_system(path: str, is_windows: bool):
    assert fault_of(path, is_windows)


def test_an_address_is_called_one():
    assert fault_of("http://evil/a.mov", False) == "begins as an address does"


@pytest.mark.parametrize("path", REFUSED_ON_POSIX)
def test_a_spelling_is_refused_on_posix(path: str):
    assert fault_of(path, False)


@pytest.mark.parametrize("path", REFUSED_ON_WINDOWS)
def test_a_spelling_is_refused_on_windows(path: str):
    assert fault_of(path, True)


@pytest.mark.parametrize("path", ALLOWED_ON_POSIX)
def test_ordinary_names_are_let_through_on_posix(path: str):
    assert fault_of(path, False) == ""


@pytest.mark.parametrize("path", ALLOWED_ON_WINDOWS)
def test_ordinary_names_are_let_through_on_windows(path: str):
    assert fault_of(path, True) == ""


@pytest.mark.parametrize(
    ("path", "root", "is_windows", "expected"),
    [
        ("/shots/a", "/shots", False, True),
        ("/shots", "/shots", False, True),
        ("/shots2/a", "/shots", False, False),
        ("/Shots/a", "/shots", False, False),
        ("C:\\SHOTS\\a", "c:\\shots", True, True),
        ("C:/shots2/a", "C:\\shots", True, False),
        ("D:\\shots\\a", "C:\\shots", True, False),
        ("\\\\server\\shots\\a", "\\\\Server\\Shots", True, True),
    ],
)
def test_below_a_root_is_judged_name_by_name(path: str, root: str, is_windows: bool, expected: bool):
    assert is_below(path, root, is_windows) is expected


@given(text=st.text(max_size=60), is_windows=st.booleans())
def test_what_is_let_through_is_a_full_path_that_climbs_nowhere(text: str, is_windows: bool):
    for path in (text, f"/shots/{text}", f"C:\\shots\\{text}"):
        if not fault_of(path, is_windows):
            names = path.replace("\\", "/").split("/")
            assert ".." not in names
            assert "\0" not in path
            assert path.startswith(("/", "\\\\")) or path[1:3] in (":\\", ":/")
