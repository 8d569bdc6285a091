r"""One folder, several spellings: `//server/shots` = `/mnt/shots` = `S:\`."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.system.path_maps import PathMaps, as_path, style_of
from sparkvsr_bridge.timeline.media_files.paths import Finder
from tests.fakes.systems import IS_WINDOWS

ROW = ("/mnt/shots", "//server/shots", "S:\\")
MAPS = PathMaps.of([ROW, ("/mnt/shots/special", "X:/special"), ("/results", "\\\\server\\results", "R:/")])
NAMES = st.lists(
    st.text(string.ascii_letters + string.digits + " ._-%#@é漢", min_size=1, max_size=12).filter(
        lambda name: name not in (".", "..")
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize(
    ("path", "posix"),
    [
        ("S:\\a\\plate.%04d.exr", "/mnt/shots/a/plate.%04d.exr"),
        ("s:/A/plate.####.exr", "/mnt/shots/A/plate.####.exr"),
        ("S:\\a/b\\c.mov", "/mnt/shots/a/b/c.mov"),
        ("\\\\SERVER\\Shots\\a.mov", "/mnt/shots/a.mov"),
        ("//server/shots/a.mov", "/mnt/shots/a.mov"),
        ("\\\\server/shots\\a.mov", "/mnt/shots/a.mov"),
        ("file:///S:/a%20b.mov", "/mnt/shots/a b.mov"),
        ("file://server/shots/plate.%2504d.exr", "/mnt/shots/plate.%04d.exr"),
        ("file:///S:/plate.%04d.exr", "/mnt/shots/plate.%04d.exr"),
        ("file://localhost/mnt/shots/a.mov", "/mnt/shots/a.mov"),
        ("S:\\", "/mnt/shots"),
        ("X:\\special\\a.mov", "/mnt/shots/special/a.mov"),
        ("R:\\v1\\%04d.png", "/results/v1/%04d.png"),
        ("S:/shot/./a.mov", "/mnt/shots/shot/a.mov"),
        # Outside the table, or not to be judged by its text: as it was.
        ("S:\\..\\a.mov", "S:\\..\\a.mov"),
        ("S:a.mov", "S:a.mov"),
        ("Q:\\a.mov", "Q:\\a.mov"),
        ("/mnt/shots2/a.mov", "/mnt/shots2/a.mov"),
        ("//server/shots2/a.mov", "//server/shots2/a.mov"),
        ("/MNT/shots/a.mov", "/MNT/shots/a.mov"),
        ("shots/a.mov", "shots/a.mov"),
        ("", ""),
    ],
)
def test_a_windows_clients_path_is_one_of_the_engines(path: str, posix: str):
    assert MAPS.respell(path, "posix") == (as_path(posix) if posix else "")


def test_the_longest_folder_wins_whichever_row_comes_first():
    rows = [("/mnt", "M:/"), ("/mnt/shots", "S:/"), ("/mnt/shots/a", "A:/")]
    for maps in (PathMaps.of(rows), PathMaps.of(rows[::-1])):
        assert maps.respell("/mnt/shots/a/1.exr", "windows") == "A:/1.exr"
        assert maps.respell("/mnt/shots/b/1.exr", "windows") == "S:/b/1.exr"
        assert maps.respell("/mnt/c/1.exr", "windows") == "M:/c/1.exr"


@pytest.mark.parametrize("spelling", range(3))
@given(names=NAMES)
def test_a_path_comes_back_as_it_went(spelling: int, names: list[str]):
    maps = PathMaps.of([ROW])
    mark = "\\" if "\\" in ROW[spelling] else "/"
    path = mark.join((ROW[spelling].rstrip("\\/"), *names))
    (place,) = maps.places(path)
    assert (place.row, place.spelling, place.names) == (0, spelling, tuple(names))
    engine = maps.respell(path, "posix")
    assert engine == "/".join(("/mnt/shots", *names))
    (back,) = maps.places(engine)
    assert maps.spell(back, spelling) == path


@given(names=NAMES, text=st.text(max_size=40))
def test_no_text_makes_it_fail_and_what_is_mapped_lies_below_the_folder(names: list[str], text: str):
    for path in (
        text,
        f"S:\\{text}",
        f"file:{text}",
        f"//server/shots/{text}",
        "/".join(("S:", *names, text)),
    ):
        engine = MAPS.respell(path, "posix")
        assert engine == as_path(path) or engine == path or engine.startswith(("/mnt/shots", "/results"))
        assert not (engine != as_path(path) and engine != path and "/../" in f"{engine}/")


@given(names=NAMES, upper=st.booleans())
def test_case_counts_where_the_spelling_is_not_windows(names: list[str], upper: bool):
    tail = "/".join(names)
    head = "//SERVER/SHOTS" if upper else "//server/shots"
    assert MAPS.respell(f"{head}/{tail}", "posix").startswith("/mnt/shots")
    assert MAPS.respell(f"/Mnt/Shots/{tail}", "windows") == f"/Mnt/Shots/{tail}"


def test_a_name_windows_cannot_have_is_left_in_the_engines_spelling():
    assert MAPS.respell("/mnt/shots/a\\b.exr", "windows") == "/mnt/shots/a\\b.exr"


@pytest.mark.skipif(IS_WINDOWS, reason="the engine of these rows is one of POSIX")
def test_a_timelines_media_are_found_under_every_spelling_of_a_row():
    finder = Finder("/timelines", MAPS.pairs("posix"))
    for name in ("S:\\a\\b.mov", "file://server/shots/a/b.mov", "//SERVER/shots/a/b.mov"):
        assert finder.find(name, lambda path: path == "/mnt/shots/a/b.mov")


@pytest.mark.parametrize(
    "rows",
    [
        [["/mnt/shots"]],
        [["/mnt/shots", "shots"]],
        [["/mnt/shots", "S:"]],
        [["/mnt/shots", "S:/"], ["/mnt/other", "s:\\"]],
        [["/mnt/shots", "/mnt/shots/"]],
    ],
)
def test_a_row_that_maps_nothing_or_is_ambiguous_is_refused(rows: list[list[str]]):
    with pytest.raises(InvalidSettings, match="path map"):
        PathMaps.of(rows)


@pytest.mark.parametrize(
    ("path", "style"),
    [
        ("/a", "posix"),
        ("//s/a", "windows"),
        ("C:\\a", "windows"),
        ("c:/a", "windows"),
        ("C:a", None),
        ("a", None),
    ],
)
def test_the_style_of_a_path(path: str, style: str | None):
    assert style_of(path) == style
