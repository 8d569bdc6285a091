"""Quoting is held against Tcl itself."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sparkvsr_nuke.node.tcl_text import from_hex, list_element, literal_path, tcl_list, to_hex

tkinter = pytest.importorskip("tkinter")

TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20)
AWKWARD = [
    "",
    "plain",
    "C:\\shots\\new",
    "[python {1}]",
    "$gui",
    "{",
    "}",
    "a}b{",
    "{a}",
    "a b",
    '"',
    "#x",
    "a;b",
    "ümläut",
    "trailing\\",
    "{\\",
    "new\nline",
]


def read_by_tcl(text: str) -> tuple[str, ...]:
    return tuple(map(str, tkinter.Tcl().tk.splitlist(text)))


@pytest.mark.parametrize("value", AWKWARD)
def test_awkward_values_come_back_from_tcl(value: str):
    assert read_by_tcl(list_element(value)) == (value,)


@given(st.lists(TEXTS, max_size=5))
def test_any_values_come_back_from_tcl(values: list[str]):
    assert read_by_tcl(tcl_list(values)) == tuple(values)


@pytest.mark.parametrize("path", ["/a [old]/b", "/p$x/é ü", "//server/share/a", "C:/a b/[1].exr"])
def test_a_path_is_what_tcl_makes_of_it(path: str):
    tcl = tkinter.Tcl()
    tcl.eval("interp create -safe room")
    assert tcl.eval("room eval [list subst " + list_element(literal_path(path)) + "]") == path


def test_backslashes_become_slashes():
    assert literal_path("C:\\shots\\new.%04d.exr") == "C:/shots/new.%04d.exr"


@given(st.dictionaries(TEXTS, TEXTS, max_size=5))
def test_a_state_is_ascii_and_comes_back(values: dict[str, str]):
    text = to_hex(json.dumps(values))
    assert text.isascii()
    assert text.isalnum()
    assert json.loads(from_hex(text)) == values


@pytest.mark.parametrize("text", ["xyz", "00", "7b7d"])
def test_another_text_is_no_state(text: str):
    with pytest.raises(ValueError, match="no stored state"):
        from_hex(text)
