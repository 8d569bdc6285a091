"""The command that opens the documentation: docs. It reads files of the installation, and no network."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import sparkvsr_engine
from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_engine.cli.console import Console

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands


def add_commands(commands: Commands) -> None:
    """Add it."""
    docs = commands.add(
        "docs", run_docs, "Open the documentation that came with this installation.", "sparkvsr docs"
    )
    docs.add_argument(
        "--no-browser", action="store_true", help="print where its first page lies, open nothing"
    )


def run_docs(options: argparse.Namespace, console: Console) -> int:
    """Print where the first page lies, and show it in the browser."""
    page = first_page()
    is_opened = not options.no_browser and webbrowser.open(page.as_uri())
    console.result(str(page), "docs", path=str(page), opened=is_opened)
    if not is_opened and not options.no_browser:
        console.note("No browser opened; open this file in yours.")
    return 0


def first_page() -> Path:
    """The first page of the installation's documentation, else of the checkout's that was built last.

    Raises SparkVSRError where there is neither.
    """
    package = Path(sparkvsr_engine.__file__).resolve().parent
    installed = package / "documentation" / "index.html"
    built = package.parent / "build" / "site" / "index.html"
    page = next((page for page in (installed, built) if page.is_file()), None)
    if page is not None:
        return page
    script = package.parent / "scripts" / "build_docs.py"
    if script.is_file():
        raise SparkVSRError(f"This checkout's documentation is not built; run: python {script}")
    raise SparkVSRError(f"The documentation is missing in {installed.parent}; install sparkvsr again.")
