"""One line in the user's file: added once, taken out without a trace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.release.archives import InstallFailed
from plugins.release.nuke.marked_line import LINE, NEW_FILE, OWN_COMMENT, with_line, without_line

FILES = {
    "empty": b"",
    "as usual": b"import nuke\nnuke.pluginAddPath('./gizmos')\n",
    "no last newline": b"import nuke\nnuke.pluginAddPath('./gizmos')",
    "windows": b"import nuke\r\nnuke.pluginAddPath('./gizmos')\r\n",
    "windows, no last newline": b"import nuke\r\nnuke.pluginAddPath('./gizmos')",
    "mixed ends": b"import nuke\r\n# one\n# two",
    "mark at the start": b"\xef\xbb\xbfimport nuke\n",
    "umlauts of an old editor": b"# f\xfcr alle\nimport nuke\n",
    "an open block": b"if True:\n    import nuke",
    "blank lines": b"\n\n\r\n",
    "python 2": b"print 'hello'\n",
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES.keys())
def test_added_twice_and_taken_out_the_file_is_as_it_was(content: bytes):
    once = with_line(content, "init.py")
    assert once.count(LINE) == 1
    assert once.startswith(content)
    assert with_line(once, "init.py") == once
    assert without_line(once) == content


@given(st.lists(st.sampled_from([b"\n", b"\r\n", b"# a", b"x = 1", b" ", b"\r"])).map(b"".join))
def test_any_file_is_as_it_was(content: bytes):
    try:
        once = with_line(content, "init.py")
    except InstallFailed:
        return
    assert without_line(once) == content


def test_what_the_user_wrote_behind_the_line_stays():
    for content in (b"import nuke\r\n", b"import nuke"):
        edited = with_line(content, "init.py") + b"\r\nnuke.pluginAddPath('./more')\r\n"
        remainder = without_line(edited)
        assert LINE not in remainder
        assert b"./more" in remainder
        compile(remainder, "init.py", "exec")


def test_a_file_that_is_no_plain_text_is_refused():
    with pytest.raises(InstallFailed, match="not plain text"):
        with_line("import nuke\n".encode("utf-16"), "init.py")


def test_a_file_that_is_made_is_known_as_such():
    assert without_line(NEW_FILE) == OWN_COMMENT
    compile(NEW_FILE, "init.py", "exec")
