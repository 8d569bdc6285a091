"""`sparkvsr resolve`: DaVinci Resolve Studio's timeline upscaled. What it does is in `plugins/davinci`."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_engine.cli.commands.window_commands import has_toolkit, show_window
from sparkvsr_engine.cli.console import Console
from sparkvsr_engine.cli.job_options import (
    add_clip_options,
    add_setting_options,
    marker_patterns_of,
    settings_of,
)
from sparkvsr_engine.cli.paths import absolute
from sparkvsr_engine.cli.upkeep.plugin_commands import engine_program, plugins_folder

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands

SCOPES = ("selected", "playhead", "range", "track", "timeline")
PLACES = ("take", "track", "timeline", "none")


def add_commands(commands: Commands) -> None:
    """Add it."""
    resolve = commands.add(
        "resolve",
        run_resolve,
        "Upscale clips of the timeline that is open in DaVinci Resolve Studio, in the window or at once.",
        "sparkvsr resolve --once --scope playhead --scale 2",
    )
    _add_modes(resolve)
    group = resolve.add_argument_group("clips and results")
    _add_clip_choice(group)
    add_clip_options(group)
    _add_result_options(group)
    add_setting_options(resolve, names_frames=False)


def _add_clip_choice(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--scope", default="playhead", choices=SCOPES, help="which clips; default: the one under the playhead"
    )
    group.add_argument("--track", type=int, default=1, metavar="N", help="video track of --scope track")
    group.add_argument(
        "--place",
        default="take",
        choices=PLACES,
        help="results as takes of their clips, on a new track, as a new timeline, or only as files",
    )


def _add_result_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--results", default="", metavar="DIR", help="where results lie; default: sparkvsr beside each source"
    )
    group.add_argument(
        "--fit", action="store_true", help="set a clip's scaling to Fit where it would be reframed"
    )
    group.add_argument("--without-grades", action="store_true", help="new track: copy no grades onto it")
    group.add_argument(
        "--stills", default="", metavar="DIR", help="stills repaired since --export-stills are keyframes"
    )


def _add_modes(parser: argparse.ArgumentParser) -> None:
    modes = parser.add_argument_group("what to do").add_mutually_exclusive_group()
    modes.add_argument("--state", action="store_true", help="print what is open, without the window")
    modes.add_argument("--list", action="store_true", help="list the clips and what would be done")
    modes.add_argument("--once", action="store_true", help="do it: upscale and place, then end")
    modes.add_argument(
        "--export-stills", metavar="DIR", help="export a still of every keyframe, to repair it"
    )
    modes.add_argument(
        "--self-test", nargs="?", const="", metavar="FILE", help="check everything and write a report to send"
    )


def run_resolve(options: argparse.Namespace, console: Console) -> int:
    """Do one of them; without any, open the window connected to Resolve."""
    program = load_program()
    if _opens_window(options):
        return show_window(["--resolve", str(plugin_folder())], console)
    refused = sys.modules["sparkvsr_resolve.refusals"].Refused
    mode, output = _mode(options)
    request = program.Request(mode, _wishes(program, options), output, engine_program())
    try:
        return int(program.run(request, console))
    except refused as error:
        raise SparkVSRError(str(error)) from error


def _opens_window(options: argparse.Namespace) -> bool:
    """Whether nothing else was asked, and there is a window; machines get what is open instead."""
    is_named = options.state or options.list or options.once or options.export_stills
    return not (is_named or options.self_test is not None or options.json) and has_toolkit()


def plugin_folder() -> Path:
    """The plugin's folder. Raises SparkVSRError where this installation came without it."""
    folder = plugins_folder() / "davinci"
    if not (folder / "sparkvsr_resolve").is_dir():
        raise SparkVSRError(f"The Resolve plugin is missing in {folder}; install sparkvsr again.")
    return folder


def load_program() -> Any:
    """The plugin's text mode. Raises SparkVSRError where this installation came without it."""
    folder = plugin_folder()
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return importlib.import_module("sparkvsr_resolve.program")


def _mode(options: argparse.Namespace) -> tuple[str, str]:
    if options.export_stills:
        return "stills", absolute(options.export_stills)
    if options.self_test is not None:
        return "self-test", absolute(options.self_test) if options.self_test else ""
    return ("list" if options.list else "run" if options.once else "state"), ""


def _wishes(program: Any, options: argparse.Namespace) -> Any:
    settings = settings_of(options).to_dict()
    if not options.keyframes:
        # Marked keyframes alone where a clip has any: the plan has it, clip by clip.
        settings.pop("policy", None)
    return program.Wishes(
        scope=options.scope,
        track=options.track,
        place=options.place,
        handles=options.handles,
        keys=marker_patterns_of(options),
        options=settings,
        results=absolute(options.results) if options.results else "",
        fit=options.fit,
        stills=absolute(options.stills) if options.stills else "",
        copies_grades=not options.without_grades,
    )
