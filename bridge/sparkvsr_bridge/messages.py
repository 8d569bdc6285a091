"""Every request, reply and event as a frozen record, and the table from its kind to its class.

`PROTOCOL.md` is the normative text; each record here has a section there and a golden JSON.
Requests and replies travel over ROUTER/DEALER, and so do the events of jobs a client watches, so
that none is lost. Progress goes out over XPUB and may be dropped.
"""

from __future__ import annotations

import dataclasses
from typing import Dict, Optional, Tuple, Type

from .media import ImageRef, MediaInfo, Region, SourceMedia
from .records import Record, always_sent, nested
from .reports import ENDED_STATES as ENDED_STATES
from .reports import JOB_STATES as JOB_STATES
from .reports import ErrorReport as ErrorReport
from .reports import JobReport as JobReport
from .reports import KeyframeChoice as KeyframeChoice
from .reports import ModelReport as ModelReport
from .settings import JobSpec, Keyframe, Revision, UpscaleSettings
from .version import PROTOCOL_VERSION, __version__


@dataclasses.dataclass(frozen=True)
class HelloRequest(Record):
    """First message of every client.

    shares_memory: the client found the engine's marker in the shared memory folder (`connection`), so
        pictures may be sent to it by name instead of in buffers.
    """

    protocol: Tuple[int, int] = always_sent(PROTOCOL_VERSION)
    client: str = ""
    version: str = always_sent(__version__)
    shares_memory: bool = False


@dataclasses.dataclass(frozen=True)
class SubmitJobRequest(Record):
    """Queue a job; the reply comes once the source was looked at and the request found sound."""

    spec: JobSpec = nested(JobSpec)
    watch: bool = True


@dataclasses.dataclass(frozen=True)
class ReviseJobRequest(Record):
    """A new version of a job; the reply counts the frames that are reused before any work starts."""

    job: str
    revision: Revision = nested(Revision, default=Revision())
    watch: bool = True


@dataclasses.dataclass(frozen=True)
class DescribeJobRequest(Record):
    """How one job stands; version 0 is the latest."""

    job: str
    version: int = 0


@dataclasses.dataclass(frozen=True)
class ListJobsRequest(Record):
    """All jobs, newest first."""

    limit: int = 100


@dataclasses.dataclass(frozen=True)
class CancelJobRequest(Record):
    """Stop a job; finished chunks are kept."""

    job: str


@dataclasses.dataclass(frozen=True)
class PauseJobRequest(Record):
    """Stop a job after the frame in hand; `resume_job` goes on from there."""

    job: str


@dataclasses.dataclass(frozen=True)
class ResumeJobRequest(Record):
    """Go on with a paused, failed, cancelled or interrupted job from its last finished chunk."""

    job: str
    watch: bool = True


@dataclasses.dataclass(frozen=True)
class WatchJobRequest(Record):
    """Send this client the job's events from now on, over the requests socket."""

    job: str


@dataclasses.dataclass(frozen=True)
class SetPlayheadRequest(Record):
    """What the artist looks at: chunks around this frame are rendered first."""

    job: str
    frame: int


@dataclasses.dataclass(frozen=True)
class PreviewRequest(Record):
    """One frame, or a region of it, before committing to a job.

    slot: a later preview of the same client and slot supersedes this one.
    target: a file to write; empty sends the picture back in the event's buffers.
    """

    source: SourceMedia = nested(SourceMedia)
    frame: int = 0
    settings: UpscaleSettings = nested(UpscaleSettings, default=UpscaleSettings())
    keyframes: Tuple[Keyframe, ...] = nested(Keyframe, many=True, default=())
    region: Optional[Region] = nested(Region, default=None)
    slot: str = "preview"
    target: str = ""
    quick_first: bool = False


@dataclasses.dataclass(frozen=True)
class SuggestKeyframesRequest(Record):
    """The frames a policy would choose, with why."""

    source: SourceMedia = nested(SourceMedia)
    settings: UpscaleSettings = nested(UpscaleSettings, default=UpscaleSettings())
    keyframes: Tuple[Keyframe, ...] = nested(Keyframe, many=True, default=())


@dataclasses.dataclass(frozen=True)
class SuggestNextRequest(Record):
    """Where one more keyframe would help a rendered job most; version 0 is the latest.

    among: frames to choose from, such as those there are pictures of; empty leaves all open.
    """

    job: str
    version: int = 0
    count: int = 1
    among: Tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class ConfidenceRequest(Record):
    """How far a rendered job trusted its keyframes; version 0 is the latest.

    frame: also show this frame as a heat map. target: a file for it; empty sends it with the reply.
    """

    job: str
    version: int = 0
    frame: Optional[int] = None
    target: str = ""


@dataclasses.dataclass(frozen=True)
class DescribeMediaRequest(Record):
    """Look at a source's headers."""

    source: SourceMedia = nested(SourceMedia)


@dataclasses.dataclass(frozen=True)
class ListModelsRequest(Record):
    """The engine's models."""


@dataclasses.dataclass(frozen=True)
class DescribeEngineRequest(Record):
    """How the engine itself is."""


@dataclasses.dataclass(frozen=True)
class ShutdownRequest(Record):
    """End the engine; running jobs stay as they are and are resumed at the next start."""


@dataclasses.dataclass(frozen=True)
class ErrorReply(Record):
    """The request was refused or failed; nothing was changed."""

    error: ErrorReport = nested(ErrorReport)


@dataclasses.dataclass(frozen=True)
class OkReply(Record):
    """Done; the reply has no content."""


