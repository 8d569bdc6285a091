"""One line of ours in a file of the user's, which is otherwise left as it is, byte for byte."""

from __future__ import annotations

from ..archives import InstallFailed

MARK = b"# added by 'sparkvsr plugins install nuke'"
LINE = b'import nuke; nuke.pluginAddPath("./sparkvsr")  ' + MARK
OWN_COMMENT = (
    b"# Made by 'sparkvsr plugins install nuke', and removed with 'sparkvsr plugins uninstall nuke'.\n"
)
# Where the user has no file; one with the comment alone is nobody's.
NEW_FILE = OWN_COMMENT + LINE + b"\n"


def with_line(content: bytes, name: str) -> bytes:
    """The file with the line at its end, once; as it is where the line is there.

    Line ends are the file's own. name: of the file, for messages. Raises InstallFailed for a file that is no
    plain text.
    """
    if b"\0" in content:
        raise InstallFailed(f"{name} is not plain text; save it as UTF-8, then install again.")
    if MARK in content:
        return content
    end = _line_end(content)
    # A last line without an end gets none after ours either: so `without_line` knows which end was added.
    fresh = LINE + end if not content or content.endswith((b"\n", b"\r")) else end + LINE
    return content + fresh


def without_line(content: bytes) -> bytes:
    """The file without the line; as it is where the line is not there."""
    start = content.find(LINE)
    if start < 0:
        return content
    stop = start + len(LINE)
    after_line = content[stop:]
    for end in (b"\r\n", b"\n", b"\r"):
        if after_line.startswith(end):
            return content[:start] + after_line[len(end) :]
    for end in (b"\r\n", b"\n"):
        if content[:start].endswith(end):
            return content[: start - len(end)] + after_line
    return content[:start] + after_line


def _line_end(content: bytes) -> bytes:
    if content.endswith(b"\r"):
        return b"\r"
    return b"\r\n" if b"\r\n" in content else b"\n"
