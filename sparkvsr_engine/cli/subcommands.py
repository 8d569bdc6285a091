"""How a command is added to the parser, so that all commands look alike."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from sparkvsr_bridge.settings import PRIORITIES

Run = Callable[..., int | None]


class Commands:
    """Adds commands that all look alike: help with an example, `--json`."""

    def __init__(self, commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        self._commands = commands

    def add(self, name: str, run: Run, summary: str, example: str) -> argparse.ArgumentParser:
        """A command; returns its parser for options of its own.

        Args:
            name: as people type it.
            run: carries it out.
            summary: one sentence for the help.
            example: a command line for the help.
        """
        parser = self._commands.add_parser(
            name,
            help=summary,
            description=summary,
            epilog=f"Example: {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument(
            "--json", action="store_true", help="one JSON object per line on stdout, progress included"
        )
        parser.set_defaults(run=run)
        return parser

    def group(self, name: str, summary: str, example: str) -> Commands:
        """A command whose first word is one of several commands.

        Args:
            name: as people type it.
            summary: one sentence for the help.
            example: a command line for the help.
        """
        parser = self._commands.add_parser(
            name, help=summary, description=summary, epilog=f"Example: {example}"
        )
        meaning = f"each explains itself: sparkvsr {name} ACTION --help"
        return Commands(parser.add_subparsers(metavar="ACTION", required=True, help=meaning))


def add_source_and_target(parser: argparse.ArgumentParser) -> None:
    """Arguments of commands that make a result of a source."""
    parser.add_argument("source", metavar="SOURCE", help="movie | plate.%%04d.exr | plate.####.png | folder")
    parser.add_argument("-o", "--output", required=True, metavar="TARGET", help="movie, or numbered pattern")


def add_priority_option(parser: argparse.ArgumentParser) -> None:
    """What goes first in an engine's queue."""
    parser.add_argument(
        "--priority",
        choices=PRIORITIES,
        default=PRIORITIES[0],
        help="in the engine's queue; a batch lets jobs of artists go first, also in the middle",
    )
