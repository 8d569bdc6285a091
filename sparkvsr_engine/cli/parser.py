"""All commands and their options; what they do is in the modules they name."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from bridge.version import __version__
from sparkvsr_engine.cli.commands import (
    conform_commands,
    job_commands,
    picture_commands,
    render_commands,
    study_commands,
    trust_commands,
)
from sparkvsr_engine.cli.upkeep import (
    cache_commands,
    documentation_commands,
    engine_commands,
    model_commands,
    plugin_commands,
    removal_commands,
)

Run = Callable[..., int | None]


def make_parser() -> argparse.ArgumentParser:
    """The program's parser; every command sets `run`."""
    parser = argparse.ArgumentParser(
        prog="sparkvsr",
        description="Interactive video super-resolution: fix a few keyframes, the whole shot follows.",
        epilog="Try: sparkvsr demo",
    )
    parser.add_argument("--version", action="version", version=f"sparkvsr {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for room in (
        render_commands,
        conform_commands,
        trust_commands,
        picture_commands,
        job_commands,
        engine_commands,
        cache_commands,
        model_commands,
        study_commands,
        plugin_commands,
        documentation_commands,
        removal_commands,
    ):
        room.add_commands(Commands(commands))
    return parser


class Commands:
    """Adds commands that all look alike: help with an example, `--json`."""

    def __init__(self, commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        self._commands = commands

    def add(self, name: str, run: Run, summary: str, example: str) -> argparse.ArgumentParser:
        """A command; returns its parser for options of its own."""
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
