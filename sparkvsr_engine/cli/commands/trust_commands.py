"""Commands about how far a rendered job trusted its keyframes: suggest, confidence."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sparkvsr_engine.cli.console import Console, record_values
from sparkvsr_engine.cli.job_options import frame_list
from sparkvsr_engine.cli.paths import absolute

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands

_STRIP = "▁▂▃▄▅▆▇█"
_STRIP_WIDTH = 100


def add_commands(commands: Commands) -> None:
    """Add them."""
    suggest = commands.add(
        "suggest",
        run_suggest,
        "Show where one more keyframe would help a rendered job most.",
        "sparkvsr suggest 1f0c2d3e4b --among 1012,1040,1061-1070",
    )
    suggest.add_argument("job", metavar="JOB", help="its name, as 'sparkvsr jobs' lists it")
    suggest.add_argument("--count", type=int, default=1, metavar="K", help="how many, the best first")
    suggest.add_argument(
        "--among",
        default="",
        metavar="N,A-B",
        help="frames to choose from, such as those you have pictures of",
    )

    confidence = commands.add(
        "confidence",
        run_confidence,
        "Show how far a rendered job trusted its keyframes: per frame, or one frame as a heat map.",
        "sparkvsr confidence 1f0c2d3e4b --frame 40 -o trust.png",
    )
    confidence.add_argument("job", metavar="JOB", help="its name, as 'sparkvsr jobs' lists it")
    confidence.add_argument("--frame", type=int, default=None, metavar="N", help="the frame to show")
    confidence.add_argument("-o", "--output", default="", metavar="IMG", help="where its heat map goes")
    for command in (suggest, confidence):
        command.add_argument("--version", type=int, default=0, metavar="V", help="default: the latest")


def run_suggest(options: argparse.Namespace, console: Console) -> int:
    """Ask where trust was measured low."""
    from sparkvsr_bridge.messages import KeyframesReply, SuggestNextRequest
    from sparkvsr_bridge.process import EngineProcess

    request = SuggestNextRequest(options.job, options.version, options.count, frame_list(options.among))
    with EngineProcess().ensure("cli") as client:
        suggestion = client.request(request, KeyframesReply, timeout_seconds=120)
    for choice in suggestion.choices:
        console.keyframe(choice)
    if not suggestion.choices:
        console.note("no further keyframe would help")
    console.event("suggested", count=len(suggestion.choices), **record_values(suggestion))
    return 0


def run_confidence(options: argparse.Namespace, console: Console) -> int:
    """Ask for the strip, and the heat map where a frame is named."""
    from sparkvsr_bridge.errors import InvalidSettings
    from sparkvsr_bridge.messages import ConfidenceReply, ConfidenceRequest
    from sparkvsr_bridge.process import EngineProcess

    if (options.frame is None) == bool(options.output):
        raise InvalidSettings("a heat map needs --frame N and -o IMG, both; leave both out for all frames.")
    target = absolute(options.output) if options.output else ""
    request = ConfidenceRequest(options.job, options.version, options.frame, target)
    with EngineProcess().ensure("cli") as client:
        confidence = client.request(request, ConfidenceReply, timeout_seconds=120)
    trust_of_frame = dict(zip(confidence.frames, confidence.trust, strict=True))
    if options.frame is not None:
        text = f"{target}: frame {options.frame}, trusted by {trust_of_frame[options.frame]:.2f} on average"
    else:
        text = _strip(confidence.frames, confidence.trust)
    console.result(text, "confidence", path=target, **record_values(confidence))
    return 0


def _strip(frames: tuple[int, ...], trust: tuple[float, ...]) -> str:
    """Trust over time in one line of blocks; several frames share one where there are many."""
    if not frames:
        return "no trust yet: no frame is rendered"
    share = -(-len(frames) // _STRIP_WIDTH)
    groups = [trust[start : start + share] for start in range(0, len(trust), share)]
    blocks = [_STRIP[min(int(min(group) * len(_STRIP)), len(_STRIP) - 1)] for group in groups]
    least = min(range(len(trust)), key=trust.__getitem__)
    return f"{frames[0]} {''.join(blocks)} {frames[-1]}\nleast on frame {frames[least]}: {trust[least]:.2f}"
