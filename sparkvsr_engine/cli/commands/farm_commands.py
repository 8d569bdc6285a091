"""Commands of a render farm: bundle, and the steps that its hosts run: prepare, render, join."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_bridge.errors import InvalidSettings, JobCancelled, SparkVSRError
from sparkvsr_bridge.settings import PRIORITIES
from sparkvsr_engine.cli.console import Console, record_values
from sparkvsr_engine.cli.job_options import add_setting_options, add_target_options, config_note, spec_of
from sparkvsr_engine.cli.paths import absolute
from sparkvsr_engine.cli.subcommands import add_source_and_target
from sparkvsr_engine.farm.template import FRAMES_PER_TASK

if TYPE_CHECKING:
    from sparkvsr_bridge.messages import JobReport
    from sparkvsr_bridge.records import Record
    from sparkvsr_engine.cli.subcommands import Commands
    from sparkvsr_engine.farm.steps import HostPaths


def add_commands(commands: Commands) -> None:
    """Add them."""
    farm = commands.group(
        "farm",
        "Render on a farm: an Open Job Description bundle, and what its hosts run.",
        "sparkvsr farm prepare /mnt/farm/shot_010",
    )
    bundle = farm.add(
        "bundle",
        run_bundle,
        "Write a job as an Open Job Description bundle.",
        "sparkvsr farm bundle plate.%04d.exr -o out/%04d.exr --to /mnt/farm/shot_010",
    )
    add_source_and_target(bundle)
    bundle.add_argument("--to", required=True, metavar="DIR", help="an empty folder that every host sees")
    bundle.add_argument(
        "--task-frames",
        type=int,
        default=FRAMES_PER_TASK,
        metavar="N",
        help=f"frames of one render task; default {FRAMES_PER_TASK}",
    )
    bundle.add_argument(
        "--wheel",
        default="",
        metavar="FILE|NAME",
        help="what each host gets by pip first; default: the program is there",
    )
    add_setting_options(bundle)
    # A farm has a queue of its own.
    bundle.set_defaults(priority=PRIORITIES[0])
    add_target_options(bundle)
    _add_step(farm, "prepare", run_prepare, "Plan a bundle, make its keyframes, learn its shots.")
    render = _add_step(farm, "render", run_render, "Render the frames of one task of a bundle.")
    render.add_argument("--first", type=int, required=True, metavar="N", help="first frame of the task")
    render.add_argument("--count", type=int, required=True, metavar="N", help="frames of the task")
    _add_estimate(farm)
    _add_step(farm, "join", run_join, "Check that every frame of a bundle is there; make the result of them.")


def _add_step(farm: Commands, name: str, run: Callable[..., int], summary: str) -> argparse.ArgumentParser:
    options = f" --first 0 --count {FRAMES_PER_TASK}" if name == "render" else ""
    step = farm.add(name, run, summary, f"sparkvsr farm {name} /mnt/farm/shot_010{options}")
    step.add_argument("bundle", metavar="DIR", help="the bundle's folder")
    step.add_argument(
        "--source", default="", metavar="PATH", help="where this host sees the movie, or the pictures' folder"
    )
    step.add_argument(
        "--target-folder", default="", metavar="DIR", help="where this host sees the result's folder"
    )
    return step


def _add_estimate(farm: Commands) -> None:
    estimate = farm.add(
        "estimate",
        run_estimate,
        "Estimate how long numbers of devices take for a film, and what limits them.",
        "sparkvsr farm estimate --frames 150000 --devices 1,10,100,1000 --render-seconds 6.5",
    )
    estimate.add_argument("--frames", type=int, required=True, metavar="N", help="of the whole film")
    estimate.add_argument(
        "--devices", default="1,10,100,1000", metavar="N,N", help="numbers of devices; default 1,10,100,1000"
    )
    for name, metavar, text in (
        ("shot-frames", "N", "frames of a shot; default 150"),
        ("task-frames", "N", f"frames of a render task; default {FRAMES_PER_TASK}"),
        ("start-seconds", "S", "until a process renders; default 4"),
        ("render-seconds", "S", "per frame on one device; default 6.5"),
        ("keyframe-seconds", "S", "per keyframe that a model makes; default 12"),
        ("keyframes-per-shot", "N", "default 3"),
        ("frame-megabytes", "MB", "read and written per frame; default 60"),
        ("storage-megabytes", "MB", "per second, of the storage that all share; default 1200"),
        ("failure-hours", "H", "between failures of one device; default 500, 0 for none"),
        ("price", "P", "of one device per hour; default 0"),
    ):
        kind = int if name in ("shot-frames", "task-frames") else float
        estimate.add_argument(f"--{name}", type=kind, metavar=metavar, help=text)


def run_bundle(options: argparse.Namespace, console: Console) -> int:
    """Write the bundle, print how to start it."""
    from sparkvsr_engine.farm.bundling import write_bundle

    spec = spec_of(options)
    note = config_note(spec.settings, options)
    if note:
        console.note(note)
    is_file = options.wheel.endswith(".whl")
    wheel = absolute(options.wheel) if is_file else options.wheel
    bundle = write_bundle(spec, Path(absolute(options.to)), options.task_frames, wheel)
    path = bundle.folder.template
    console.result(
        f"{path}: {bundle.frames} frames in {bundle.tasks} render tasks; submit it to the farm, or run it:"
        f" openjd run {path} -p file://{bundle.folder.parameters}",
        "bundled",
        path=str(path),
        frames=bundle.frames,
        tasks=bundle.tasks,
    )
    return 0


def run_estimate(options: argparse.Namespace, console: Console) -> int:
    """A line per number of devices."""
    import dataclasses

    from sparkvsr_engine.farm.simulation import Figures, Work, forecast

    scales = {"frame_megabytes": ("frame_bytes", 1e6), "storage_megabytes": ("storage_bandwidth", 1e6)}
    names = {
        "start_seconds": "start",
        "render_seconds": "render",
        "keyframe_seconds": "keyframe",
        "failure_hours": "hours_between_failures",
        "keyframes_per_shot": "keyframes_per_shot",
        "price": "price",
    }
    chosen = {name: value for name, value in vars(options).items() if value is not None}
    values = {names[name]: chosen[name] for name in names if name in chosen}
    values |= {field: chosen[name] * unit for name, (field, unit) in scales.items() if name in chosen}
    sizes = {name: chosen[name] for name in ("frames", "shot_frames", "task_frames") if name in chosen}
    rows: list[list[str]] = []
    for devices in _numbers(options.devices):
        try:
            result = forecast(Work(**sizes), Figures(**values), devices)
        except ValueError as error:
            raise InvalidSettings(f"The farm cannot be estimated: {error}.") from error
        console.event("estimate", **dataclasses.asdict(result))
        hours, busy = f"{result.seconds / 3600:.2f}", f"{100 * result.busy_share:.0f} %"
        again, cost = str(result.rendered_again), f"{result.cost:.0f}"
        rows.append([str(devices), hours, busy, again, cost, result.limit])
    columns = ["devices", "hours", "busy", "rendered again", "cost", "limited by"]
    console.line(console.table(columns, rows))
    return 0


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InvalidSettings(f"the devices '{text}' are no numbers; write 1,10,100.") from None


def run_prepare(options: argparse.Namespace, console: Console) -> int:
    """The first step."""
    from sparkvsr_engine.farm.steps import prepare

    with _farm_errors(console):
        prepared = prepare(_paths(options), _watcher(console))
    keyframes = [keyframe.frame for keyframe in prepared.plan.keyframes]
    console.result(f"prepared: {len(keyframes)} keyframes", "prepared", keyframes=keyframes)
    return 0


def run_render(options: argparse.Namespace, console: Console) -> int:
    """One task of the second step."""
    from sparkvsr_engine.core.frames import FrameSpan
    from sparkvsr_engine.farm.steps import render

    if options.count < 1:
        raise InvalidSettings(f"--count {options.count} renders nothing; write 1 or more.")
    frames = FrameSpan(options.first, options.first + options.count)
    with _farm_errors(console):
        render(_paths(options), frames, _watcher(console))
    console.result(
        f"rendered: frames {frames.first}-{frames.last}", "rendered", frames=[frames.first, frames.last]
    )
    return 0


def run_join(options: argparse.Namespace, console: Console) -> int:
    """The last step."""
    from sparkvsr_engine.farm.steps import join

    with _farm_errors(console):
        spec = join(_paths(options), _watcher(console))
    console.result(f"finished: {spec.output.path}", "joined", path=spec.output.path)
    return 0


def _paths(options: argparse.Namespace) -> HostPaths:
    from sparkvsr_engine.farm.steps import HostPaths

    source = absolute(options.source) if options.source else ""
    target = absolute(options.target_folder) if options.target_folder else ""
    return HostPaths(Path(absolute(options.bundle)), source, target)


def _watcher(console: Console) -> Callable[[Record], None]:
    """Shows a step's events in the words that Open Job Description reads in a task's output."""
    from sparkvsr_engine.cli.following import show_event

    def show_progress(report: JobReport) -> None:
        console.event("progress", **record_values(report))
        if report.frames_total:
            console.line(f"openjd_progress: {100 * report.frames_done / report.frames_total:.1f}")
        console.line(f"openjd_status: {report.phase}")

    return lambda event: show_event(event, console, show_progress)


@contextlib.contextmanager
def _farm_errors(console: Console) -> Generator[None]:
    """An error as the farm shows it; Ctrl-C keeps what is finished."""
    from sparkvsr_engine.errors import translate

    try:
        yield
    except KeyboardInterrupt:
        raise JobCancelled("The step was cancelled; run it again to go on.") from None
    except Exception as problem:
        error: SparkVSRError = translate(problem)
        console.line(f"openjd_fail: {error.message}")
        raise error from problem
