"""The command that renders a whole timeline: conform."""

from __future__ import annotations

import argparse
import importlib.util
from typing import TYPE_CHECKING, Any

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing
from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.cli.console import Console
from sparkvsr_engine.cli.job_options import (
    add_clip_options,
    add_setting_options,
    add_target_options,
    marker_patterns_of,
    settings_of,
)
from sparkvsr_engine.cli.paths import absolute
from sparkvsr_engine.cli.subcommands import add_priority_option

if TYPE_CHECKING:
    from sparkvsr_bridge.timeline.records import ConformWishes
    from sparkvsr_bridge.timeline.requests import Recipe
    from sparkvsr_engine.cli.subcommands import Commands

LISTS = ("text", "csv", "json")


def add_commands(commands: Commands) -> None:
    """Add it."""
    conform = commands.add(
        "conform",
        run_conform,
        "Upscale every clip of a timeline, keyframes from its markers; the results are put into OUT.",
        "sparkvsr conform cut.otio -o cut_4x.otio --dry-run",
    )
    conform.add_argument("source", metavar="IN", help=".otio, .otioz, .otiod, .edl, .xml (FCP 7) or .aaf")
    conform.add_argument("-o", "--output", metavar="OUT.otio", help="the timeline with the results")
    conform.add_argument(
        "--dry-run",
        nargs="?",
        const="text",
        choices=LISTS,
        metavar="text|csv|json",
        help="list what would be pulled, render and write nothing",
    )
    conform.add_argument(
        "--in-process", action="store_true", help="render in this process, without the daemon"
    )
    conform.add_argument(
        "--farm", metavar="DIR", help="write a bundle per shot for a render farm there, render nothing"
    )
    add_priority_option(conform)
    _add_timeline_options(conform)
    add_setting_options(conform, names_frames=False)
    add_target_options(conform)


def _add_timeline_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the timeline")
    add_clip_options(group)
    group.add_argument(
        "--map", action="append", default=[], metavar="FROM=TO", help="where paths lie here; repeatable"
    )
    group.add_argument(
        "--media", default="", metavar="DIR", help="link clips without media by name and timecode"
    )
    group.add_argument("--rate", metavar="R", help="frames per second of an EDL: 25, 23.976, 30000/1001")
    group.add_argument(
        "--for", dest="shape", default="", choices=("resolve",), help="write what DaVinci Resolve reads"
    )
    _add_result_options(group)


def _add_result_options(group: argparse._ArgumentGroup) -> None:
    """Where results go, in the timeline and on disk."""
    group.add_argument("--activate", action="store_true", help="make the results the clips' active media")
    group.add_argument(
        "--place",
        default="alternate",
        choices=("alternate", "track"),
        help="results as a further reference of each clip, or on a track above",
    )
    _add_file_options(group)


def _add_file_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--format",
        default="",
        metavar="EXT",
        help="of results: png, exr, tif, mov, mp4 ...; default: the source's",
    )
    group.add_argument(
        "--results", default="", metavar="DIR", help="where results lie; default: sparkvsr beside OUT"
    )


def run_conform(options: argparse.Namespace, console: Console) -> int:
    """Plan, render, write; or list what would be pulled."""
    require_timelines()
    from sparkvsr_engine.cli import conforming

    wishes, recipe = wishes_of(options), recipe_of(options)
    farm = absolute(options.farm) if options.farm else ""
    files = conforming.Files(options.source, options.output or "", options.in_process, farm)
    if options.dry_run:
        return conforming.list_pulls(files, wishes, options.dry_run, console)
    if not options.output:
        raise InvalidSettings("the result has no name; add -o OUT.otio, or --dry-run for a look.")
    return 0 if conforming.run(files, wishes, recipe, console).is_whole else 1


def require_timelines() -> None:
    """Raise ModelMissing where OpenTimelineIO is not installed."""
    if importlib.util.find_spec("opentimelineio") is None:
        command = install_command("sparkvsr[timeline]")
        raise ModelMissing(f"Timelines need OpenTimelineIO; install it: {command}")


def wishes_of(options: argparse.Namespace) -> ConformWishes:
    """What is asked of the timeline; raises InvalidSettings."""
    from sparkvsr_bridge.system.path_maps import NATIVE
    from sparkvsr_bridge.timeline.media_files.paths import parse_map
    from sparkvsr_bridge.timeline.records import ConformWishes
    from sparkvsr_engine.config import load_config

    return ConformWishes(
        handles=options.handles,
        keys=marker_patterns_of(options),
        maps=(*(parse_map(text) for text in options.map), *load_config().path_maps.pairs(NATIVE)),
        media=absolute(options.media) if options.media else "",
        rate=parse_rate(options.rate) if options.rate else None,
        shape=options.shape,
        activate=options.activate,
        place=options.place,
    )


def recipe_of(options: argparse.Namespace) -> Recipe:
    """How shots are rendered; raises InvalidSettings."""
    from sparkvsr_bridge.timeline.requests import MOVIE_ENDINGS, Recipe

    settings = settings_of(options)
    ending = f".{options.format.lstrip('.').lower()}" if options.format else ""
    if options.codec and ending not in MOVIE_ENDINGS:
        raise InvalidSettings("--codec is for movies; add --format mov or another movie's.")
    return Recipe(
        settings=settings,
        policy=settings.policy if options.keyframes else None,
        ending=ending,
        codec=options.codec,
        quality=options.quality,
        folder=absolute(options.results) if options.results else "",
        priority=options.priority,
    )


def parse_rate(text: str) -> float:
    """`25`, `23.976` or `30000/1001`; raises InvalidSettings."""
    over, _, under = text.partition("/")
    try:
        rate: Any = float(over) / float(under or 1)
    except (ValueError, ZeroDivisionError):
        raise InvalidSettings(f"the rate '{text}' is no number of frames per second; write 25.") from None
    return float(rate)
