"""A command line as its system reads it: words of a shell, or Windows' own rules."""

from __future__ import annotations

import os
import re
import shlex
from typing import List, Sequence, Union

from .folders import windows_program

_BATCH_ENDINGS = (".bat", ".cmd")
# What stands for itself in a line of cmd.exe or a batch file without quotation marks around it.
_PLAIN = re.compile(r"[\w#$*+\-./:?@\\]+")
# Between two percent signs an empty piece of a variable that is always there: nothing is put in its place.
_PERCENT = "%%cd:~,%"


def split_command(text: str, is_windows: bool = os.name == "nt") -> List[str]:
    """The words of a command line; raises ValueError for a quotation mark without its second.

    Windows: double quotation marks hold a word together, a backslash is an ordinary character unless a
    quotation mark follows, and a single quotation mark means itself, as for every program there.

    Args:
        text: a command line.
        is_windows: whether the system is Windows.
    """
    return _split_windows(text) if is_windows else shlex.split(text)


def join_command(words: Sequence[str], is_windows: bool = os.name == "nt") -> str:
    """One line for a shell with exactly these words; `split_command` reads it back.

    For Windows it suits cmd.exe and PowerShell, in a batch file with every `%` doubled. A word with a
    quotation mark, which no path has there, suits programs alone.

    Args:
        words: the program and its arguments.
        is_windows: whether the shell is Windows'.
    """
    return " ".join(map(_windows_word, words)) if is_windows else shlex.join(words)


def _windows_word(word: str) -> str:
    if _PLAIN.fullmatch(word):
        return word
    # Backslashes before a mark, and before the one that closes, count double.
    text = re.sub(r'(\\*)"', r'\1\1\\"', word)
    return _in_marks(text + "\\" * (len(text) - len(text.rstrip("\\"))))


def as_started(words: Sequence[str], is_windows: bool = os.name == "nt") -> Union[str, List[str]]:
    """What `subprocess` is given to start a program with exactly these arguments.

    Windows hands a batch file's line to cmd.exe, which would run what follows an `&` and put variables in
    the place of `%NAME%`: it gets a line it can only read as these words.

    Raises ValueError for an argument that no batch file can be given.

    Args:
        words: the program and its arguments.
        is_windows: whether the system is Windows.
    """
    if not is_windows or not words[0].lower().endswith(_BATCH_ENDINGS):
        return list(words)
    if any(set(word) & set("\r\n\0") for word in words) or '"' in words[0] or words[0].endswith("\\"):
        raise ValueError("a batch file cannot be given a line break")
    line = " ".join([_in_marks(words[0].replace("%", _PERCENT)), *map(_batch_word, words[1:])])
    return f'"{windows_program("cmd.exe")}" /e:ON /v:OFF /d /c "{line}"'


def _batch_word(word: str) -> str:
    if _PLAIN.fullmatch(word) and not word.endswith("\\"):
        return word
    # Backslashes before a mark, and before the one that closes, count double.
    text = re.sub(r'(\\*)"', r'\1\1""', word)
    text += "\\" * (len(text) - len(text.rstrip("\\")))
    return _in_marks(text.replace("%", _PERCENT))


def _in_marks(text: str) -> str:
    return f'"{text}"'


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
