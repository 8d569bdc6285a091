"""All commands and their options; what they do is in the modules they name."""

from __future__ import annotations

import argparse

from sparkvsr_bridge.version import __version__
from sparkvsr_engine.cli.commands import (
    conform_commands,
    farm_commands,
    job_commands,
    picture_commands,
    render_commands,
    resolve_commands,
    stream_commands,
    study_commands,
    trust_commands,
    window_commands,
)
from sparkvsr_engine.cli.subcommands import Commands
from sparkvsr_engine.cli.upkeep import (
    cache_commands,
    documentation_commands,
    engine_commands,
    key_commands,
    model_commands,
    plugin_commands,
    removal_commands,
)


def make_parser() -> argparse.ArgumentParser:
    """The program's parser; every command sets `run`."""
    parser = argparse.ArgumentParser(
        prog="sparkvsr",
        description="Interactive video super-resolution: fix a few keyframes, the whole shot follows.",
        epilog="Try: sparkvsr demo",
    )
    parser.add_argument("--version", action="version", version=f"sparkvsr {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for group in (
        render_commands,
        conform_commands,
        farm_commands,
        window_commands,
        stream_commands,
        trust_commands,
        picture_commands,
        job_commands,
        engine_commands,
        key_commands,
        cache_commands,
        model_commands,
        study_commands,
        plugin_commands,
        resolve_commands,
        documentation_commands,
        removal_commands,
    ):
        group.add_commands(Commands(commands))
    return parser
