"""The engine as an object: jobs, previews, suggestions and descriptions as calls."""

from __future__ import annotations

from pathlib import Path

from sparkvsr.job import ACCEPT_SECONDS, Job, open_job, start_job
from sparkvsr.loading import request_when_loaded
from sparkvsr.preview import Preview, start_preview
from sparkvsr.requests import (
    Keyframes,
    PathLike,
    Source,
    Target,
    absolute,
    keyframe_records,
    settings_record,
    source_record,
    spec_record,
)
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.media import MediaInfo, Region
from sparkvsr_bridge.messages import (
    DescribeMediaRequest,
    JobListReply,
    JobReport,
    KeyframeChoice,
    KeyframesReply,
    ListJobsRequest,
    ListModelsRequest,
    MediaReply,
    ModelListReply,
    ModelReport,
    PreviewRequest,
    SubmitJobRequest,
    SuggestKeyframesRequest,
)
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.settings import UpscaleSettings

_CLIENT = "python"


class Engine:
    """A connection to the engine of this user. Use as a context manager, or call `close`.

    Methods may be called from any thread.
    """

    def __init__(self, process: EngineProcess, client: EngineClient) -> None:
        self._process = process
        self.client = client

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; the engine and its jobs go on."""
        self.client.close()

    def upscale(
        self,
        source: Source,
        target: Target,
        settings: UpscaleSettings | None = None,
        *,
        keyframes: Keyframes | None = None,
        frames: tuple[int, int] | None = None,
    ) -> Job:
        """Start a job.

        Args:
            source: a movie, a numbered pattern (`plate.%04d.exr`), a folder with one sequence, or a record.
            target: a movie or a numbered pattern, or a record with codec, quality, layers.
            settings: everything that changes pixels; None: scale 4, and keyframes made where they help unless
                some are given.
            keyframes: by frame number: a picture's path, an array [H, W, C] (uint8, uint16, float16 or
                float32, sRGB), a `Keyframe` record, or None to have it made by the image model.
            frames: first and last frame, inclusive, in the source's own numbers.

        Raises:
            SparkVSRError: where the engine refuses the request, with what to do.
        """
        spec = spec_record(source, target, settings, keyframes, frames)
        return start_job(self._process, self.client, SubmitJobRequest(spec))

    def preview(
        self,
        source: Source,
        frame: int,
        settings: UpscaleSettings | None = None,
        *,
        keyframes: Keyframes | None = None,
        region: Region | None = None,
        target: PathLike | None = None,
        quick_first: bool = False,
        slot: str = "preview",
    ) -> Preview:
        """Render one frame as a job would.

        Args:
            source: see `upscale`; a record limits its frames.
            frame: its number.
            settings: see `upscale`.
            keyframes: see `upscale`.
            region: a rectangle in output pixels; None for the whole frame.
            target: a file to write; None for an array.
            quick_first: have a quick picture before the full one.
            slot: a later preview of the same slot takes this one's place.

        Raises:
            SparkVSRError: where the engine refuses the request.
        """
        media = source_record(source)
        request = PreviewRequest(
            media,
            frame,
            settings_record(settings, keyframes, media),
            keyframe_records(keyframes),
            region,
            slot,
            "" if target is None else absolute(target),
            quick_first,
        )
        return start_preview(self.client, request)

    def suggest(
        self,
        source: Source,
        settings: UpscaleSettings | None = None,
        *,
        keyframes: Keyframes | None = None,
        frames: tuple[int, int] | None = None,
    ) -> tuple[KeyframeChoice, ...]:
        """The frames that the policy of the settings would make keyframes, with why; see `upscale`.

        Args:
            source: see `upscale`.
            settings: policy, budget, and what they depend on; None for the defaults.
            keyframes: those that are there already, see `upscale`.
            frames: see `upscale`.
        """
        settings = settings or UpscaleSettings()
        request = SuggestKeyframesRequest(
            source_record(source, frames), settings, keyframe_records(keyframes)
        )
        return request_when_loaded(self.client, request, KeyframesReply, ACCEPT_SECONDS).choices

    def describe(self, source: Source) -> MediaInfo:
        """What a source's headers hold; raises MediaUnreadable.

        Args:
            source: see `upscale`.
        """
        request = DescribeMediaRequest(source_record(source))
        return self.client.request(request, MediaReply, ACCEPT_SECONDS).info

    def models(self) -> tuple[ModelReport, ...]:
        """Restorers and keyframe models, ready or with the command that makes them so."""
        return self.client.request(ListModelsRequest(), ModelListReply).models

    def jobs(self, limit: int = 100) -> tuple[JobReport, ...]:
        """The jobs of the engine, newest first.

        Args:
            limit: how many at most.
        """
        return self.client.request(ListJobsRequest(limit), JobListReply).reports

    def job(self, name: str, version: int = 0) -> Job:
        """A handle of a job that is there; version 0 is the latest.

        Args:
            name: as `sparkvsr jobs` lists it.
            version: from 1; 0 is the latest.

        Raises:
            UnknownJob: where there is no such job.
        """
        return open_job(self._process, self.client, name, version)


def connect(home: PathLike | None = None, *, starts: bool = True, name: str = _CLIENT) -> Engine:
    """Connect to the engine.

    Args:
        home: its home folder; None for this user's (`SPARKVSR_HOME`).
        starts: start it where none runs.
        name: how this program is called in the engine's log.

    Raises:
        EngineNotFound: where none runs and none is to be started, or its command cannot be run.
        EngineDidNotStart: with the last line of its log.
        ProtocolMismatch: where it is of another generation.
    """
    process = EngineProcess(None if home is None else Path(home).expanduser())
    client = process.ensure(name) if starts else process.connect(name)
    return Engine(process, client)


def upscale(
    source: Source,
    target: Target,
    settings: UpscaleSettings | None = None,
    *,
    keyframes: Keyframes | None = None,
    frames: tuple[int, int] | None = None,
    in_process: bool = False,
) -> JobReport:
    """Render a whole job and wait for its end.

    Args:
        source: see `Engine.upscale`.
        target: see `Engine.upscale`.
        settings: see `Engine.upscale`.
        keyframes: see `Engine.upscale`.
        frames: see `Engine.upscale`.
        in_process: render in this process instead of the engine, as a render farm does.

    Raises:
        SparkVSRError: the job's own error.
    """
    if in_process:
        from sparkvsr_engine.in_process import render_in_process

        spec = spec_record(source, target, settings, keyframes, frames)
        return render_in_process(spec)
    with connect() as engine:
        return engine.upscale(source, target, settings, keyframes=keyframes, frames=frames).wait()
