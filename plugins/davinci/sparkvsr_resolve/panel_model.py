# SPDX-License-Identifier: Apache-2.0
"""What the window's Resolve panel shows and does. No Qt; `poll` is called often and never waits.

Reading, planning and running are tasks of the connection's thread, one at a time.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

from .bridge_link import EnginePlace
from .connections.connection import Connection, TaskEnded
from .connections.connection_state import ConnectionState, is_same_place
from .connections.host import Host
from .plans.clip_plans import ClipPlan, RunPlan
from .plans.planning import plan_run
from .plans.wishes import Wishes
from .program import knowledge_of
from .runs.engine import Engine
from .runs.result_folders import read_folders, write_folders
from .runs.running import ClipEnd, ClipStep, Run, RunReport
from .runs.timeline_results import TimelineResult, place_timeline

PLAN, RUN = "plan", "run"
_STEPS = {"rendering": "Rendering in Resolve", "upscaling": "Upscaling", "placing": "Placing"}


@dataclasses.dataclass(frozen=True)
class ClipRow:
    """A clip of the list. state: `ready`, `left out`, `working`, `done` or `failed`. fraction: 0..1."""

    name: str
    kind: str
    text: str
    state: str
    source: str = ""
    fraction: float = 0.0


class PanelModel:
    """The panel's logic. wake: called from threads when `poll` has something to do."""

    def __init__(
        self,
        place: EnginePlace,
        wake: Callable[[], None] = lambda: None,
        connect: Callable[[], Connection] = Connection,
    ) -> None:
        self._place, self._wake = place, wake
        self._connection = connect()
        self._news: Deque[Any] = deque()
        self._steps: Dict[str, ClipStep] = {}
        self._ends: Dict[str, ClipEnd] = {}
        self._is_cancelled = False
        self.state: ConnectionState = self._connection.state
        self.wishes = Wishes(options={"scale": 2.0})
        self.saved_folders: Dict[str, str] = read_folders()
        self.plan: Optional[RunPlan] = None
        self._planned_wishes = self.wishes
        self.task = ""
        self.messages: List[str] = []

    @property
    def rows(self) -> Tuple[ClipRow, ...]:
        """The clips of the plan, as they stand."""
        return tuple(self._row(clip) for clip in self.plan.clips) if self.plan is not None else ()

    @property
    def warnings(self) -> Tuple[str, ...]:
        """What to read before it starts."""
        return self.plan.all_warnings if self.plan is not None else ()

    @property
    def can_plan(self) -> bool:
        """Whether the timeline can be looked at."""
        return self.state.can_place and not self.task

    @property
    def can_run(self) -> bool:
        """Whether there is something to do and nothing in hand."""
        return self.can_plan and self.plan is not None and bool(self.plan.work) and not self.needs_folder

    def set_wishes(self, **changes: Any) -> None:
        """Change what is asked; the plan is made anew."""
        self.wishes = dataclasses.replace(self.wishes, **changes)
        self.look()

    def set_option(self, name: str, value: Any) -> None:
        """Change a setting of the engine, by its name in `UpscaleSettings`."""
        self.set_wishes(options={**self.wishes.options, name: value})

    @property
    def needs_folder(self) -> str:
        """Why a folder for results must be chosen first; empty where none is needed, or there is one."""
        if self.wishes.results:
            return ""
        if self.wishes.place == "timeline":
            return "A new timeline needs a folder for its results; choose one."
        rendered = self.plan.rendered if self.plan is not None else ()
        if not rendered:
            return ""
        return f"Resolve renders {', '.join(rendered)} first, which needs a folder for results; choose one."

    def set_results(self, folder: str) -> None:
        """Where results go, remembered with the project that is open; empty for beside each source."""
        project = self.state.facts.project_uid
        if project:
            self.saved_folders = {**self.saved_folders, project: folder}
            write_folders(self.saved_folders)
        self.set_wishes(results=folder)

    def look(self) -> None:
        """Read the timeline and plan."""
        self.plan = None
        if not self.can_plan:
            return
        self._start(PLAN)
        wishes, project = self.wishes, self.state.facts.project_uid
        self._planned_wishes = wishes
        self._connection.do(lambda host: self._planned(host, wishes, project))

    def run(self) -> None:
        """Carry the plan out."""
        if not self.can_run or self.plan is None:
            return
        plan, wishes, project = self.plan, self.wishes, self.state.facts.project_uid
        self._start(RUN)
        self._connection.do(lambda host: self._carried_out(host, plan, wishes, project))

    def cancel(self) -> None:
        """Stop the run after what it has in hand."""
        self._is_cancelled = True

    def poll(self) -> bool:
        """Take in what happened; True where something changed."""
        news = [*self._connection.drain()]
        while self._news:
            news.append(self._news.popleft())
        for each in news:
            self._take_in(each)
        return bool(news)

    def close(self) -> None:
        """End the connection; jobs go on in the engine."""
        self._is_cancelled = True
        self._connection.close()

    def _start(self, task: str) -> None:
        self.task, self._is_cancelled = task, False
        self._steps, self._ends, self.messages = {}, {}, []

    def _planned(self, host: Host, wishes: Wishes, project: str) -> RunPlan:
        engine = Engine(self._place)
        try:
            return plan_run(host.timeline(), wishes, knowledge_of(host, engine, project))
        finally:
            engine.close()
            self._wake()

    def _carried_out(self, host: Host, plan: RunPlan, wishes: Wishes, project: str) -> Any:
        engine = Engine(self._place, lambda: self._is_cancelled)
        memory = knowledge_of(host, engine, project).memory
        try:
            if plan.place == "timeline":
                return place_timeline(host, engine.client(), plan.timeline.name, wishes)
            run = Run(host, engine, memory, wishes, self._add_news, lambda: self._is_cancelled)
            return run.carry_out(plan)
        finally:
            engine.close()
            self._wake()

    def _add_news(self, news: Any) -> None:
        """Called in the connection's thread."""
        self._news.append(news)
        self._wake()

    def _take_in(self, news: Any) -> None:
        if isinstance(news, ConnectionState):
            before, self.state = self.state, news
            if news.facts.project_uid != before.facts.project_uid:
                self._use_folder_of(news.facts.project_uid)
            if news.can_place and not self.task and (self.plan is None or not is_same_place(before, news)):
                self.look()
        elif isinstance(news, ClipStep):
            self._steps[news.clip.item.uid] = news
        elif isinstance(news, ClipEnd):
            self._ends[news.clip.item.uid] = news
        elif isinstance(news, TaskEnded):
            self._ended(news)

    def _use_folder_of(self, project: str) -> None:
        """The folder that was chosen for a project; none is taken along from another one."""
        if project:
            self.wishes = dataclasses.replace(self.wishes, results=self.saved_folders.get(project, ""))

    def _ended(self, news: TaskEnded) -> None:
        self.task = ""
        if news.error is not None:
            self.messages.append(str(news.error))
        elif isinstance(news.value, RunPlan) and self._planned_wishes != self.wishes:
            # Something else was asked meanwhile.
            self.look()
        elif isinstance(news.value, RunPlan):
            self.plan = news.value
        elif isinstance(news.value, RunReport):
            self.messages += [*news.value.warnings, *(end.error for end in news.value.clips if end.error)]
        elif isinstance(news.value, TimelineResult):
            self.messages += [news.value.sentence, *news.value.skipped, *news.value.notes]

    def _row(self, clip: ClipPlan) -> ClipRow:
        end, step = self._ends.get(clip.item.uid), self._steps.get(clip.item.uid)
        if end is not None:
            state = "failed" if end.error else "done"
            return ClipRow(clip.name, clip.kind, end.error or end.text, state, clip.source.path, 1.0)
        if step is not None:
            text = f"{_STEPS[step.step]}, {round(step.fraction * 100)} %{_reused_text(step)}"
            return ClipRow(clip.name, clip.kind, text, "working", clip.source.path, step.fraction)
        state = "left out" if clip.route == "skip" else "ready"
        return ClipRow(clip.name, clip.kind, clip.sentence, state, clip.source.path)


def _reused_text(step: ClipStep) -> str:
    """How much of a clip was there before."""
    report = step.report
    if report is None or not report.frames_reused:
        return ""
    return f" ({report.frames_reused} of {report.frames_total} frames as before)"
