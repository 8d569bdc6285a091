"""What each request does: a table from its kind to a method. Looks up, stores, answers; never computes."""

from __future__ import annotations

import dataclasses
import os
import time
import uuid
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.connections.wire import check_protocol
from sparkvsr_bridge.errors import MalformedMessage
from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.pictures import open_image
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.settings import JobSpec, Keyframe
from sparkvsr_engine.daemon.client_requests import ClientRequest
from sparkvsr_engine.daemon.engine import Engine
from sparkvsr_engine.daemon.server import DeferredReply, Handler, Reply, Server
from sparkvsr_engine.daemon.turns import Turns
from sparkvsr_engine.jobs.storage.records import JobVersion

if TYPE_CHECKING:
    from sparkvsr_engine.jobs.revisions import Revised

Message = TypeVar("Message", bound=Record)

# What a remote client may see is picked from so many.
_ALL_JOBS = 100_000


class Requests:
    """The requests of one engine."""

    def __init__(self, server: Server, engine: Engine) -> None:
        self._server = server
        self._engine = engine
        self._turns = Turns()

    def table(self) -> dict[str, Handler]:
        """Request kind to its method."""
        return {
            "hello_request": self.hello,
            "submit_job_request": self.submit,
            "revise_job_request": self.revise,
            "describe_job_request": self.describe,
            "list_jobs_request": self.list_jobs,
            "cancel_job_request": self.cancel,
            "pause_job_request": self.pause,
            "resume_job_request": self.resume,
            "watch_job_request": self.watch,
            "set_playhead_request": self.set_playhead,
            "preview_request": self.preview,
            "suggest_keyframes_request": self.suggest,
            "suggest_next_request": self.suggest_next,
            "confidence_request": self.confidence,
            "describe_media_request": self.describe_media,
            "list_models_request": self.list_models,
            "describe_engine_request": self.describe_engine,
            "shutdown_request": self.shutdown,
        }

    def hello(self, request: ClientRequest) -> Reply:
        """Who answers; refuses another protocol major."""
        message = _message(request, m.HelloRequest)
        check_protocol(list(message.protocol))
        clients = self._server.clients
        clients.greet(request.client, message.shares_memory and not request.owner)
        return Reply(m.HelloReply(pid=os.getpid(), shared_folder=str(clients.shared_folder)))

    def submit(self, request: ClientRequest) -> DeferredReply[JobSpec]:
        """Check a job's request beside the loop, then queue it."""
        message = _message(request, m.SubmitJobRequest)
        job = uuid.uuid4().hex[:10]
        turn = self._turns.take(message.spec.output.path)

        def finish(checked: JobSpec) -> Reply:
            version = self._engine.store.add_version(job, checked, owner=request.owner)
            turn.is_over.set()
            if message.watch:
                self._server.watchers.watch(job, request.client, request.envelope.id)
            return self._job_answer(version)

        from sparkvsr_engine.jobs.intake import check_submission

        opener = self._opener(request)
        config, spec = self._engine.config, message.spec
        folders = self._folders(request, job)
        return DeferredReply(
            lambda: turn.check(lambda: check_submission(config, job, spec, opener)), finish, folders
        )

    def revise(self, request: ClientRequest) -> DeferredReply[Revised]:
        """Settle a new version beside the loop, then queue it; its report counts what is reused."""
        message = _message(request, m.ReviseJobRequest)
        before = self._engine.store.version(message.job)
        opener = self._opener(request)

        from sparkvsr_engine.jobs.revisions import check_revision

        def finish(revised: Revised) -> Reply:
            owner = request.owner
            version = self._engine.store.add_version(message.job, revised.spec, revised.plan, owner=owner)
            if message.watch:
                self._server.watchers.watch(message.job, request.client, request.envelope.id)
            version = self._engine.store.version(message.job, version.version)
            report = self._engine.schedule.report(version)
            return Reply(m.JobReply(revised.with_counts(report)), then=lambda: self._engine.changed(version))

        return DeferredReply(
            lambda: check_revision(self._engine.config, before, message.revision, opener),
            finish,
            self._folders(request, message.job),
        )

    def describe(self, request: ClientRequest) -> Reply:
        """How a job stands."""
        message = _message(request, m.DescribeJobRequest)
        return Reply(
            m.JobReply(self._engine.schedule.report(self._engine.store.version(message.job, message.version)))
        )

    def list_jobs(self, request: ClientRequest) -> Reply:
        """All jobs, newest first."""
        limit, store, remote = (
            _message(request, m.ListJobsRequest).limit,
            self._engine.store,
            self._server.remote,
        )
        if remote is None or not request.owner:
            versions = store.latest(limit)
        else:
            visible = (version for version in store.latest(_ALL_JOBS) if remote.gate.shows(version))
            versions = list(islice(visible, max(0, limit)))
        return Reply(m.JobListReply(tuple(self._engine.schedule.report(version) for version in versions)))

    def resume(self, request: ClientRequest) -> Reply:
        """Queue a stopped job again."""
        message = _message(request, m.ResumeJobRequest)
        if message.watch:
            self._server.watchers.watch(message.job, request.client, request.envelope.id)
        return self._job_answer(self._engine.schedule.resume(message.job))

    def cancel(self, request: ClientRequest) -> Reply:
        """Stop a job for good."""
        return self._stop(_message(request, m.CancelJobRequest), "cancelled")

    def pause(self, request: ClientRequest) -> Reply:
        """Stop a job for a while."""
        return self._stop(_message(request, m.PauseJobRequest), "paused")

    def watch(self, request: ClientRequest) -> Reply:
        """Send this client what happens to the job from now on, and which frames are finished already."""
        message = _message(request, m.WatchJobRequest)
        version = self._engine.store.version(message.job)
        self._server.watchers.watch(message.job, request.client, request.envelope.id)
        return Reply(
            m.JobReply(self._engine.schedule.report(version)),
            then=lambda: self._send_finished(request, version),
        )

    def set_playhead(self, request: ClientRequest) -> Reply:
        """Pass on what the artist looks at."""
        message = _message(request, m.SetPlayheadRequest)
        self._engine.store.version(message.job)
        self._engine.worker.order(message)
        return Reply(m.OkReply())

    def preview(self, request: ClientRequest) -> DeferredReply[tuple[Keyframe, ...]]:
        """Have a frame rendered between the frames of the running job; supersedes the last of the slot."""
        message = _message(request, m.PreviewRequest)
        opener = self._opener(request)
        config = self._engine.config
        folder = config.remote_pictures / request.owner if request.owner else config.previews_folder

        from sparkvsr_engine.jobs.intake import settle_preview

        def finish(keyframes: tuple[Keyframe, ...]) -> Reply:
            settled = dataclasses.replace(message, keyframes=keyframes)
            return Reply(m.PreviewAccepted(self._engine.previews.order(request, settled)))

        return DeferredReply(lambda: settle_preview(message, folder, opener), finish, (folder,))

    def suggest(self, request: ClientRequest) -> None:
        """Have keyframes chosen by the worker; the reply comes when it has."""
        self._engine.suggestions.order(request, _message(request, m.SuggestKeyframesRequest))

    def suggest_next(self, request: ClientRequest) -> DeferredReply[m.KeyframesReply]:
        """Look beside the loop where trust was measured low."""
        message = _message(request, m.SuggestNextRequest)
        version = self._engine.store.version(message.job, message.version)

        def look() -> m.KeyframesReply:
            from sparkvsr_engine.jobs.interactive.trusted import RenderedVersion

            rendered = RenderedVersion(self._engine.config, version)
            return m.KeyframesReply(rendered.next_keyframes(message.count, message.among), rendered.cuts())

        return DeferredReply(look, Reply, self._folders(request, message.job))

    def confidence(self, request: ClientRequest) -> DeferredReply[m.ConfidenceReply]:
        """Look up beside the loop what was measured."""
        message = _message(request, m.ConfidenceRequest)
        version = self._engine.store.version(message.job, message.version)

        def look() -> m.ConfidenceReply:
            from sparkvsr_engine.jobs.interactive.trusted import RenderedVersion, heat_image

            rendered = RenderedVersion(self._engine.config, version)
            trust = rendered.trust()
            heat = None if message.frame is None else rendered.heat(message.frame)
            picture = None if heat is None else heat_image(heat, message.target)
            return m.ConfidenceReply(version.job, version.version, trust.frames, trust.trust, picture)

        return DeferredReply(look, Reply, self._folders(request, message.job))

    def describe_media(self, request: ClientRequest) -> DeferredReply[m.MediaReply]:
        """Look at a source's headers beside the loop."""
        message = _message(request, m.DescribeMediaRequest)

        def look() -> m.MediaReply:
            from sparkvsr_engine.media.probe import probe

            return m.MediaReply(probe(message.source).media_info())

        return DeferredReply(look, Reply)

    def list_models(self, request: ClientRequest) -> DeferredReply[m.ModelListReply]:
        """The models there are, found beside the loop."""
        _message(request, m.ListModelsRequest)

        def look() -> m.ModelListReply:
            from sparkvsr_engine.catalogue import list_models

            return m.ModelListReply(tuple(list_models(self._engine.config)))

        return DeferredReply(look, Reply)

    def describe_engine(self, request: ClientRequest) -> Reply:
        """How the engine is."""
        _message(request, m.DescribeEngineRequest)
        engine = self._engine
        return Reply(
            m.EngineReply(
                pid=os.getpid(),
                uptime_seconds=time.time() - self._server.started,
                device=engine.device,
                worker_pid=engine.worker.pid,
                worker_state=engine.worker_state(),
                jobs_queued=len(engine.store.in_states(["queued"])),
                jobs_running=1 if engine.schedule.running else 0,
                clients=self._server.clients.count(),
                home=str(engine.config.home),
            )
        )

    def shutdown(self, request: ClientRequest) -> Reply:
        """End the engine; running jobs go on at its next start."""
        _message(request, m.ShutdownRequest)
        return Reply(m.OkReply(), then=self._server.stop)

    def _stop(self, message: m.CancelJobRequest | m.PauseJobRequest, state: str) -> Reply:
        version, is_running = self._engine.schedule.stop(message.job, state)
        if is_running:
            self._engine.stop_work(message)
        return self._job_answer(version)

    def _job_answer(self, version: JobVersion) -> Reply:
        return Reply(
            m.JobReply(self._engine.schedule.report(version)), then=lambda: self._engine.changed(version)
        )

    def _send_finished(self, request: ClientRequest, version: JobVersion) -> None:
        """For somebody who comes late: the frames that were announced before."""
        target = version.spec.output.path
        for chunk in self._engine.store.chunks(version.job, version.version):
            # A movie's segment is no frame's file.
            paths = tuple(file.path for file in chunk.files) if is_picture_name(target) else ()
            event = m.FramesFinished(version.job, version.version, tuple(chunk.span), paths)
            self._server.send(request.client, event, request.envelope.id)

    def _folders(self, request: ClientRequest, job: str) -> tuple[Path, ...]:
        """The engine's own folders that a request on a job needs: the job's and its client's."""
        config = self._engine.config
        return (
            config.jobs_folder / job,
            *((config.remote_pictures / request.owner,) if request.owner else ()),
        )

    def _opener(self, request: ClientRequest) -> Callable[[ImageRef], Any]:
        """Opens pictures of this request, from its buffers or from shared memory."""
        folder = self._server.clients.shared_folder
        return lambda picture: open_image(picture, request.envelope.buffers, folder)


def is_picture_name(path: str) -> bool:
    """Whether a target's name is that of pictures rather than of a movie."""
    from sparkvsr_engine.media.sequences.numbering import PICTURE_EXTENSIONS

    return Path(path).suffix.lower() in PICTURE_EXTENSIONS


def _message(request: ClientRequest, kind: type[Message]) -> Message:
    message = request.envelope.message
    if not isinstance(message, kind):
        raise MalformedMessage(f"'{request.envelope.kind}' carries no {kind.__name__}.")
    return message
