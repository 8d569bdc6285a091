"""Commands about single frames: preview, keyframes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sparkvsr_engine.cli.console import Console
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

Reply = TypeVar("Reply")


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
    import queue

    from sparkvsr_bridge.connections.wire import Envelope
    from sparkvsr_bridge.errors import EngineLost
    from sparkvsr_bridge.messages import PreviewAccepted, PreviewFailed, PreviewReady, PreviewRequest
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
        letters: queue.SimpleQueue[Envelope] = queue.SimpleQueue()
        client.add_listener(letters.put)
        accepted = _when_ready(lambda: client.request(request, PreviewAccepted))
        while True:
            try:
                message = letters.get(timeout=5.0).message
            except queue.Empty:
                if not client.is_alive:
                    raise EngineLost("The engine went away; ask for the preview again.") from None
                continue
            if isinstance(message, PreviewFailed) and message.preview == accepted.preview:
                raise message.error.to_error()
            if (
                isinstance(message, PreviewReady)
                and message.preview == accepted.preview
                and message.stage == "full"
            ):
                for warning in message.warnings:
                    console.warn(warning)
                text = f"{options.output}: frame {message.frame} in {message.seconds:.2f} s"
                console.result(
                    text, "preview", frame=message.frame, path=message.image.path, seconds=message.seconds
                )
                return 0


def run_keyframes(options: argparse.Namespace, console: Console) -> int:
    """Ask what would be chosen."""
    from sparkvsr_bridge.messages import KeyframesReply, SuggestKeyframesRequest
    from sparkvsr_bridge.process import EngineProcess

    request = SuggestKeyframesRequest(
        source_of(options.source, options.frames),
        settings_of(options, absolute(options.source)),
        keyframes_of(options),
    )
    with EngineProcess().ensure("cli") as client:
        reply = _when_ready(lambda: client.request(request, KeyframesReply, timeout_seconds=3600))
    for choice in reply.choices:
        console.keyframe(choice)
    cuts = ", ".join(str(cut) for cut in reply.cuts) or "none"
    console.note(f"{len(reply.choices)} keyframes; cuts: {cuts}")
    if reply.note:
        console.note(reply.note)
    note_field = {"note": reply.note} if reply.note else {}
    console.event("keyframes", count=len(reply.choices), cuts=list(reply.cuts), **note_field)
    return 0


def _when_ready(ask: Callable[[], Reply]) -> Reply:
    """Ask again while the worker of a freshly started engine is loading."""
    import time

    from sparkvsr_bridge.errors import WorkerLost

    give_up = time.monotonic() + 60
    while True:
        try:
            return ask()
        except WorkerLost:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)
