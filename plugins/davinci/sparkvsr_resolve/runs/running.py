# SPDX-License-Identifier: Apache-2.0
"""A plan carried out: rendered where it must be, upscaled, placed. For a thread of its own.

One clip's trouble stops no other. A result is noted down before it is placed, so that the next run places it
without rendering, whatever became of Resolve meanwhile.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from ..bridge_link import errors
from ..connections.host import Host
from ..plans.clip_plans import ClipPlan, RunPlan
from ..plans.wishes import Wishes
from ..refusals import Refused
from . import outputs
from .engine import Engine
from .memory import Memory, ResultRecord
from .placing import Imported, Result, import_result, place_on_track, place_take
from .rendering import render_clip
from .shot_jobs import RenderedFrames, rendered_request, shot_request
from .stills import repaired_stills, require_usable


@dataclasses.dataclass(frozen=True)
class ClipStep:
    """A clip on its way. step: `rendering`, `upscaling` or `placing`. fraction: 0..1. report: of its job."""

    clip: ClipPlan
    step: str
    fraction: float = 0.0
    report: Any = None


@dataclasses.dataclass(frozen=True)
class ClipEnd:
    """A clip that is done. path: of its result, empty where there is none. text: what was done.

    error: what went wrong; with a path, the result is rendered and was not placed.
    """

    clip: ClipPlan
    path: str = ""
    text: str = ""
    error: str = ""
    version: int = 0


@dataclasses.dataclass(frozen=True)
class RunReport:
    """How a run ended. warnings: that came up on the way."""

    clips: Tuple[ClipEnd, ...]
    warnings: Tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether there was something to do and all of it was done."""
        return bool(self.clips) and not any(clip.error for clip in self.clips)


Listener = Callable[[Any], None]


