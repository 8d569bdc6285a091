"""A job's plan: the one that is stored with it, or one made now from a look at the source, and stored.

Not here: what a plan holds (`planning`), carrying it out (`runner`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.plans.analysis import Analysis, analyse
from sparkvsr_engine.jobs.plans.chunks import with_finished_pieces
from sparkvsr_engine.jobs.plans.footage import ShotFrames
from sparkvsr_engine.jobs.plans.learning_plan import unlearnt_sentence, with_learning
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.plans.planning import analysed_span, make_plan, renew_plan, seen_of
from sparkvsr_engine.jobs.plans.redundant_keyframes import drop_redundant_keyframes
from sparkvsr_engine.jobs.plans.session import JobInputs, require_same_source
from sparkvsr_engine.jobs.storage.records import JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.media.base import INTERLACED
from sparkvsr_engine.media.probe import identity_of
from sparkvsr_engine.models.registry import open_planner, users_of


class PlanLoader:
    """Settles one version of a job.

    control: checked before each frame that is analysed; gets progress and warnings. on_damage: gets the
    frames of the source that cannot be decoded.
    """

    def __init__(
        self,
        config: EngineConfig,
        store: JobStore,
        version: JobVersion,
        control: Control,
        on_damage: Callable[[Iterable[int]], None] = lambda _: None,
    ) -> None:
        self._config = config
        self._store = store
        self._version = version
        self._control = control
        self._on_damage = on_damage

    def plan(self, session: JobInputs) -> JobPlan:
        """The plan; raises SourceChanged, and what looking at the source and planning raise."""
        plan = self._settled(session)
        if session.checked.spec.settings.damage is not None and plan.damage is None:
            self._control.warn(damage_ignored())
        if sentence := unlearnt_sentence(session.checked.spec.settings, plan):
            self._control.warn(sentence)
        return plan

    def _settled(self, session: JobInputs) -> JobPlan:
        if self._version.plan is None:
            return self._stored(self._make_plan(session))
        stored = JobPlan.from_dict(self._version.plan)
        require_same_source(stored, session.checked.info)
        plan = renew_plan(self._config, stored, session.checked)
        if not plan.is_complete:
            plan = self._completed(session, plan)
        return plan if plan == stored else self._stored(plan)

    def _make_plan(self, session: JobInputs) -> JobPlan:
        settings = session.checked.spec.settings
        plan = make_plan(self._config, session.checked, self._analysis(session))
        planner = open_planner(settings.model, self._config.models_folder, plan.options)
        plan, notes = drop_redundant_keyframes(plan, settings, planner, partial(ShotFrames, session.footage))
        if notes:
            self._control.warn(notes)
        return with_learning(plan, settings, planner, self._config.models_folder)

    def _completed(self, session: JobInputs, plan: JobPlan) -> JobPlan:
        """The plan with the shots of a range that was widened; keyframes stay as they were settled."""
        shots = [shot for shot in self._analysis(session).shots if shot.intersection(plan.span)]
        seen = seen_of(shots)
        info = session.checked.info
        identity = identity_of(info, seen) if info.pattern else ""
        completed = replace(plan, shots=tuple(shots), seen=seen, seen_identity=identity)
        settings = session.checked.spec.settings
        planner = open_planner(settings.model, self._config.models_folder, plan.options)
        completed = with_learning(completed, settings, planner, self._config.models_folder)
        return with_finished_pieces(planner, completed, self._store.earlier_chunks(self._version.job))

    def _stored(self, plan: JobPlan) -> JobPlan:
        self._store.set_plan(self._version.job, self._version.version, plan.to_dict())
        return plan

    def _analysis(self, session: JobInputs) -> Analysis:
        span = analysed_span(session.checked.info)
        analysis = analyse(session.footage, span, self._config.cache_folder / "analysis", self._control)
        self._on_damage(analysis.concealed)
        if analysis.holds_fields and not session.checked.info.is_interlaced:
            self._control.warn(INTERLACED)
        return analysis


def damage_ignored() -> str:
    """A sentence for a damage that is set and not used by the model."""
    return f"The setting damage has no effect here; it is used by {users_of('damage') or 'no model'}."
