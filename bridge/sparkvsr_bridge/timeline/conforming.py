"""From file to file: read, plan, render shot by shot, write. What the command line calls is called here."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Generator, List, Tuple

from ..errors import (
    ConnectionFailed,
    InvalidSettings,
    JobCancelled,
    MediaUnreadable,
    OutputUnwritable,
    SparkVSRError,
    TargetExists,
)
from ..reports import JobReport
from ..system.held_files import replace_when_free
from .library import otio
from .media_files.bundles import is_bundle, unpack
from .media_files.media import Describe
from .planning import plan_conform
from .reading import EDL_RATE, disables_clips, read_timeline
from .records import ConformPlan, ConformWishes, ShotPlan, SkippedClip
from .requests import Recipe, ShotRequest, request_of
from .results.placing import add_tracks
from .results.resolve import shape_for_resolve
from .results.write_back import ClipResult, write_back

Render = Callable[[ShotRequest], JobReport]
"""Renders a job to its end and returns its last report; raises its error."""


@dataclass(frozen=True)
class Opened:
    """A timeline that was read, and its plan. path: where relative names count from."""

    root: Any
    folder: str
    plan: ConformPlan


@dataclass(frozen=True)
class ShotOutcome:
    """A shot and the last report of its job."""

    request: ShotRequest
    report: JobReport


@dataclass(frozen=True)
class ConformReport:
    """How a conform ended. output: the timeline that was written."""

    output: str
    shots: Tuple[ShotOutcome, ...]
    skipped: Tuple[SkippedClip, ...]
    notes: Tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether there was something to conform and all of it has a result."""
        return bool(self.shots) and not self.skipped


@contextlib.contextmanager
def opened(
    source: str, output: str, wishes: ConformWishes, describe: Describe
) -> Generator[Opened, None, None]:
    """Read and plan.

    Args:
        source: the file that is read.
        output: empty for a look, which leaves nothing behind.
        wishes: how to conform.
        describe: gives what a medium is.

    Raises:
        MediaUnreadable: where the source cannot be read.
        InvalidSettings: where a value makes no sense.
        ModelMissing: where weights or a package are missing.
        ConnectionFailed: where the engine cannot be reached.
    """
    source = os.path.abspath(source)
    with _unpacked(source, output) as path:
        root = read_timeline(path, wishes.rate)
        folder = os.path.dirname(path)
        plan = plan_conform(root, folder, wishes, describe)
        yield Opened(root, folder, _with_notes(plan, source, folder, output, wishes))


def conform(
    source: str,
    output: str,
    wishes: ConformWishes,
    recipe: Recipe,
    describe: Describe,
    render: Render,
    on_plan: Callable[[ConformPlan], None] = lambda _: None,
) -> ConformReport:
    """Read a timeline, render every shot of it, write it with the results. `render` is called shot by shot.

    Raises MediaUnreadable, InvalidSettings, ModelMissing, TargetExists, OutputUnwritable, ConnectionFailed,
    JobCancelled; a shot that fails costs its clips alone.

    Args:
        source: the file that is read.
        output: the file that is written.
        wishes: how to conform.
        recipe: settings and targets of the jobs.
        describe: gives what a medium is.
        render: renders a shot.
        on_plan: gets the plan before the first shot is rendered.
    """
    require_output(source, output)
    with opened(source, output, wishes, describe) as timeline:
        on_plan(timeline.plan)
        requests = [request_of(shot, recipe, wishes, output) for shot in timeline.plan.shots]
        outcomes, failed = _rendered(requests, render)
        skipped = [*timeline.plan.skipped, *failed]
        notes = list(timeline.plan.notes)
        notes += _add_results(timeline, results_of(outcomes), wishes)
        _write(timeline.root, output)
    return ConformReport(os.path.abspath(output), tuple(outcomes), tuple(skipped), tuple(notes))


def require_output(source: str, output: str) -> None:
    """Raise InvalidSettings or TargetExists for a result that must not be written.

    Args:
        source: the file that is read.
        output: the file that is written.
    """
    if os.path.splitext(output)[1].lower() != ".otio":
        raise InvalidSettings(
            f"{output} is no .otio file; results are written as OTIO, such as conformed.otio."
        )
    if os.path.exists(output) and os.path.exists(source) and os.path.samefile(source, output):
        raise InvalidSettings(f"{output} would be written over the timeline it is made from; choose another.")
    if os.path.isdir(output):
        raise TargetExists(f"{output} is a folder; choose another name.")


