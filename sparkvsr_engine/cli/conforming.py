"""Conforms from the command line: every shot through the engine under one progress, and the pull list."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sparkvsr.job import start_job
from sparkvsr_bridge.errors import EngineLost, JobCancelled
from sparkvsr_bridge.media import MediaInfo, SourceMedia
from sparkvsr_bridge.messages import JobReport, SubmitJobRequest
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.timeline.conforming import ConformReport, Render, ShotOutcome, conform, opened
from sparkvsr_bridge.timeline.engine import describer
from sparkvsr_bridge.timeline.media_files.media import Describe
from sparkvsr_bridge.timeline.planning import total_frames
from sparkvsr_bridge.timeline.records import ConformPlan, ConformWishes, SkippedClip
from sparkvsr_bridge.timeline.requests import Recipe, ShotRequest
from sparkvsr_engine.cli.console import Console, ProgressBar, record_values
from sparkvsr_engine.cli.following import JobFollower

_LONGEST_CLIP_NAME = 60

COLUMNS = ("clip", "source", "first_frame", "last_frame", "keyframes")


class TimelineProgress:
    """One bar for all shots: frames done and left of the whole timeline."""

    def __init__(self, bar: ProgressBar) -> None:
        self._bar = bar
        self._total = 0
        self._before = 0

    def plan(self, plan: ConformPlan) -> None:
        """How much there is to do."""
        self._total = total_frames(plan)

    def show(self, report: JobReport) -> None:
        """How far the shot in hand is, as part of the whole."""
        is_rendering = report.phase in ("rendering", "finishing")
        done = self._before + (report.frames_done if is_rendering else 0)
        remaining = self._total - done
        eta = remaining / report.frames_per_second if report.frames_per_second else None
        self._bar.show(replace(report, frames_done=done, frames_total=self._total, eta_seconds=eta))

    def finished(self, report: JobReport) -> None:
        """A shot is done."""
        self._before += report.frames_done


@dataclass(frozen=True)
class Files:
    """What is read and what is written.

    Attributes:
        source: the timeline.
        output: the timeline with results.
        in_process: whether shots are rendered without the daemon.
        farm: folder of bundles, one per shot, which a farm renders; empty where shots are rendered here.
    """

    source: str
    output: str
    in_process: bool = False
    farm: str = ""


def run(files: Files, wishes: ConformWishes, recipe: Recipe, console: Console) -> ConformReport:
    """Conform, and show how it ended.

    Args:
        files: what is read and what is written.
        wishes: how to conform.
        recipe: settings and targets of the jobs.
        console: where the command's output goes.
    """
    if files.farm:
        bundles = ShotBundles(Path(files.farm), console)
        report = conform(files.source, files.output, wishes, recipe, _probed, bundles.write)
        console.note(f"{files.farm}: the results of {files.output} are there when the farm has rendered them")
        return report
    with (
        ProgressBar(console) as bar,
        _engine(files.in_process, console, TimelineProgress(bar)) as (describe, render, progress),
    ):
        report = conform(files.source, files.output, wishes, recipe, describe, render, progress.plan)
    show_end(report, console)
    return report


class ShotBundles:
    """Writes a bundle per shot, each in a folder named by its place in the cut and its first clip."""

    def __init__(self, folder: Path, console: Console) -> None:
        self._folder = folder
        self._console = console
        self._count = 0

    def write(self, request: ShotRequest) -> JobReport:
        """Write the bundle of a shot; the report of a job that waits. Raises what `write_bundle` raises."""
        from sparkvsr_engine.farm.bundling import write_bundle

        self._count += 1
        clip = re.sub(r"[^\w.-]+", "_", request.shot.clips[0])[:_LONGEST_CLIP_NAME]
        bundle = write_bundle(request.spec, self._folder / f"{self._count:03d}_{clip}")
        path = str(bundle.folder.template)
        self._console.result(path, "bundled", path=path, frames=bundle.frames, tasks=bundle.tasks)
        spec = request.spec
        return JobReport("", 0, "queued", spec.source.path, spec.output.path, frames_total=bundle.frames)


def list_pulls(files: Files, wishes: ConformWishes, form: str, console: Console) -> int:
    """Print what would be rendered; 1 where a clip would have no result.

    Args:
        files: what is read and what is written.
        wishes: how to conform.
        form: text, csv or json.
        console: where the command's output goes.
    """
    with (
        _describing(files.in_process) as describe,
        opened(files.source, "", wishes, describe) as timeline,
    ):
        plan = timeline.plan
    if console.as_json:
        console.event("pull_list", **pull_values(plan))
    else:
        console.result(_pulls_as(plan, form, console), "pull_list")
        _show_clips(plan.skipped, plan.notes, console)
    if not plan.shots:
        console.note(_nothing(files.source))
    return 0 if plan.shots and not plan.skipped else 1


def pull_values(plan: ConformPlan) -> dict[str, Any]:
    """The pull list for machines: clip by clip, and the jobs they make."""
    uses = sorted((use for shot in plan.shots for use in shot.uses), key=lambda use: use.index)
    clips = [
        {
            "clip": use.clip,
            "source": use.medium.path,
            "first_frame": use.used.first,
            "last_frame": use.used.last,
            "keyframes": list(use.keyframes),
            "shown_first_frame": use.used.shown_first,
            "shown_last_frame": use.used.shown_last,
        }
        for use in uses
    ]
    shots = [
        {
            "clip": ", ".join(shot.clips),
            "clips": list(shot.clips),
            "source": shot.medium.path,
            "first_frame": shot.first,
            "last_frame": shot.last,
            "keyframes": list(shot.keyframes),
        }
        for shot in plan.shots
    ]
    return {"clips": clips, "shots": shots, "skipped": _skipped(plan.skipped), "notes": list(plan.notes)}


def show_end(report: ConformReport, console: Console) -> None:
    """The last line: what was made of which clips."""
    _show_clips(report.skipped, report.notes, console)
    shots = [_shot_values(outcome) for outcome in report.shots]
    if not shots:
        console.note(_nothing(report.output))
    console.result(
        _end_text(report),
        "conformed",
        output=report.output,
        shots=shots,
        skipped=_skipped(report.skipped),
        notes=list(report.notes),
    )


def _end_text(report: ConformReport) -> str:
    frames = sum(outcome.report.frames_done for outcome in report.shots)
    passes = sum(outcome.report.passes_run for outcome in report.shots)
    text = f"{report.output}: {_counted(len(report.shots), 'shot')}, {_counted(frames, 'frame')}"
    text += f", {_counted(passes, 'network pass', 'network passes')}"
    if report.skipped:
        text += f"; {_counted(len(report.skipped), 'clip')} without a result"
    return text


def _shot_values(outcome: ShotOutcome) -> dict[str, Any]:
    """A shot for machines: its clips and frames, and the report of its job."""
    shot = outcome.request.shot
    return {
        **record_values(outcome.report),
        "clip": ", ".join(shot.clips),
        "clips": list(shot.clips),
        "source": shot.medium.path,
        "first_frame": shot.first,
        "last_frame": shot.last,
    }


def _show_clips(skipped: tuple[SkippedClip, ...], notes: tuple[str, ...], console: Console) -> None:
    for note in notes:
        console.warn(note)
    for clip in skipped:
        console.warn(f"{clip.clip}: {clip.reason}")


def _counted(count: int, singular: str, many: str = "") -> str:
    return f"{count} {singular if count == 1 else many or singular + 's'}"


def _nothing(name: str) -> str:
    return f"sparkvsr: {name} has no clip that can be conformed; the reasons stand above."


def _skipped(clips: tuple[SkippedClip, ...]) -> list[dict[str, str]]:
    return [{"clip": clip.clip, "reason": clip.reason} for clip in clips]


def _pulls_as(plan: ConformPlan, form: str, console: Console) -> str:
    values = pull_values(plan)
    if form == "json":
        return json.dumps(values, ensure_ascii=False, indent=2)
    rows = [
        [*(str(clip[column]) for column in COLUMNS[:-1]), " ".join(map(str, clip["keyframes"]))]
        for clip in values["clips"]
    ]
    if form == "csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
        return text.getvalue().rstrip("\n")
    return console.table([column.replace("_", " ") for column in COLUMNS], rows)


@contextlib.contextmanager
def _describing(in_process: bool) -> Generator[Describe]:
    if in_process:
        yield _probed
        return
    with EngineProcess().ensure("cli") as client:
        yield describer(client)


@contextlib.contextmanager
def _engine(
    in_process: bool, console: Console, progress: TimelineProgress
) -> Generator[tuple[Describe, Render, TimelineProgress]]:
    if in_process:
        yield _probed, _noting_ends(console, progress, _in_process(console, progress)), progress
        return
    engine = EngineProcess()
    with engine.ensure("cli") as client:
        follower = JobFollower(console)

        def render(request: ShotRequest) -> JobReport:
            submit = SubmitJobRequest(request.spec)
            try:
                job = start_job(engine, client, submit)
            except EngineLost:
                # Between two shots nobody follows a job who would have noticed.
                engine.reconnect(client)
                job = start_job(engine, client, submit)
            console.event("submitted", **record_values(job.report), clips=list(request.shot.clips))
            return follower.follow(job, progress.show)

        yield describer(client), _noting_ends(console, progress, render), progress


def _in_process(console: Console, progress: TimelineProgress) -> Render:
    def render(request: ShotRequest) -> JobReport:
        from sparkvsr_engine.cli.in_process import run_in_process

        return run_in_process(request.spec, console, progress.show)

    return render


def _noting_ends(
    console: Console, progress: TimelineProgress, render: Callable[[ShotRequest], JobReport]
) -> Render:
    """As `render`; each end is noted."""

    def follow_with_progress(request: ShotRequest) -> JobReport:
        try:
            report = render(request)
        except JobCancelled as error:
            raise JobCancelled(
                "The conform was cancelled; the same command goes on from the last finished chunk."
            ) from error
        progress.finished(report)
        clips = list(request.shot.clips)
        console.event("shot", **record_values(report), clips=clips, frames=report.frames_done)
        return report

    return follow_with_progress


def _probed(path: str, frame: int | None) -> MediaInfo:
    from sparkvsr_engine.media.probe import probe

    return probe(SourceMedia(path, frame, frame)).media_info()
