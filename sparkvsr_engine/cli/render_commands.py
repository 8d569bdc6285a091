"""Commands that render: upscale, revise, demo."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.settings import Revision
from sparkvsr_engine.cli.console import Console
from sparkvsr_engine.cli.job_options import (
    add_keyframe_colour_option,
    add_setting_options,
    add_target_options,
    config_note,
    damage_of,
    frame_range,
    revised_keyframes,
    spec_of,
    target_of,
)
from sparkvsr_engine.cli.paths import absolute

if TYPE_CHECKING:
    from sparkvsr_engine.cli.parser import Commands


# A movie whose packets do not say which frames there are is decoded once before its job is accepted.
_LOOKED_AT_SECONDS = 1800.0


def add_commands(commands: Commands) -> None:
    """Add them."""
    upscale = commands.add(
        "upscale",
        run_upscale,
        "Upscale a movie or a numbered sequence.",
        "sparkvsr upscale plate.%04d.png -o out/%04d.png --keyframe 12=fixed.png",
    )
    upscale.add_argument("source", metavar="SOURCE", help="movie | plate.%%04d.exr | plate.####.png | folder")
    upscale.add_argument("-o", "--output", required=True, metavar="TARGET", help="movie, or numbered pattern")
    upscale.add_argument(
        "--in-process", action="store_true", help="render in this process, without the daemon"
    )
    add_setting_options(upscale)
    add_target_options(upscale)

    revise = commands.add(
        "revise",
        run_revise,
        "Make a new version of a job; only what changed is rendered.",
        "sparkvsr revise 1f0c2d3e4b --keyframe 60=better.png -o out_v2/%04d.png",
    )
    revise.add_argument("job", metavar="JOB")
    revise.add_argument("-o", "--output", metavar="TARGET", help="default: beside the version before")
    revise.add_argument(
        "--keyframe", action="append", default=[], metavar="N[=IMG][@STRENGTH]", help="set or add"
    )
    add_keyframe_colour_option(revise)
    revise.add_argument(
        "--drop-keyframe", action="append", default=[], type=int, metavar="N", help="take away"
    )
    revise.add_argument("--guidance", type=float, default=None, metavar="G")
    revise.add_argument(
        "--damage", metavar="auto|0..1", help="how damaged the source is to be taken; every frame is rendered"
    )
    revise.add_argument("--frames", metavar="A-B")
    add_target_options(revise)

    demo = commands.add(
        "demo",
        run_demo,
        "Run the main job on the clip that ships in the package.",
        "sparkvsr demo --output demo",
    )
    demo.add_argument("--output", default="sparkvsr-demo", metavar="DIR")
    demo.add_argument(
        "--timeline", action="store_true", help="cut the clip into three and conform the timeline instead"
    )


def run_upscale(options: argparse.Namespace, console: Console) -> int:
    """Submit the job, follow it to its end."""
    from bridge.messages import JobReply, SubmitJobRequest
    from bridge.process import EngineProcess
    from sparkvsr_engine.cli.following import JobFollower, tell_end

    spec = spec_of(options)
    note = config_note(spec.settings, options)
    if note:
        console.note(note)
    if options.in_process:
        from sparkvsr_engine.cli.in_process import run_in_process

        tell_end(console, run_in_process(spec, console))
        return 0
    engine = EngineProcess()
    with engine.ensure("cli") as client:
        follower = JobFollower(engine, client, console)
        report = client.request(SubmitJobRequest(spec), JobReply, timeout_seconds=_LOOKED_AT_SECONDS).report
        console.event("submitted", job=report.job, version=report.version)
        tell_end(console, follower.follow(report))
    return 0


def run_revise(options: argparse.Namespace, console: Console) -> int:
    """Submit the revision, say what is reused, follow it."""
    from bridge.messages import JobReply, ReviseJobRequest
    from bridge.process import EngineProcess
    from sparkvsr_engine.cli.following import JobFollower, tell_end

    first, last = frame_range(options.frames) if options.frames else (None, None)
    output = target_of(options) if options.output else None
    revision = Revision(
        set_keyframes=revised_keyframes(options),
        drop_keyframes=tuple(options.drop_keyframe),
        guidance=options.guidance,
        damage=damage_of(options.damage) if options.damage else None,
        judges_damage=options.damage == "auto",
        first_frame=first,
        last_frame=last,
        output=output,
    )
    engine = EngineProcess()
    with engine.ensure("cli") as client:
        follower = JobFollower(engine, client, console)
        report = client.request(
            ReviseJobRequest(options.job, revision), JobReply, timeout_seconds=_LOOKED_AT_SECONDS
        ).report
        console.event(
            "revised",
            job=report.job,
            version=report.version,
            rendered_frames=report.frames_rendered,
            reused_frames=report.frames_reused,
        )
        console.note(
            f"version {report.version}: {report.frames_rendered} frames to render,"
            f" {report.frames_reused} reused"
        )
        tell_end(console, follower.follow(report))
    return 0


def run_demo(options: argparse.Namespace, console: Console) -> int:
    """Upscale the packaged clip and leave a before/after picture beside it."""
    if options.timeline:
        from sparkvsr_engine.cli.conform_commands import require_timelines

        require_timelines()
        from sparkvsr_engine.cli.demo_timeline import run_timeline_demo

        return run_timeline_demo(Path(options.output), console)
    from sparkvsr_engine.cli.demo import run_demo as run

    return run(Path(absolute(options.output)), console)