def results_of(outcomes: List[ShotOutcome]) -> Dict[int, ClipResult]:
    """The results of clips by their index in the walk.

    Args:
        outcomes: of all shots.
    """
    return {
        use.index: ClipResult(use, outcome.request.result)
        for outcome in outcomes
        for use in outcome.request.shot.uses
    }


def _rendered(requests: List[ShotRequest], render: Render) -> Tuple[List[ShotOutcome], List[SkippedClip]]:
    outcomes: List[ShotOutcome] = []
    failed: List[SkippedClip] = []
    problems: List[SparkVSRError] = []
    for request in requests:
        try:
            outcomes.append(ShotOutcome(request, render(request)))
        except (ConnectionFailed, JobCancelled):
            raise
        except SparkVSRError as problem:
            problems.append(problem)
            failed += [SkippedClip(clip, problem.message) for clip in request.shot.clips]
    if problems and not outcomes:
        _raise_of_request(problems)
    return outcomes, failed


def _raise_of_request(problems: List[SparkVSRError]) -> None:
    """A request that no shot can be rendered by is the request's fault, not the clips'."""
    if all(problem.exit_status != 1 for problem in problems):
        raise problems[0]


def _add_results(timeline: Opened, results: Dict[int, ClipResult], wishes: ConformWishes) -> List[str]:
    if wishes.shape == "resolve":
        shape_for_resolve(timeline.root, results)
        return []
    if wishes.place == "track":
        homeless = add_tracks(timeline.root, results)
        warning = "lie on no track; their results are not placed: "
        return [warning + ", ".join(homeless)] if homeless else []
    write_back(timeline.root, results, wishes)
    return []


def _write(root: Any, output: str) -> None:
    """The timeline under its name in one step."""
    output = os.path.abspath(output)
    partial = f"{os.path.splitext(output)[0]}.partial.otio"
    try:
        os.makedirs(os.path.dirname(output), exist_ok=True)
        otio.adapters.write_to_file(root, partial)
        replace_when_free(Path(partial), Path(output))
    except OSError as problem:
        raise OutputUnwritable(f"{output} cannot be written: {problem.strerror or problem}.") from problem
    except Exception as problem:
        raise OutputUnwritable(f"{output} cannot be written by OpenTimelineIO: {problem}") from problem


@contextlib.contextmanager
def _unpacked(source: str, output: str) -> Generator[str, None, None]:
    """The timeline's own file; of a bundle it lies beside the result for a moment."""
    if not is_bundle(source):
        yield source
        return
    if not os.path.exists(source):
        raise MediaUnreadable(f"{source} is not there; check the path.")
    with contextlib.ExitStack() as stack:
        folder = (
            os.path.dirname(os.path.abspath(output))
            if output
            else stack.enter_context(tempfile.TemporaryDirectory(prefix="sparkvsr-"))
        )
        path = unpack(source, folder, f".{os.path.splitext(os.path.basename(source))[0]}.bundle.otio")
        stack.callback(os.unlink, path)
        yield path


def _with_notes(
    plan: ConformPlan, source: str, folder: str, output: str, wishes: ConformWishes
) -> ConformPlan:
    notes: List[str] = []
    if source.lower().endswith(".edl") and wishes.rate is None:
        notes.append(f"the EDL is read at {EDL_RATE:g} frames per second; name another rate with --rate")
    if source.lower().endswith(".xml") and disables_clips(source):
        notes.append("which clips the XML disables is not read by its adapter: all are conformed")
    notes += _beside_note(plan.shots, source, folder, output)
    return ConformPlan(plan.shots, plan.skipped, (*plan.notes, *notes))


def _beside_note(shots: Tuple[ShotPlan, ...], source: str, folder: str, output: str) -> List[str]:
    """Relative names count from where the timeline lies: a result elsewhere does not find them."""
    if (
        not output
        or is_bundle(source)
        or os.path.realpath(os.path.dirname(os.path.abspath(output))) == (os.path.realpath(folder))
    ):
        return []
    if not any(use.is_relative for shot in shots for use in shot.uses):
        return []
    return [f"media are named relative to {folder}; {output} lies elsewhere and lacks them: write it there"]
