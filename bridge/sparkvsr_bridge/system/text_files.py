"""Text files that people write, with the marks Windows' programs put at their beginning."""

from __future__ import annotations

import codecs
from pathlib import Path

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text_file(path: Path) -> str:
    """A file's text: UTF-8, with a mark at its beginning or without, or UTF-16 with one.

    Older Notepads begin UTF-8 with a mark, and `>` of Windows PowerShell writes UTF-16.

    Raises OSError, and UnicodeDecodeError, which is a ValueError, for any other encoding.

    Args:
        path: of the file.
    """
    content = path.read_bytes()
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    return content.decode(encoding).replace("\r\n", "\n")
