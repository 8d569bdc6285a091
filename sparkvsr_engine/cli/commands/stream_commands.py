"""Commands for small streams: pack, unpack."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.cli.console import Console
from sparkvsr_engine.cli.job_options import source_of
from sparkvsr_engine.cli.paths import absolute

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands
    from sparkvsr_engine.streams.requests import PackRequest


def add_commands(commands: Commands) -> None:
    """Add them."""
    pack = commands.add(
        "pack",
        run_pack,
        "Pack a source into a small movie with a few keyframes beside it, which 'upscale' restores.",
        "sparkvsr pack dailies.mov -o small.mkv --rate 400k",
    )
    pack.add_argument("source", metavar="SOURCE", help="movie, numbered pattern or folder")
    pack.add_argument("-o", "--output", required=True, metavar="SMALL", help=".mkv or .mp4 file")
    pack.add_argument("--frames", metavar="A-B", help="inclusive, in the source's own numbers")
    pack.add_argument(
        "--factor", "--scale", type=float, default=4.0, metavar="F", help="sides are divided by it; default 4"
    )
    pack.add_argument(
        "--codec",
        default="",
        metavar="h264|h265|av1",
        help="of the small movie; default h264, h265 above 8 bit",
    )
    pack.add_argument(
        "--keyframes",
        default="auto",
        metavar="auto|LIST|every:N|P[:K]",
        help="where keyframes go: chosen (default), frames such as 0,48,96, every Nth, or a policy",
    )
    pack.add_argument(
        "--rate", metavar="BITS", help="bits per second of both tracks of pictures, such as 400k or 1.5M"
    )
    pack.add_argument("--quality", type=int, metavar="Q", help="1..100, instead of --rate; default 50")
    pack.add_argument("--overwrite", action="store_true", help="replace a file that is there")


def run_pack(options: argparse.Namespace, console: Console) -> int:
    """Pack, tell sizes and keyframes."""
    from sparkvsr_bridge.errors import JobCancelled
    from sparkvsr_engine.cli.stream_progress import StreamProgress
    from sparkvsr_engine.config import load_config
    from sparkvsr_engine.streams.packing import pack

    # SVT-AV1 writes a page of settings to the terminal for every encoder that is opened.
    os.environ.setdefault("SVT_LOG", "1")
    request = pack_request(options)
    config = load_config()
    config.make_folders()
    with StreamProgress(console, str(request.source.path), str(request.target)) as progress:
        try:
            packed = pack(config, request, progress)
        except KeyboardInterrupt:
            raise JobCancelled("Packing was stopped; the same command goes on where it was.") from None
    for sentence in packed.warnings:
        console.warn(sentence)
    rate = packed.file_bytes * 8 / max(packed.seconds, 1e-9) / 1000
    console.result(
        f"{packed.target}: {packed.frames} frames, {len(packed.keyframes)} keyframes,"
        f" {packed.file_bytes} bytes"
        f" ({rate:.0f} kbit/s)",
        "packed",
        target=str(packed.target),
        frames=packed.frames,
        keyframes=list(packed.keyframes),
        bytes=packed.file_bytes,
        base_bytes=packed.base_bytes,
        keyframe_bytes=packed.keyframe_bytes,
        base_crf=packed.quality.base,
        keyframe_crf=packed.quality.keyframes,
    )
    return 0


def pack_request(options: argparse.Namespace) -> PackRequest:
    """The request of parsed options; raises InvalidSettings."""
    from sparkvsr_engine.streams.requests import DEFAULT_QUALITY, PackRequest, parse_placement, parse_rate

    if options.rate is not None and options.quality is not None:
        raise InvalidSettings("--rate and --quality contradict each other; give one of them.")
    return PackRequest(
        source=source_of(options.source, options.frames),
        target=Path(absolute(options.output)),
        factor=options.factor,
        codec=options.codec,
        keyframes=parse_placement(options.keyframes),
        rate=parse_rate(options.rate) if options.rate is not None else 0,
        quality=DEFAULT_QUALITY if options.quality is None else options.quality,
        overwrite=options.overwrite,
    )
