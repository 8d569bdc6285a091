"""What MkDocs calls while it builds the documentation: tables from the code, texts from elsewhere, links.

A page asks for either with a comment of its own line: `<!-- generated: commands -->` for a part of
`GENERATED`, `<!-- included: ARCHITECTURE.md -->` for a text of the repository, which stays the only copy.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

ROOT = Path(__file__).resolve().parents[2]
# The parser and the tables of this checkout, not those of a SparkVSR that is installed beside MkDocs.
sys.path[:0] = [str(ROOT), str(ROOT / "bridge")]

from scripts.documentation import command_pages, event_pages, media_pages, repository_links, settings_pages  # noqa: E402

GENERATED: dict[str, Callable[[], str]] = {
    "commands": command_pages.command_sections,
    "command list": command_pages.command_list,
    "exit statuses": event_pages.exit_statuses,
    "error codes": event_pages.error_codes,
    "events": event_pages.events,
    "job fields": event_pages.job_fields,
    "settings": settings_pages.settings,
    "picture formats": media_pages.picture_formats,
    "pictures read": media_pages.pictures_read,
    "movie containers": media_pages.movie_containers,
    "encoders": media_pages.encoders,
}
_GENERATED = re.compile(r"^<!-- generated: (.+) -->$", re.MULTILINE)


def on_config(config: Any) -> Any:
    """List pages that the navigation does not name under "More", so that every page can be reached."""
    folder = Path(config["docs_dir"])
    pages = {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")}
    unlisted = sorted(pages - set(pages_named(config["nav"])))
    if unlisted:
        config["nav"].append({"More": unlisted})
    return config


def pages_named(nav: Any) -> list[str]:
    """Every page of a navigation as MkDocs has it: text, or lists and mappings of it."""
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [page for part in parts for page in pages_named(part)]


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:  # noqa: ARG001 - MkDocs names them
    """The page's text with its tables and included texts, its links made those of the site."""
    here = repository_links.Place(ROOT, Path(config["docs_dir"]), page.file.src_uri)
    return _GENERATED.sub(_part, repository_links.text_of(markdown, here))


def _part(request: re.Match[str]) -> str:
    if request[1] not in GENERATED:
        raise PluginError(f"Nothing generates '{request[1]}'; hooks.py lists what is generated.")
    return GENERATED[request[1]]()
