"""`sparkvsr models list | fetch NAME | add DIR`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_engine.cli.console import Console, record_values
from sparkvsr_engine.cli.paths import absolute

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands


def add_commands(commands: Commands) -> None:
    """Add it."""
    models = commands.add("models", run_models, "List, fetch or add models.", "sparkvsr models list")
    models.add_argument(
        "action",
        choices=("list", "fetch", "add"),
        help="fetch: download by name; add: link a checkpoint's folder",
    )
    models.add_argument("name", nargs="?", metavar="NAME|DIR", help="of fetch: a name; of add: a folder")


def run_models(options: argparse.Namespace, console: Console) -> int:
    """Do one of the three."""
    from sparkvsr_bridge.errors import InvalidSettings
    from sparkvsr_engine.config import load_config

    config = load_config()
    if options.action == "list":
        from sparkvsr_engine.catalogue import list_models

        for model in list_models(config):
            state = "ready" if model.ready else f"missing: {model.remedy}"
            text = f"{model.name:<24} {model.role:<10} {model.summary} [{model.licence}] {state}"
            console.result(text, "model", **record_values(model))
        return 0
    if not options.name:
        raise InvalidSettings(f"name what to {options.action}; 'sparkvsr models list' shows the names.")
    if options.action == "fetch":
        from sparkvsr_engine.catalogue import fetch_model

        path = fetch_model(config, options.name)
        console.result(f"{options.name} is ready: {path}", "fetched", name=options.name, path=str(path))
        return 0
    from sparkvsr_engine.catalogue import add_model

    path = add_model(config, Path(absolute(options.name)))
    console.result(f"added as '{path.name}': {path}", "added", path=str(path))
    return 0
