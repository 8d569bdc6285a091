# SPDX-License-Identifier: Apache-2.0
"""`sparkvsr resolve` as text: what is open, which clips, what will be done, and doing it."""

from __future__ import annotations

import dataclasses
import functools
import os
from pathlib import Path
from typing import Any, Dict, List, Mapping, Protocol

from . import self_test
from .bridge_link import EnginePlace, errors, folders
from .connections.connection_state import ConnectionState, after_answer, after_error, after_probe_failed
from .connections.host import Host, open_host
from .connections.python_probe import ProbeReport, probe
from .plans.clip_plans import ClipPlan, RunPlan
from .plans.exported import exported_speeds
from .plans.planning import Knowledge, plan_run
from .plans.speeds import Place, Speed
from .plans.wishes import Wishes
from .refusals import Refused
from .runs import stills
from .runs.engine import Engine
from .runs.memory import Memory
from .runs.running import ClipEnd, ClipStep, Run, RunReport
from .runs.timeline_results import TimelineResult, place_timeline

CLIENT = "resolve"


class Voice(Protocol):
    """Where a command's answers go: the engine's console."""

    def event(self, kind: str, **values: Any) -> None:
        """One event, for machines."""
        ...

    def result(self, text: str, kind: str, **values: Any) -> None:
        """The answer: text for people, values for machines."""
        ...

    def note(self, text: str) -> None:
        """A line for people on the way."""
        ...

    def warn(self, text: str) -> None:
        """A line that something was not done as asked."""
        ...


@dataclasses.dataclass(frozen=True)
class Request:
    """What the command line asks. mode: `state`, `list`, `run`, `stills` or `self-test`. output: a folder or
    file.
    """

    mode: str
    wishes: Wishes = Wishes()
    output: str = ""
    program: str = ""


def run(request: Request, voice: Voice) -> int:
    """Do it; the command's exit status. Raises Refused and SparkVSRError."""
    report = probe(os.environ)
    if request.mode == "self-test":
        return _self_test(request, report, voice)
    if report.python is None:
        return _show_state(after_probe_failed(report.reason), voice)
    host = open_host(report.python)
    engine = Engine(EnginePlace(program=request.program, name=CLIENT))
    try:
        state = state_of(host)
        if request.mode == "state" or not state.can_place:
            return _show_state(state, voice)
        return _with_timeline(request, host, engine, state.facts.project_uid, voice)
    finally:
        engine.close()
        host.close()


def state_of(host: Host) -> ConnectionState:
    """What is open now."""
    try:
        return after_answer(host.state())
    except Refused as error:
        return after_error(ConnectionState(), error)


def knowledge_of(host: Host, engine: Engine, project: str) -> Knowledge:
    """What a plan is made from. project: uid of the one that is open."""
    export = functools.cache(lambda: read_exported_speeds(host))
    return Knowledge(engine.describe, export, Memory(folders.home_folder(), project))


def read_exported_speeds(host: Host) -> Mapping[Place, Speed]:
    """Speeds by the timeline's own export; none where Resolve cannot write it."""
    path = folders.home_folder() / "resolve" / "timeline.otio"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return exported_speeds(Path(host.export_timeline(str(path))).read_text("utf-8"))
    except (Refused, OSError, ValueError):
        return {}


def _with_timeline(request: Request, host: Host, engine: Engine, project: str, voice: Voice) -> int:
    knowledge = knowledge_of(host, engine, project)
    plan = plan_run(host.timeline(), request.wishes, knowledge)
    _show_plan(plan, request.wishes, voice)
    if request.mode == "list":
        return 0 if plan.work and not plan.skipped else 1
    if request.mode == "stills":
        exported = stills.export_stills(host, plan, request.output)
        voice.result(f"{len(exported)} stills are in {request.output}", "stills", folder=request.output)
        return 0
    if not plan.work:
        raise Refused("No clip can be upscaled as asked; the list says why.")
    if plan.place == "timeline":
        placed = place_timeline(host, engine.client(), plan.timeline.name, request.wishes)
        return _show_timeline(placed, voice)
    clips_run = Run(host, engine, knowledge.memory, request.wishes, lambda news: _show_news(news, voice))
    return _show_end(clips_run.carry_out(plan), plan, voice)


def _self_test(request: Request, report: ProbeReport, voice: Voice) -> int:
    host = open_host(report.python) if report.python is not None else None
    engine = Engine(EnginePlace(program=request.program, name=CLIENT))
    client, problem = None, ""
    try:
        client = engine.client()
    except errors.SparkVSRError as error:
        problem = error.message
    try:
        text = self_test.run(report, host, client, problem)
    finally:
        engine.close()
        if host is not None:
            host.close()
    path = self_test.write(text, Path(request.output or self_test.REPORT_NAME))
    voice.result(f"The self-test's report is {path.absolute()}", "self_test", path=str(path.absolute()))
    return 1 if "PROBLEM" in text else 0


def _show_state(state: ConnectionState, voice: Voice) -> int:
    voice.result(
        state.sentence,
        "state",
        connection=state.kind,
        sentence=state.sentence,
        project=state.facts.project,
        timeline=state.facts.timeline,
    )
    return 0 if state.can_place else 1


def _show_plan(plan: RunPlan, wishes: Wishes, voice: Voice) -> None:
    for text in plan.all_warnings:
        voice.warn(text)
    if plan.rendered and not wishes.results:
        names = ", ".join(plan.rendered)
        voice.warn(
            f"Resolve renders {names} first, which needs a folder for results; name one with --results."
        )
    for clip in plan.clips:
        voice.result(clip.sentence, "clip", **clip_values(clip))


def clip_values(clip: ClipPlan) -> Dict[str, Any]:
    """A clip's plan for machines."""
    return {
        "clip": clip.name,
        "clip_kind": clip.kind,
        "route": clip.route,
        "reason": clip.reason,
        "track": clip.item.track,
        "record": clip.record,
        "frames": clip.frames,
        "source": clip.source.path,
        "first_frame": clip.first_number,
        "last_frame": clip.last_number,
        "keyframes": list(clip.keyframes),
        "revises": clip.earlier.job if clip.earlier is not None else "",
        "warnings": list(clip.warnings),
    }


def _show_news(news: Any, voice: Voice) -> None:
    if isinstance(news, ClipStep):
        voice.event("step", clip=news.clip.name, step=news.step, fraction=round(news.fraction, 3))
    elif isinstance(news, ClipEnd):
        if news.error:
            voice.warn(news.error)
        else:
            voice.result(news.text, "placed", clip=news.clip.name, path=news.path, version=news.version)


def _show_end(report: RunReport, plan: RunPlan, voice: Voice) -> int:
    for text in report.warnings:
        voice.warn(text)
    failed: List[str] = [end.error for end in report.clips if end.error]
    voice.event("run_ended", clips=len(report.clips), failed=len(failed), skipped=len(plan.skipped))
    return 0 if report.is_whole and not plan.skipped else 1


def _show_timeline(result: TimelineResult, voice: Voice) -> int:
    for text in (*result.notes, *result.skipped):
        voice.warn(text)
    voice.result(
        result.sentence,
        "timeline",
        name=result.name,
        path=result.path,
        items=result.items,
        offline=list(result.offline),
    )
    return 1 if result.offline or result.skipped else 0
