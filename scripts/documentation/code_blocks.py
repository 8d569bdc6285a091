"""The code blocks of a page, and the commands in them as a shell would read them."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

_FENCE = re.compile(r'^(?P<space> *)```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?$')
_SPAN = re.compile(r"`(sparkvsr [^`]+)`")
_COMMENT = re.compile(r"(^|\s)#\s.*$")


@dataclass(frozen=True)
class CodeBlock:
    """line: of its first line, from 1. language: empty for an indented block. title: the file it is."""

    page: Path
    line: int
    language: str
    title: str
    text: str

    @property
    def commands(self) -> list[list[str]]:
        """Its command lines as words: comments taken out, continued lines joined, `;` separating two.

        Where some lines begin with `$ `, the others are what the program printed.
        """
        lines = re.sub(r"\\\n\s*", " ", self.text).splitlines()
        if any(line.startswith("$ ") for line in lines):
            lines = [line[2:] for line in lines if line.startswith("$ ")]
        plain = (_COMMENT.sub("", line).strip() for line in lines)
        return [words for line in plain for words in _split(line)]


def code_blocks(page: Path) -> list[CodeBlock]:
    """All blocks of a Markdown page in their order, fenced and indented ones."""
    return list(_blocks(page, page.read_text("utf-8").splitlines()))


def command_spans(page: Path) -> list[str]:
    """Commands within sentences: `sparkvsr ...` between single backticks, outside of blocks."""
    text = re.sub(r"^( *)```.*?^\1```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [" ".join(span.split()) for span in _SPAN.findall(re.sub(r"(?<=\S)\n(?=\S)", " ", text))]


def _blocks(page: Path, lines: list[str]) -> Iterator[CodeBlock]:
    number, is_after_blank = 0, True
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        if fence:
            body = list(takewhile(lambda line: line.strip() != "```", lines[number + 1 :]))
            text = textwrap.dedent("\n".join(body)) + "\n"
            yield CodeBlock(page, number + 2, fence["language"], fence["title"] or "", text)
            number += len(body) + 2
        elif is_after_blank and lines[number].startswith("    "):
            body = list(takewhile(lambda line: not line or line.startswith("    "), lines[number:]))
            yield CodeBlock(page, number + 1, "", "", textwrap.dedent("\n".join(body)).strip("\n") + "\n")
            number += len(body)
        else:
            is_after_blank = not lines[number].strip()
            number += 1


def _split(line: str) -> Iterator[list[str]]:
    """The commands of one line; none where it is no line of a shell."""
    try:
        words = shlex.split(line.replace(";", " ; "))
    except ValueError:
        return
    while words:
        command = list(takewhile(lambda word: word != ";", words))
        words = words[len(command) + 1 :]
        if command:
            yield command
