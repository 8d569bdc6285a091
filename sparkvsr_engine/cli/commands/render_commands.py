"""Commands that render: upscale, revise, demo."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.settings import LEARN_AFTERWARDS, ON_DAMAGE, Revision
from sparkvsr_engine.cli.console import Console, record_values
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
from sparkvsr_engine.cli.subcommands import add_priority_option, add_source_and_target

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands


def add_commands(commands: Commands) -> None:
    """Add them."""
    _add_upscale(commands)
    _add_revise(commands)
    _add_demo(commands)


def _add_upscale(commands: Commands) -> None:
    upscale = commands.add(
        "upscale",
        run_upscale,
        "Upscale a movie or a numbered sequence.",
        "sparkvsr upscale plate.%04d.png -o out/%04d.png --keyframe 12=fixed.png",
    )
    add_source_and_target(upscale)
    upscale.add_argument(
        "--in-process", action="store_true", help="render in this process, without the daemon"
    )
    add_priority_option(upscale)
    add_setting_options(upscale)
    add_target_options(upscale)


def _add_revise(commands: Commands) -> None:
    revise = commands.add(
        "revise",
        run_revise,
        "Make a new version of a job; only what changed is rendered.",
        "sparkvsr revise 1f0c2d3e4b --keyframe 60=better.png -o out_v2/%04d.png",
    )
    revise.add_argument("job", metavar="JOB", help="its name, as 'sparkvsr jobs' lists it")
    revise.add_argument("-o", "--output", metavar="TARGET", help="default: beside the version before")
    revise.add_argument(
        "--keyframe", action="append", default=[], metavar="N[=IMG][@STRENGTH]", help="set or add"
    )
    add_keyframe_colour_option(revise)
    revise.add_argument(
        "--drop-keyframe", action="append", default=[], type=int, metavar="N", help="take away"
    )
    revise.add_argument(
        "--guidance",
        type=float,
        default=None,
        metavar="G",
        help="0 blind .. 1 as trained .. 2; default: as before",
    )
    revise.add_argument(
        "--damage", metavar="auto|0..1", help="override the damage estimate; all frames are rendered again"
    )
    revise.add_argument(
        "--learn",
        choices=LEARN_AFTERWARDS,
        help="learn shots anew from their keyframes, or not at all; all frames of those shots are rendered",
    )
    revise.add_argument("--frames", metavar="A-B", help="another range, inclusive; default: as before")
    revise.add_argument(
        "--on-damage",
        choices=ON_DAMAGE,
        help="show a neighbour for a frame that cannot be decoded, or end the job; every frame is rendered",
    )
    add_target_options(revise, changes=True)


def _add_demo(commands: Commands) -> None:
    demo = commands.add(
        "demo",
        run_demo,
        "Run the main job on the clip that ships in the package.",
        "sparkvsr demo --output demo",
    )
    demo.add_argument(
        "--output",
        default="sparkvsr-demo",
        metavar="DIR",
        help="folder of the results; default sparkvsr-demo",
    )
    demo.add_argument("--frames", metavar="A-B", help="part of the clip's 72 frames, for slow machines")
    demo.add_argument(
        "--timeline", action="store_true", help="cut the clip into three and conform the timeline instead"
    )


def run_upscale(options: argparse.Namespace, console: Console) -> int:
    """Submit the job, follow it to its end."""
    from sparkvsr.job import start_job
    from sparkvsr_bridge.messages import SubmitJobRequest
    from sparkvsr_bridge.process import EngineProcess
    from sparkvsr_engine.cli.following import JobFollower, show_end

    spec = spec_of(options)
    note = config_note(spec.settings, options)
    if note:
        console.note(note)
    if options.in_process:
        from sparkvsr_engine.cli.in_process import run_in_process

        show_end(console, run_in_process(spec, console))
        return 0
    engine = EngineProcess()
    with engine.ensure("cli") as client:
        job = start_job(engine, client, SubmitJobRequest(spec))
        console.event("submitted", **record_values(job.report))
        show_end(console, JobFollower(console).follow(job))
    return 0


def run_revise(options: argparse.Namespace, console: Console) -> int:
    """Submit the revision, note what is reused, follow it."""
    from sparkvsr.job import start_job
    from sparkvsr_bridge.messages import ReviseJobRequest
    from sparkvsr_bridge.process import EngineProcess
    from sparkvsr_engine.cli.following import JobFollower, show_end

    revision = revision_of(options)
    engine = EngineProcess()
    with engine.ensure("cli") as client:
        job = start_job(engine, client, ReviseJobRequest(options.job, revision))
        report = job.report
        console.event("revised", **record_values(report))
        console.note(
            f"version {report.version}: {report.frames_rendered} frames to render,"
            f" {report.frames_reused} reused"
        )
        show_end(console, JobFollower(console).follow(job))
    return 0


def revision_of(options: argparse.Namespace) -> Revision:
    """What the options change; without `-o` those of the target change the one beside the version before.

    Raises InvalidSettings.
    """
    first, last = frame_range(options.frames) if options.frames else (None, None)
    names = () if options.output else ("codec", "quality", "layers", "overwrite")
    return Revision(
        set_keyframes=revised_keyframes(options),
        drop_keyframes=tuple(options.drop_keyframe),
        guidance=options.guidance,
        damage=damage_of(options.damage) if options.damage else None,
        judges_damage=options.damage == "auto",
        learn=options.learn,
        first_frame=first,
        last_frame=last,
        output=target_of(options) if options.output else None,
        on_damage=options.on_damage,
        **{name: getattr(options, name) for name in names},
    )


def run_demo(options: argparse.Namespace, console: Console) -> int:
    """Upscale the packaged clip and leave a before/after picture beside it."""
    if options.timeline:
        if options.frames:
            raise InvalidSettings("demo --timeline has frames of its own; leave --frames out.")
        from sparkvsr_engine.cli.commands.conform_commands import require_timelines

        require_timelines()
        from sparkvsr_engine.cli.demo_timeline import run_timeline_demo

        return run_timeline_demo(Path(options.output), console)
    from sparkvsr_engine.cli.demo import run_demo as run

    first, last = frame_range(options.frames) if options.frames else (None, None)
    return run(Path(absolute(options.output)), first, last, console)
