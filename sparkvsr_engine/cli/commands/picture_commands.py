"""Commands about single frames: preview, keyframes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sparkvsr_engine.cli.console import Console, record_values
from sparkvsr_engine.cli.job_options import (
    add_setting_options,
    keyframes_of,
    parse_region,
    settings_of,
    source_of,
)
from sparkvsr_engine.cli.paths import absolute

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands


def add_commands(commands: Commands) -> None:
    """Add them."""
    preview = commands.add(
        "preview",
        run_preview,
        "Render one frame, or a region of it, at full quality.",
        "sparkvsr preview clip.mp4 --frame 40 --keyframe 32=fixed.png -o look.png",
    )
    preview.add_argument("source", metavar="SOURCE", help="movie, numbered pattern or folder")
    preview.add_argument("--frame", type=int, required=True, metavar="N", help="in the source's own numbers")
    preview.add_argument("--region", metavar="X,Y,W,H", help="in output pixels")
    preview.add_argument("-o", "--output", required=True, metavar="IMG", help="picture file to write")
    add_setting_options(preview)

    keyframes = commands.add(
        "keyframes",
        run_keyframes,
        "Show the frames a policy would make keyframes, with why.",
        "sparkvsr keyframes clip.mp4 --keyframes adaptive:5",
    )
    keyframes.add_argument("source", metavar="SOURCE", help="movie, numbered pattern or folder")
    add_setting_options(keyframes)


def run_preview(options: argparse.Namespace, console: Console) -> int:
    """Ask for the preview, wait for its picture."""
    from sparkvsr.preview import start_preview
    from sparkvsr_bridge.messages import PreviewRequest
    from sparkvsr_bridge.process import EngineProcess

    request = PreviewRequest(
        source_of(options.source, options.frames),
        options.frame,
        settings_of(options, absolute(options.source)),
        keyframes_of(options),
        parse_region(options.region),
        target=absolute(options.output),
    )
    with EngineProcess().ensure("cli") as client:
        picture = start_preview(client, request).wait()
    for warning in picture.warnings:
        console.warn(warning)
    text = f"{options.output}: frame {picture.frame} in {picture.seconds:.2f} s"
    console.result(text, "preview", path=picture.path, **record_values(picture.event))
    return 0


def run_keyframes(options: argparse.Namespace, console: Console) -> int:
    """Ask what would be chosen."""
    from sparkvsr.loading import request_when_loaded
    from sparkvsr_bridge.messages import KeyframesReply, SuggestKeyframesRequest
    from sparkvsr_bridge.process import EngineProcess

    request = SuggestKeyframesRequest(
        source_of(options.source, options.frames),
        settings_of(options, absolute(options.source)),
        keyframes_of(options),
    )
    with EngineProcess().ensure("cli") as client:
        suggestion = request_when_loaded(client, request, KeyframesReply, 3600.0)
    for choice in suggestion.choices:
        console.keyframe(choice)
    cuts = ", ".join(str(cut) for cut in suggestion.cuts) or "none"
    console.note(f"{len(suggestion.choices)} keyframes; cuts: {cuts}")
    if suggestion.note:
        console.note(suggestion.note)
    console.event("keyframes", count=len(suggestion.choices), **record_values(suggestion))
    return 0
