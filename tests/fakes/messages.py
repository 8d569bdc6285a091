"""One full example of every message, each field away from its default, so that goldens show them all."""

from __future__ import annotations

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.media import ImageRef, MediaInfo, PixelFormat, Region, SourceMedia
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.settings import (
    JobSpec,
    Keyframe,
    KeyframePolicy,
    OutputTarget,
    Revision,
    UpscaleSettings,
)

SOURCE = SourceMedia("/shots/plate.%04d.exr", 1001, 1048)
TARGET = OutputTarget("/shots/upscaled.mov", "prores_ks", 80, True)
SETTINGS = UpscaleSettings(
    scale=3.0,
    width=1920,
    height=1080,
    model="sparkvsr",
    guidance=0.75,
    look="propagate",
    damage=0.25,
    isr="span",
    policy=KeyframePolicy("uniform", 5),
    input_colour="ACEScg",
    output_colour="sRGB",
    seed=7,
    device="cuda:0",
    ocio_config="/shows/a/config.ocio",
    learn="budget",
    learn_seconds=30.0,
)
HALF = PixelFormat(960, 540, 4, "float16", "ACEScg")
KEYFRAMES = (
    Keyframe(
        1001, ImageRef("/shots/key.exr"), 0.6, ImageRef(buffer=0, format=PixelFormat(960, 540, 1)), "ACEScg"
    ),
    Keyframe(1024, ImageRef(shared="sparkvsr-4711-0123456789abcdef", format=HALF)),
)
ERROR = m.ErrorReport("out_of_memory", "The device has 2 GiB; use --device cpu.", {"free_bytes": 2147483648})
REPORT = m.JobReport(
    job="k7m2",
    version=2,
    state="failed",
    source=SOURCE.path,
    target=TARGET.path,
    frames_total=48,
    frames_done=20,
    frames_reused=12,
    frames_rendered=8,
    chunks_total=6,
    chunks_done=2,
    frames_per_second=2.5,
    eta_seconds=11.5,
    phase="rendering",
    created=1763730000.0,
    ended=1763730060.5,
    versions=2,
    keyframes=(1001, 1024),
    warnings=("Keyframe 1024 was moved by 2.5 pixels.",),
    error=ERROR,
)

EXAMPLES: dict[str, Record] = {
    "hello_request": m.HelloRequest((1, 1), "blender 4.2", "0.1.0", True),
    "submit_job_request": m.SubmitJobRequest(JobSpec(SOURCE, TARGET, SETTINGS, KEYFRAMES, "batch"), False),
    "revise_job_request": m.ReviseJobRequest(
        "k7m2",
        Revision(
            KEYFRAMES[:1], (1024,), 1.25, 0.5, False, 1001, 1030, TARGET, on_damage="stop", learn="again"
        ),
        False,
    ),
    "describe_job_request": m.DescribeJobRequest("k7m2", 1),
    "list_jobs_request": m.ListJobsRequest(10),
    "cancel_job_request": m.CancelJobRequest("k7m2"),
    "pause_job_request": m.PauseJobRequest("k7m2"),
    "resume_job_request": m.ResumeJobRequest("k7m2", False),
    "watch_job_request": m.WatchJobRequest("k7m2"),
    "set_playhead_request": m.SetPlayheadRequest("k7m2", 1010),
    "preview_request": m.PreviewRequest(
        SOURCE, 1010, SETTINGS, KEYFRAMES, Region(64, 32, 640, 360), "viewer", "/tmp/preview.png", True
    ),
    "suggest_keyframes_request": m.SuggestKeyframesRequest(SOURCE, SETTINGS, KEYFRAMES),
    "suggest_next_request": m.SuggestNextRequest("k7m2", 1, 3, (1004, 1020)),
    "confidence_request": m.ConfidenceRequest("k7m2", 1, 1010, "/tmp/heat.png"),
    "describe_media_request": m.DescribeMediaRequest(SOURCE),
    "list_models_request": m.ListModelsRequest(),
    "describe_engine_request": m.DescribeEngineRequest(),
    "shutdown_request": m.ShutdownRequest(),
    "error_reply": m.ErrorReply(ERROR),
    "ok_reply": m.OkReply(),
    "hello_reply": m.HelloReply((1, 1), "0.1.0", 4711, "/dev/shm"),
    "job_reply": m.JobReply(REPORT),
    "job_list_reply": m.JobListReply((REPORT,)),
    "preview_accepted_reply": m.PreviewAccepted("p12"),
    "keyframes_reply": m.KeyframesReply(
        (m.KeyframeChoice(1001, "first frame of its shot", 1.5, 41.75),), (1020,), "The source looks clean."
    ),
    "confidence_reply": m.ConfidenceReply(
        "k7m2", 2, (1001, 1002), (1.0, 0.75), ImageRef(buffer=0, format=HALF)
    ),
    "media_reply": m.MediaReply(
        MediaInfo(
            path="/shots/a.mov",
            kind="movie",
            width=480,
            height=270,
            first_frame=0,
            last_frame=120,
            rate=(24000, 1001),
            has_audio=True,
            has_alpha=True,
            sample="uint16",
            colour="rec709",
            variable_rate=True,
            interlaced=True,
            timecode="01:00:00;00",
            pixel_aspect=(4, 3),
            keyframes=(0, 48),
            full_size=(1920, 1080),
        )
    ),
    "model_list_reply": m.ModelListReply(
        (
            m.ModelReport(
                "sparkvsr",
                "restorer",
                False,
                "The published one.",
                "Apache-2.0",
                "sparkvsr models fetch",
                32,
            ),
        )
    ),
    "engine_reply": m.EngineReply(
        version="0.1.0",
        pid=4711,
        uptime_seconds=12.5,
        device="cpu",
        worker_pid=4712,
        worker_state="idle",
        executor="ray",
        jobs_queued=2,
        jobs_running=1,
        clients=3,
        home="/home/artist/.local/share/sparkvsr",
    ),
    "job_changed_event": m.JobChanged(REPORT),
    "job_progress_event": m.JobProgress(REPORT),
    "frames_finished_event": m.FramesFinished(
        "k7m2", 2, (1001, 1002), ("/shots/u.1001.exr", "/shots/u.1002.exr")
    ),
    "job_warning_event": m.JobWarning("k7m2", "Keyframe 1024 was moved by 2.5 pixels.", 1024),
    "preview_ready_event": m.PreviewReady(
        "p12",
        1010,
        "full",
        ImageRef(buffer=0, format=HALF),
        0.75,
        ("The keyframe at 1001 was 2.0 source pixels out of place and was moved back.",),
    ),
    "preview_failed_event": m.PreviewFailed("p12", ERROR),
}
