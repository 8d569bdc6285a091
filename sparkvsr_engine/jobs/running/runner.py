"""Carries a job version out: look, analyse, settle, make keyframes, render what is missing, finish.

Every chunk is put in place and recorded before the next begins; stopped, killed or failed at any point, the
next run goes on behind the last record. Not here: how a window is predicted (`rendering`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sparkvsr_bridge.messages import FramesFinished, JobProgress, JobWarning
from sparkvsr_bridge.records import Record
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.plans.checked import check_source
from sparkvsr_engine.jobs.plans.chunks import ShotChunks, shot_chunks
from sparkvsr_engine.jobs.plans.footage import ShotFrames
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.plans.plan_loading import PlanLoader
from sparkvsr_engine.jobs.plans.session import JobInputs, RestorerPool, keyframe_request
from sparkvsr_engine.jobs.running.damage import DamageLedger
from sparkvsr_engine.jobs.running.finishing import finished_pixels, limited_sentence
from sparkvsr_engine.jobs.running.part import WHOLE, JobPart
from sparkvsr_engine.jobs.running.playhead import in_playback_order
from sparkvsr_engine.jobs.running.prediction_cache import open_prediction_cache
from sparkvsr_engine.jobs.running.progress import FrameClock, Throttle, report_of
from sparkvsr_engine.jobs.running.rendering import PassCount, ShotRenderer, windows_of
from sparkvsr_engine.jobs.running.teaching import ShotTeacher, learnt_note
from sparkvsr_engine.jobs.spreading.executor import Executor
from sparkvsr_engine.jobs.spreading.job import SpreadJob
from sparkvsr_engine.jobs.spreading.spreading import Course, Spreader
from sparkvsr_engine.jobs.storage.confidence import ConfidenceStore, Map
from sparkvsr_engine.jobs.storage.outputs import Outputs
from sparkvsr_engine.jobs.storage.records import FinishedChunk, JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.models.base import Guidance, Planner, Restorer
from sparkvsr_engine.models.registry import open_planner
from sparkvsr_engine.models.source_bound import TRACE
from sparkvsr_engine.storage.disk_cache import DiskCache

log = logging.getLogger(__name__)

REPORT_SECONDS = 0.25


Reporter = Callable[[Record], None]
"""Where news of a running job goes: the events that clients get."""


@dataclass(frozen=True)
class RunContext:
    """What a runner needs beside the job: configuration, store, models, control, and who gets reports.

    executor: of several devices; None where jobs render here. on_chunk: gets every finished chunk.
    """

    config: EngineConfig
    store: JobStore
    pool: RestorerPool
    control: Control
    report: Reporter
    executor: Callable[[], Executor | None] = lambda: None
    on_chunk: Callable[[FinishedChunk], None] = lambda _: None


class JobRunner(Control):
    """One version of a job. `run` returns when it is finished; raises JobStopped or what ended it.

    It is the control of all that works on the job, whose progress and warnings are the job's.
    """

    def __init__(self, context: RunContext, version: JobVersion) -> None:
        self._context = context
        self._version = version
        config = context.config
        self._cache = DiskCache(config.cache_folder, config.cache_budget_bytes)
        self._confidence = ConfidenceStore(self._cache)
        self.passes = PassCount()
        self._clock = FrameClock()
        self._throttle = Throttle(REPORT_SECONDS)
        self._notes_reported, self._limited = 0, list[int]()
        self._learnt_notes: tuple[str, ...] = ()
        work = config.work_folder(version.job, version.version)
        self._teacher = ShotTeacher(config, work / "learning", self)
        self._advance = replace(report_of(version), phase="looking at the source")

    def run(self, part: JobPart = WHOLE) -> None:
        """Do all of the part that is left to do."""
        context, version = self._context, self._version
        checked = check_source(version.spec, context.config.work_folder(version.job, version.version))
        checked = replace(checked, info=part.named(checked.info))
        for warning in (*checked.info.warnings, *checked.output.warnings):
            self.warn(warning)
        settings = version.spec.settings
        with (
            JobInputs(context.config, checked, context.pool, self) as session,
            context.pool.rendering(settings.model, settings.device),
        ):
            self._ledger = DamageLedger(version.spec.source.path)
            loader = PlanLoader(context.config, context.store, version, self, self._name_damage)
            plan = loader.plan(session)
            planner = open_planner(version.spec.settings.model, context.config.models_folder, plan.options)
            shots = shot_chunks(planner, plan)
            self._warn_of_ignored_keyframes(planner, plan)
            outputs = Outputs(checked.output, context.store, version, checked.info.span)
            if part.renders:
                self._forget_others(outputs, plan, shots)
                self._render_missing(session, plan, part.chunks_of(shots), outputs)
            else:
                self._prepare(session, plan, shots)
            # A plan that was settled before knows of the frames only when they are read.
            seen = plan.seen or checked.info.span
            self._name_damage(frame for frame in session.footage.concealed if frame in seen)
            if part.keeps_cache:
                self._cache.trim()
            self._warn_of_limited_frames()
            if part.finishes:
                self._report_phase("finishing", force=True)
                for warning in outputs.finish():
                    self.warn(warning)

    def _render_missing(
        self, session: JobInputs, plan: JobPlan, shots: Sequence[ShotChunks], outputs: Outputs
    ) -> None:
        """Render what nobody made before."""
        missing = self._settle_finished(outputs, plan, shots)
        if finished := outputs.kept_frames():
            self.warn(f"{finished} frames are there already and are kept; --overwrite renders them anew.")
        if missing:
            guidance = self._make_keyframes(session, plan)
            if not self._spread(session, plan, shots, outputs):
                self._render(session, plan, shots, outputs, guidance)

    def _spread(
        self, session: JobInputs, plan: JobPlan, shots: Sequence[ShotChunks], outputs: Outputs
    ) -> bool:
        """Render on several devices; False where there is one, or nothing to divide."""
        context = self._context
        executor = context.executor() if session.checked.spec.settings.device == "auto" else None
        if executor is None:
            return False
        job = SpreadJob(context.config, context.store, self._version, plan, tuple(shots))
        parts = job.parts(executor, outputs.is_finished)
        if len(parts) < 2 and not context.config.preview_device:
            return False
        for shot in shots:
            self._learnt_of(session, plan, shot)
        note = f"Rendered on {executor.place_count()} devices."
        self._advance = replace(self._advance, run_notes=(note, *self._learnt_notes))
        self._clock.start()
        course = Course(self, partial(self._adopt, outputs, job), self._count_passes, outputs.is_finished)
        Spreader(executor, job.order(), course, context.config.worker_attempts).run(parts)
        return True

    def _adopt(self, outputs: Outputs, job: SpreadJob, chunk: FinishedChunk) -> None:
        """Another process finished a chunk."""
        job.require_own(chunk)
        outputs.adopt(chunk)
        self._rendered(len(chunk.span))
        self._announce(outputs, chunk.span)

    def _count_passes(self, predicted: int, recalled: int) -> None:
        self.passes.predicted += predicted
        self.passes.recalled += recalled
        self._rendered(0)

    def _prepare(self, session: JobInputs, plan: JobPlan, shots: Sequence[ShotChunks]) -> None:
        """Make what every frame may need: keyframes, and what is learnt of shots."""
        self._make_keyframes(session, plan)
        for shot in shots:
            self._learnt_of(session, plan, shot)

    def check(self) -> None:
        """See `Control`."""
        self._context.control.check()

    def is_stopped(self) -> bool:
        """See `Control`."""
        return self._context.control.is_stopped()

    def playhead(self) -> int | None:
        """See `Control`."""
        return self._context.control.playhead()

    def progress(self, phase: str, done: int = 0, total: int = 0) -> None:
        """See `Control`; the first step of a phase is always reported."""
        self._report_phase(phase, done=done, total=total, force=not done)

    def _name_damage(self, frames: Iterable[int]) -> None:
        """Warn of frames that cannot be decoded, once of each."""
        sentence, first = self._ledger.fresh(frames)
        if sentence:
            self.warn(sentence, first)

    def _warn_of_ignored_keyframes(self, planner: Planner, plan: JobPlan) -> None:
        """Warn of every keyframe that will have no effect."""
        for shot in plan.shots:
            frames = [keyframe.frame for keyframe in plan.keyframes_of(shot)]
            for ignored in planner.ignored_keyframes(shot, frames):
                self.warn(ignored.reason, ignored.frame)

    def _forget_others(self, outputs: Outputs, plan: JobPlan, shots: Sequence[ShotChunks]) -> None:
        """One result is of one engine: what another one made of this version is made anew."""
        keys = {chunk.span: plan.chunk_key(chunk) for shot in shots for chunk in shot.chunks}
        if frames := outputs.forget_others(keys):
            self.warn(
                f"{frames} frames were rendered before the engine or its models were updated; they are"
                " rendered anew, so that the whole result is made alike."
            )

    def _settle_finished(self, outputs: Outputs, plan: JobPlan, shots: Sequence[ShotChunks]) -> int:
        """Reuse what this or another version made under the same key; returns how many frames are missing."""
        total = done = 0
        for shot in shots:
            for chunk in shot.chunks:
                total += len(chunk.span)
                if outputs.is_finished(chunk) or outputs.reuse(chunk, plan.chunk_key(chunk)):
                    done += len(chunk.span)
                    self._announce(outputs, chunk.span)
        keyframes = tuple(keyframe.frame for keyframe in plan.keyframes)
        self._advance = replace(
            report_of(self._version),
            phase="rendering",
            frames_done=done,
            frames_total=total,
            chunks_total=sum(len(shot.chunks) for shot in shots),
            keyframes=keyframes,
        )
        self._context.report(JobProgress(self._advance))
        return total - done

    def _make_keyframes(self, session: JobInputs, plan: JobPlan) -> Guidance:
        for done, planned in enumerate(plan.keyframes):
            self.check()
            if not session.keyframe_pictures.is_ready(keyframe_request(planned)):
                self._report_phase("making keyframes", done=done, total=len(plan.keyframes), force=True)
            session.keyframe(planned)
            for warning in session.keyframe_pictures.warnings(keyframe_request(planned)):
                self.warn(warning, planned.frame)
        return session.guidance(plan)

    def _render(
        self,
        session: JobInputs,
        plan: JobPlan,
        shots: Sequence[ShotChunks],
        outputs: Outputs,
        guidance: Guidance,
    ) -> None:
        self._report_phase("loading the model", force=True)
        self._notes_reported = len(session.restorer().how_it_runs())
        self._clock.start()
        while True:
            waiting = [
                (shot, chunk) for shot in shots for chunk in shot.chunks if not outputs.is_finished(chunk)
            ]
            if not waiting:
                return
            playhead = self.playhead()
            shot, _ = min(waiting, key=lambda pair: in_playback_order(pair[1].span, playhead))
            self._render_shot(session, plan, shot, outputs, guidance, playhead)

    def _render_shot(
        self,
        session: JobInputs,
        plan: JobPlan,
        shot: ShotChunks,
        outputs: Outputs,
        guidance: Guidance,
        playhead: int | None,
    ) -> None:
        """Render a shot's missing chunks; comes back early when the artist looks elsewhere."""
        checked = session.checked
        reader = ShotFrames(session.footage, shot.shot)
        learnt = self._learnt_of(session, plan, shot)
        restorer = session.restorer()
        planned = {keyframe.frame: keyframe for keyframe in plan.keyframes}
        whole = restorer.plan(
            shot.shot, shot.shot, sorted(f for f in planned if f in shot.shot), checked.geometry
        )
        renderer = ShotRenderer(
            restorer.open_shot(
                reader, checked.geometry, session.shot_settings(plan, learnt), self.is_stopped
            ),
            windows_of(whole),
            lambda frame: session.keyframe(planned[frame]),
            open_prediction_cache(self._context.config, plan, restorer.traits),
            self,
            self.passes,
            reader.headroom,
            shows_again=False,
        )
        self._note_plan(restorer)
        try:
            missing = [chunk for chunk in shot.chunks if not outputs.is_finished(chunk)]
            for chunk in sorted(missing, key=lambda chunk: in_playback_order(chunk.span, playhead)):
                self._render_chunk(session, renderer, chunk, outputs, plan, guidance)
                if self.playhead() != playhead:
                    return
        finally:
            renderer.close()

    def _learnt_of(self, session: JobInputs, plan: JobPlan, shot: ShotChunks) -> bytes | None:
        """What is learnt of a shot, learnt now where it was not before."""
        lesson = plan.lesson_of(shot.shot.start)
        if lesson is None:
            return None
        learnt = self._teacher.learnt(session, plan, lesson)
        note = learnt_note(lesson, learnt)
        if note not in self._learnt_notes:
            self._learnt_notes = (*self._learnt_notes, note)
            if not learnt.gain:
                self.warn(note)
        return learnt.content

    def _render_chunk(
        self,
        session: JobInputs,
        renderer: ShotRenderer,
        chunk: Chunk,
        outputs: Outputs,
        plan: JobPlan,
        guidance: Guidance,
    ) -> None:
        output = session.checked.output
        measured: dict[int, Map | None] = {}
        with outputs.open_run(chunk.span) as run:
            for restored in renderer.render(chunk, guidance):
                self._note_plan(session.restorer())
                measured[restored.frame] = restored.confidence
                if restored.limited > TRACE:
                    self._limited.append(restored.frame)
                run.write(restored.frame, finished_pixels(session.footage, restored, output))
                self._rendered(1)
                self.check()
                # A large frame goes before the next one is made.
                del restored
        # Before the record: a chunk that is recorded is never measured again.
        self._confidence.save(plan.chunk_key(chunk), measured)
        outputs.record(chunk, plan.chunk_key(chunk))
        self._announce(outputs, chunk.span)

    def _warn_of_limited_frames(self) -> None:
        if self._limited:
            self.warn(limited_sentence(self._limited), min(self._limited))

    def _announce(self, outputs: Outputs, span: FrameSpan) -> None:
        version = self._version
        self._context.on_chunk(outputs.finished(span))
        paths = tuple(str(path) for path in outputs.paths(span))
        self._context.report(FramesFinished(version.job, version.version, tuple(span), paths))

    def _note_plan(self, restorer: Restorer) -> None:
        """How the model runs, and a warning for every step down since this job began."""
        notes = restorer.how_it_runs()
        if (*notes, *self._learnt_notes) != self._advance.run_notes:
            self._advance = replace(self._advance, run_notes=(*notes, *self._learnt_notes))
            self._report_phase("rendering", force=True)
        for note in notes[self._notes_reported :]:
            self.warn(note)
        self._notes_reported = len(notes)

    def _rendered(self, frames: int) -> None:
        """Frames were rendered: the numbers of the job itself."""
        self._clock.tick(frames)
        done, total = self._advance.frames_done + frames, self._advance.frames_total
        self._advance = replace(
            self._advance,
            phase="rendering",
            passes_run=self.passes.predicted,
            passes_spared=self.passes.recalled,
            frames_done=done,
            frames_per_second=self._clock.frames_per_second(),
            eta_seconds=self._clock.eta_seconds(total - done),
        )
        if self._throttle.is_due():
            self._context.report(JobProgress(self._advance))

    def _report_phase(self, phase: str, done: int = 0, total: int = 0, force: bool = False) -> None:
        """What is done beside rendering; done and total count that phase's own steps."""
        if not force and not self._throttle.is_due():
            return
        progress = replace(self._advance, phase=phase, frames_per_second=0.0, eta_seconds=None)
        if total:
            progress = replace(progress, frames_done=done, frames_total=total)
        self._context.report(JobProgress(progress))

    def warn(self, message: str, frame: int | None = None) -> None:
        """Store a warning of the job and report it."""
        version = self._version
        self._context.store.add_warning(version.job, version.version, message)
        self._context.report(JobWarning(version.job, message, frame))