@dataclasses.dataclass(frozen=True)
class HelloReply(Record):
    """Who answers; `shared_folder` is where shared pictures lie, empty when the engine shares none."""

    protocol: Tuple[int, int] = always_sent(PROTOCOL_VERSION)
    version: str = always_sent(__version__)
    pid: int = 0
    shared_folder: str = ""


@dataclasses.dataclass(frozen=True)
class JobReply(Record):
    """The job the request was about, as it stands after it."""

    report: JobReport = nested(JobReport)


@dataclasses.dataclass(frozen=True)
class JobListReply(Record):
    """All jobs asked for."""

    reports: Tuple[JobReport, ...] = nested(JobReport, many=True, default=())


@dataclasses.dataclass(frozen=True)
class PreviewAccepted(Record):
    """The preview is in hand; `preview_ready` or `preview_failed` events carry this name."""

    preview: str


@dataclasses.dataclass(frozen=True)
class KeyframesReply(Record):
    """Chosen keyframes in frame order. note: what to know before following the choice, often nothing."""

    choices: Tuple[KeyframeChoice, ...] = nested(KeyframeChoice, many=True, default=())
    cuts: Tuple[int, ...] = ()
    note: str = ""


@dataclasses.dataclass(frozen=True)
class ConfidenceReply(Record):
    """Mean trust per frame, 0..1, of the frames it is known of; the heat map where one was asked for."""

    job: str
    version: int
    frames: Tuple[int, ...] = ()
    trust: Tuple[float, ...] = ()
    image: Optional[ImageRef] = nested(ImageRef, default=None)


@dataclasses.dataclass(frozen=True)
class MediaReply(Record):
    """What the source is."""

    info: MediaInfo = nested(MediaInfo)


@dataclasses.dataclass(frozen=True)
class ModelListReply(Record):
    """The engine's models."""

    models: Tuple[ModelReport, ...] = nested(ModelReport, many=True, default=())


@dataclasses.dataclass(frozen=True)
class EngineReply(Record):
    """How the engine is: process, device, work in hand, cache."""

    version: str = always_sent(__version__)
    pid: int = 0
    uptime_seconds: float = 0.0
    device: str = ""
    worker_pid: int = 0
    worker_state: str = ""
    executor: str = "local"
    jobs_queued: int = 0
    jobs_running: int = 0
    clients: int = 0
    home: str = ""


@dataclasses.dataclass(frozen=True)
class JobChanged(Record):
    """A job's state changed: queued, running, paused, finished, failed or cancelled. Never lost."""

    report: JobReport = nested(JobReport)


@dataclasses.dataclass(frozen=True)
class JobProgress(Record):
    """How far a job is. Sent a few times a second at most, may be dropped."""

    report: JobReport = nested(JobReport)


@dataclasses.dataclass(frozen=True)
class FramesFinished(Record):
    """Frames that can be looked at now, in the order they were finished. Never lost.

    paths: one per frame for a numbered target; empty for a movie, which has no file per frame.
    """

    job: str
    version: int
    frames: Tuple[int, ...]
    paths: Tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class JobWarning(Record):
    """A warning for the artist; the job goes on."""

    job: str
    message: str
    frame: Optional[int] = None


@dataclasses.dataclass(frozen=True)
class PreviewReady(Record):
    """A preview's picture; `stage` is `quick` or `full`, the full one is the last.

    warnings: findings about the keyframes that count in it; sentences for people, with the full one.
    """

    preview: str
    frame: int
    stage: str
    image: ImageRef = nested(ImageRef)
    seconds: float = 0.0
    warnings: Tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class PreviewFailed(Record):
    """A preview came to nothing: refused, failed or superseded."""

    preview: str
    error: ErrorReport = nested(ErrorReport)


MESSAGE_KINDS: Dict[str, Type[Record]] = {
    "hello_request": HelloRequest,
    "submit_job_request": SubmitJobRequest,
    "revise_job_request": ReviseJobRequest,
    "describe_job_request": DescribeJobRequest,
    "list_jobs_request": ListJobsRequest,
    "cancel_job_request": CancelJobRequest,
    "pause_job_request": PauseJobRequest,
    "resume_job_request": ResumeJobRequest,
    "watch_job_request": WatchJobRequest,
    "set_playhead_request": SetPlayheadRequest,
    "preview_request": PreviewRequest,
    "suggest_keyframes_request": SuggestKeyframesRequest,
    "suggest_next_request": SuggestNextRequest,
    "confidence_request": ConfidenceRequest,
    "describe_media_request": DescribeMediaRequest,
    "list_models_request": ListModelsRequest,
    "describe_engine_request": DescribeEngineRequest,
    "shutdown_request": ShutdownRequest,
    "error_reply": ErrorReply,
    "ok_reply": OkReply,
    "hello_reply": HelloReply,
    "job_reply": JobReply,
    "job_list_reply": JobListReply,
    "preview_accepted_reply": PreviewAccepted,
    "keyframes_reply": KeyframesReply,
    "confidence_reply": ConfidenceReply,
    "media_reply": MediaReply,
    "model_list_reply": ModelListReply,
    "engine_reply": EngineReply,
    "job_changed_event": JobChanged,
    "job_progress_event": JobProgress,
    "frames_finished_event": FramesFinished,
    "job_warning_event": JobWarning,
    "preview_ready_event": PreviewReady,
    "preview_failed_event": PreviewFailed,
}

KIND_OF: Dict[Type[Record], str] = {record: kind for kind, record in MESSAGE_KINDS.items()}
