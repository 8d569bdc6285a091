"""Texts of the repository as pages of the site, and links between the two.

The same Markdown is read in a checkout and on the site. There a link to `../bridge/PROTOCOL.md` must lead to
the page that includes that file, and one to a recipe or licence to nothing outside the site.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_INCLUDED = re.compile(r"^<!-- included: (\S+) -->$", re.MULTILINE)
_LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s#]+)(#[^)\s]*)?\)")
_FENCE = re.compile(r"^(```.*?^```$)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Place:
    """Where a page lies. root: of the repository. docs: the pages' folder. page: below docs, with `/`."""

    root: Path
    docs: Path
    page: str

    @property
    def folder(self) -> str:
        """The page's folder below the repository's root."""
        docs = self.docs.relative_to(self.root).as_posix()
        return posixpath.normpath(posixpath.join(docs, posixpath.dirname(self.page)))


def text_of(markdown: str, here: Place) -> str:
    """A page's Markdown with the texts it includes, links led to the site's own pages."""
    pages = pages_of_texts(here.root, here.docs)
    linked = _relinked(markdown, here.folder, here, pages)

    def included(request: re.Match[str]) -> str:
        text = (here.root / request[1]).read_text("utf-8")
        return _relinked(text, posixpath.dirname(request[1]), here, pages)

    return _INCLUDED.sub(included, linked)


@lru_cache(maxsize=4)
def pages_of_texts(root: Path, docs: Path) -> dict[str, str]:
    """A text of the repository, below its root -> the page that includes it, below docs."""
    return {
        text: path.relative_to(docs).as_posix()
        for path in sorted(docs.rglob("*.md"))
        for text in _INCLUDED.findall(path.read_text("utf-8"))
        if (root / text).is_file()
    }


def _relinked(markdown: str, folder: str, here: Place, pages: dict[str, str]) -> str:
    """The text, which lies in `folder` of the repository, with its links as seen from `here`."""

    def link(match: re.Match[str]) -> str:
        label, target, anchor = match[1], match[2], match[3] or ""
        if re.match(r"[a-z]+:", target):
            return match[0]
        path = posixpath.normpath(posixpath.join(folder, target))
        docs = here.docs.relative_to(here.root).as_posix()
        if path in pages:
            page = pages[path]
        elif path.startswith(f"{docs}/"):
            page = path[len(docs) + 1 :]
        elif (here.root / path).exists():
            # Not on the site: its place in the repository is what a reader can use.
            return f"`{path}`" if label.startswith(f"[`{Path(path).name}`") else f"{label[1:-1]} (`{path}`)"
        else:
            return match[0]
        return f"{label}({posixpath.relpath(page, posixpath.dirname(here.page) or '.')}{anchor})"

    parts = _FENCE.split(markdown)
    return "".join(part if part.startswith("```") else _LINK.sub(link, part) for part in parts)