class Run:
    """One run. listener: gets ClipStep and ClipEnd. is_cancelled: called often."""

    def __init__(
        self,
        host: Host,
        engine: Engine,
        memory: Memory,
        wishes: Wishes,
        listener: Listener = lambda _: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._host, self._engine, self._memory, self._wishes = host, engine, memory, wishes
        self._listener, self._is_cancelled = listener, is_cancelled
        self._warnings: List[str] = []
        self._records: Dict[str, ResultRecord] = {}

    def carry_out(self, plan: RunPlan) -> RunReport:
        """Do all of a plan. Raises Refused before anything is done, JobCancelled when it was cancelled."""
        stills = repaired_stills(self._wishes.stills) if self._wishes.stills else {}
        require_usable(stills, self._wishes.options)
        ends: List[ClipEnd] = []
        waiting: List[Tuple[ClipEnd, Imported]] = []
        for clip in plan.work:
            end, imported = self._clip(plan, clip, stills)
            if imported is not None:
                waiting.append((end, imported))
            else:
                ends.append(end)
                self._listener(end)
        ends += self._track(plan, waiting) if waiting else []
        return RunReport(tuple(ends), tuple(self._warnings))

    def _clip(
        self, plan: RunPlan, clip: ClipPlan, stills: Dict[Tuple[str, int], Path]
    ) -> Tuple[ClipEnd, Optional[Imported]]:
        """A clip's end; with what was imported where a track waits for it."""
        end = ClipEnd(clip)
        try:
            result, end = self._result(plan, clip, stills)
            if plan.place == "none":
                return dataclasses.replace(end, text=f"{clip.name}: {result.path}"), None
            self._listener(ClipStep(clip, "placing", 1.0))
            self._require_new(clip, result)
            imported = import_result(self._host, result)
            self._warnings += imported.warnings
            self._remember(dataclasses.replace(self._records[result.path], pool_path=imported.media.path))
            if plan.place == "track":
                return end, imported
            return dataclasses.replace(end, text=place_take(self._host, plan.timeline.uid, imported)), None
        except errors.JobCancelled:
            raise
        except (Refused, errors.SparkVSRError) as error:
            return _failed(end, error), None

    def _result(
        self, plan: RunPlan, clip: ClipPlan, stills: Dict[Tuple[str, int], Path]
    ) -> Tuple[Result, ClipEnd]:
        """Render and upscale. Raises Refused, SparkVSRError."""
        if clip.route == "render":
            frames = self._rendered(plan, clip)
            request = rendered_request(clip, frames, self._wishes.options)
        else:
            request = shot_request(clip, self._wishes.options, stills)
        is_sequence = clip.route == "render" or clip.source.is_sequence

        def target() -> str:
            return outputs.reserve(request.path, is_sequence, request.last, self._wishes.results)

        report = self._engine.submit(request, target, clip.earlier)
        # Before it has ended: the next run's changes count from this version, whatever becomes of it.
        self._remember(_record(clip, request, report))
        report = self._engine.follow(
            report,
            lambda progress: self._listener(ClipStep(clip, "upscaling", _fraction(progress), progress)),
        )
        self._warnings += [f"{clip.name}: {text}" for text in report.warnings]
        numbers = (request.first, request.last) if is_sequence else (-1, -1)
        result = Result(clip, report.target, *numbers, start=clip.result_start)
        return result, ClipEnd(clip, report.target, version=report.version)

    def _rendered(self, plan: RunPlan, clip: ClipPlan) -> RenderedFrames:
        if not self._wishes.results:
            raise Refused("it is rendered first and has no folder of its own; name one with --results.")
        target = outputs.reserve(f"{outputs.plain_name(clip.name)}.tif", True, 0, self._wishes.results)
        folder = Path(target).parent / "source"
        return render_clip(
            self._host,
            plan.timeline.uid,
            clip,
            folder,
            lambda percent: self._listener(ClipStep(clip, "rendering", percent / 100)),
            self._is_cancelled,
        )

    def _require_new(self, clip: ClipPlan, result: Result) -> None:
        """Raise Refused for a result that is a take of its clip already."""
        paths = [take.media.path for take in clip.item.takes if take.media is not None]
        if clip.earlier is not None and clip.earlier.path == result.path and clip.earlier.pool_path in paths:
            raise Refused(
                "nothing changed since its latest take; change a keyframe, guidance or the handles."
            )

    def _track(self, plan: RunPlan, waiting: List[Tuple[ClipEnd, Imported]]) -> List[ClipEnd]:
        """Place all on one track; where that fails every result is kept."""
        try:
            text, warnings = place_on_track(
                self._host,
                plan.timeline.uid,
                [imported for _, imported in waiting],
                self._wishes.copies_grades,
            )
            self._warnings += warnings
            ends = [dataclasses.replace(end, text=text) for end, _ in waiting]
        except Refused as error:
            ends = [_failed(end, error) for end, _ in waiting]
        for end in ends:
            self._listener(end)
        return ends

    def _remember(self, record: ResultRecord) -> None:
        before = self._records.get(record.path)
        self._records[record.path] = record
        if record == before:
            return
        try:
            self._memory.add(record)
        except OSError as error:
            self._warnings.append(
                f"The result {record.path} was not noted down ({error.strerror}):"
                " the next run starts it anew."
            )


def _failed(end: ClipEnd, error: Exception) -> ClipEnd:
    """A clip's end with what went wrong; a result that is there is kept."""
    note = f" The result is {end.path}; run again to place it." if end.path else ""
    return dataclasses.replace(end, error=f"{end.clip.name}: {error}{note}")


def _record(clip: ClipPlan, request: Any, report: Any) -> ResultRecord:
    """What is noted down of a job."""
    earlier = clip.earlier
    return ResultRecord(
        item=clip.item.uid,
        source=request.path,
        request=request.to_json(),
        job=report.job,
        version=report.version,
        path=report.target,
        first=clip.span.first if clip.span is not None else 0,
        frames=request.last - request.first + 1,
        pool_path=earlier.pool_path if earlier is not None and earlier.path == report.target else "",
    )


def _fraction(report: Any) -> float:
    return min(1.0, report.frames_done / report.frames_total) if report.frames_total else 0.0
