"""A command line as its system reads it: words of a shell, or Windows' own rules."""

from __future__ import annotations

import os
import shlex
from typing import List


def split_command(text: str, is_windows: bool = os.name == "nt") -> List[str]:
    """The words of a command line; raises ValueError for a quotation mark without its second.

    Windows: double quotation marks hold a word together, a backslash is an ordinary character unless a
    quotation mark follows, and a single quotation mark means itself, as for every program there.

    Args:
        text: a command line.
        is_windows: whether the system is Windows.
    """
    return _split_windows(text) if is_windows else shlex.split(text)


def _split_windows(text: str) -> List[str]:
    words: List[str] = []
    word, is_open, is_quoted, at = "", False, False, 0
    while at < len(text):
        slashes = len(text) - at - len(text[at:].lstrip("\\"))
        at += slashes
        if text[at : at + 1] == '"':
            word += "\\" * (slashes // 2)
            is_open = True
            if slashes % 2:
                word += '"'
            else:
                is_quoted = not is_quoted
            at += 1
            continue
        if slashes:
            word += "\\" * slashes
            is_open = True
            continue
        if text[at].isspace() and not is_quoted:
            if is_open:
                words.append(word)
            word, is_open = "", False
        else:
            word += text[at]
            is_open = True
        at += 1
    if is_quoted:
        raise ValueError("No closing quotation")
    return [*words, word] if is_open else words
