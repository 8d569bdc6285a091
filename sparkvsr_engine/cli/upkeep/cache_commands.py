"""The command about the cache: what it holds, and how to empty it. Works with and without an engine."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkvsr_engine.cli.console import Console

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands
    from sparkvsr_engine.storage.disk_cache import CacheState, DiskCache

MEANINGS = {
    "analysis": "cuts and sharpness of sources, how far keyframes carry",
    "confidence": "how far keyframes were trusted, per frame",
    "parts": "what large models computed, so that an edit runs less of them",
    "predictions": "predictions of restorers, so that guidance moves need no pass",
    "references": "keyframe pictures, aligned and colour-locked",
}


def add_commands(commands: Commands) -> None:
    """Add it."""
    cache = commands.add(
        "cache",
        run_cache,
        "Show what the cache holds, or clear it. What is missing is made again when it is needed.",
        "sparkvsr cache clear --kind predictions",
    )
    cache.add_argument(
        "action",
        nargs="?",
        choices=("show", "trim", "clear"),
        default="show",
        help="trim: drop what is over the budget; clear: drop everything; default show",
    )
    cache.add_argument("--kind", choices=sorted(MEANINGS), default="", help="clear this kind only")


def run_cache(options: argparse.Namespace, console: Console) -> int:
    """Show, trim to the budget, or clear; then show what is left."""
    from sparkvsr_engine.config import load_config
    from sparkvsr_engine.storage.disk_cache import DiskCache

    config = load_config()
    cache = DiskCache(config.cache_folder, config.cache_budget_bytes)
    freed = _free(cache, options)
    if freed:
        console.note(f"{_size(freed)} freed")
    states = cache.states()
    console.result(
        f"{config.cache_folder}\n{_table_of(states, config.cache_budget_bytes, console)}",
        "cache",
        folder=str(config.cache_folder),
        bytes=sum(state.bytes for state in states),
        budget_bytes=config.cache_budget_bytes,
        freed_bytes=freed,
        kinds={state.kind: {"entries": state.entries, "bytes": state.bytes} for state in states},
    )
    return 0


def _free(cache: DiskCache, options: argparse.Namespace) -> int:
    """Do what the action asks for; returns the bytes that it freed."""
    if options.action == "clear":
        return cache.clear(options.kind)
    return cache.trim() if options.action == "trim" else 0


def _table_of(states: Sequence[CacheState], budget_bytes: int, console: Console) -> str:
    rows = [
        [state.kind, str(state.entries), _size(state.bytes), MEANINGS.get(state.kind, "")] for state in states
    ]
    entries = sum(state.entries for state in states)
    rows.append(["all", str(entries), _size(sum(state.bytes for state in states)), _budget(budget_bytes)])
    return console.table(["kind", "entries", "size", ""], rows)


def _budget(budget_bytes: int) -> str:
    if budget_bytes == 0:
        return "of 0: nothing is kept; set cache_budget_bytes in config.toml"
    return f"of {_size(budget_bytes)}; cache_budget_bytes in config.toml changes it"


def _size(count: int) -> str:
    for unit, step in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 1 << step:
            return f"{count / (1 << step):.1f} {unit}"
    return f"{count} B"
