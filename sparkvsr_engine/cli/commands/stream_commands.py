"""Commands for small streams: pack, unpack."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sparkvsr_bridge.errors import InvalidSettings, JobCancelled
from sparkvsr_bridge.settings import OutputTarget, UpscaleSettings
from sparkvsr_engine.cli.console import Console
from sparkvsr_engine.cli.job_options import source_of
from sparkvsr_engine.cli.paths import absolute

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands
    from sparkvsr_engine.streams.requests import PackRequest


PIPE = "-"
"""A name that stands for standard input or output."""


def add_commands(commands: Commands) -> None:
    """Add them."""
    pack = commands.add(
        "pack",
        run_pack,
        "Pack a source into a small movie with a few keyframes beside it, which 'upscale' restores.",
        "sparkvsr pack dailies.mov -o small.mkv --rate 400k",
    )
    pack.add_argument("source", metavar="SOURCE", help="movie, numbered pattern or folder")
    pack.add_argument(
        "-o", "--output", required=True, metavar="SMALL", help=".mkv or .mp4 file, or - for a pipe"
    )
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
    _add_unpack(commands)


def _add_unpack(commands: Commands) -> None:
    unpack = commands.add(
        "unpack",
        run_unpack,
        "Restore a small stream as it comes out of a pipe; files are restored by 'upscale'.",
        "sparkvsr unpack - -o big.mp4",
    )
    unpack.add_argument("source", metavar="-|FILE", help="- for standard input, or a file of what came")
    unpack.add_argument("-o", "--output", required=True, metavar="TARGET", help="movie to be made")
    unpack.add_argument("--model", default=UpscaleSettings().model, metavar="NAME|DIR", help="the restorer")
    unpack.add_argument("--device", default="auto", metavar="cpu|cuda[:i]|mps|auto", help="what renders")
    unpack.add_argument("--codec", default="", metavar="NAME", help="a video encoder's name")
    unpack.add_argument(
        "--quality", type=int, default=0, metavar="Q", help="1..100, higher is better and larger"
    )
    unpack.add_argument("--overwrite", action="store_true", help="replace a file that is there")


def run_pack(options: argparse.Namespace, console: Console) -> int:
    """Pack, print sizes and keyframes."""
    from sparkvsr_engine.cli.stream_progress import StreamProgress
    from sparkvsr_engine.config import load_config
    from sparkvsr_engine.streams.packing import pack

    # SVT-AV1 writes a page of settings to the terminal for every encoder that is opened.
    os.environ.setdefault("SVT_LOG", "1")
    request = pack_request(options)
    config = load_config()
    config.make_folders()
    if options.output == PIPE:
        return _send(request, console)
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


def _send(request: PackRequest, console: Console) -> int:
    """Pack into standard output, which then holds nothing else."""
    from sparkvsr_engine.cli.stream_progress import StreamProgress
    from sparkvsr_engine.config import load_config
    from sparkvsr_engine.streams.pipes.sending import send

    if console.as_json:
        raise InvalidSettings("--json and -o - both write to standard output; leave one of them out.")
    with StreamProgress(console, str(request.source.path), PIPE) as progress:
        try:
            sent = send(load_config(), request, sys.stdout.buffer, progress)
        except KeyboardInterrupt:
            raise JobCancelled("Packing was stopped; what was sent can be unpacked.") from None
    console.note(f"{sent.frames} frames in {sent.pieces} pieces, {sent.sent_bytes} bytes")
    return 0


def run_unpack(options: argparse.Namespace, console: Console) -> int:
    """Restore a pipe until it ends."""
    from sparkvsr_engine.cli.stream_progress import StreamProgress
    from sparkvsr_engine.config import load_config
    from sparkvsr_engine.media.faults import media_faults
    from sparkvsr_engine.streams.pipes.sources import require_pieces
    from sparkvsr_engine.streams.pipes.unpacking import UnpackRequest, unpack

    target = OutputTarget(absolute(options.output), options.codec, options.quality, options.overwrite)
    request = UnpackRequest(target, options.model, options.device)
    config = load_config()
    config.make_folders()
    with contextlib.ExitStack() as stack:
        progress = stack.enter_context(StreamProgress(console, options.source, options.output))
        if options.source == PIPE:
            stream: BinaryIO = sys.stdin.buffer
        else:
            require_pieces(options.source, target.path)
            with media_faults(options.source, writing=False):
                stream = stack.enter_context(Path(options.source).open("rb"))
        result = unpack(config, request, stream, progress)
    for sentence in result.warnings:
        console.warn(sentence)
    console.result(
        f"{options.output}: {result.frames} frames, {result.keyframes} keyframes,"
        f" {result.lost_frames} frames lost",
        "unpacked",
        target=target.path,
        frames=result.frames,
        pieces=result.pieces,
        keyframes=result.keyframes,
        lost_frames=result.lost_frames,
        lost_bytes=result.lost_bytes,
    )
    return 0


def pack_request(options: argparse.Namespace) -> PackRequest:
    """The request of parsed options; raises InvalidSettings."""
    from sparkvsr_engine.streams.requests import DEFAULT_QUALITY, PackRequest, parse_placement, parse_rate

    if options.rate is not None and options.quality is not None:
        raise InvalidSettings("--rate and --quality contradict each other; give one of them.")
    return PackRequest(
        source=source_of(options.source, options.frames),
        target=Path("stream.mkv" if options.output == PIPE else absolute(options.output)),
        factor=options.factor,
        codec=options.codec,
        keyframes=parse_placement(options.keyframes),
        rate=parse_rate(options.rate) if options.rate is not None else 0,
        quality=DEFAULT_QUALITY if options.quality is None else options.quality,
        overwrite=options.overwrite,
    )
