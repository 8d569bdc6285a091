"""Runs the main job on the packaged clip, as a newcomer would, and leaves something to look at.

The clip is a few seconds of Big Buck Bunny (see demo_clip/CREDITS.md) at a quarter of the film's size; the
keyframes are frames of the film itself, standing in for an artist's.
"""

from __future__ import annotations

from pathlib import Path

from bridge.media import ImageRef, SourceMedia
from bridge.messages import JobReply, SubmitJobRequest
from bridge.process import EngineProcess
from bridge.settings import JobSpec, Keyframe, KeyframePolicy, OutputTarget, UpscaleSettings
from sparkvsr_engine.cli.console import Console, report_values
from sparkvsr_engine.cli.following import JobFollower

KEYFRAMES = (0, 36, 71)
SCALE = 4
# Half-way between two keyframes: where propagation has the farthest to go.
SHOWN_FRAME = 18


def run_demo(folder: Path, console: Console) -> int:
    """Upscale `bunny.mp4` four times under three keyframes; movie and before/after picture go to `folder`."""
    clip = Path(__file__).with_name("demo_clip") / "bunny.mp4"
    movie = folder.absolute() / "bunny_4x.mp4"
    picture = folder.absolute() / "before_after.png"
    spec = JobSpec(
        SourceMedia(str(clip)),
        OutputTarget(str(movie), overwrite=True),
        UpscaleSettings(scale=SCALE, policy=KeyframePolicy("manual")),
        tuple(Keyframe(n, ImageRef(path=str(clip.with_name(f"keyframe_{n:02d}.jpg")))) for n in KEYFRAMES),
    )
    engine = EngineProcess()
    with engine.ensure("demo") as client:
        follower = JobFollower(engine, client, console)
        report = client.request(SubmitJobRequest(spec), JobReply, timeout_seconds=120).report
        report = follower.follow(report)
    write_before_after(clip, movie, picture)
    text = (
        f"movie   {movie}\npicture {picture}\n"
        f"{report.frames_done} frames of 320x180 became 1280x720, steered by {len(KEYFRAMES)} keyframes"
        f" ({', '.join(map(str, KEYFRAMES))}). Now yours: sparkvsr upscale CLIP -o out.mp4"
    )
    console.result(text, "demo", movie=str(movie), picture=str(picture), **report_values(report))
    return 0


def write_before_after(clip: Path, movie: Path, picture: Path) -> None:
    """One frame, bicubic on the left, the result on the right."""
    from sparkvsr_engine.evaluation.pictures.files import before_after
    from sparkvsr_engine.media.opening import open_source
    from sparkvsr_engine.media.pixels import to_float
    from sparkvsr_engine.media.probe import probe
    from sparkvsr_engine.references.preparing import resize_to

    found = []
    for path in (clip, movie):
        source = open_source(probe(SourceMedia(str(path))))
        found.append(to_float(source.read(SHOWN_FRAME).pixels[..., :3]))
        source.close()
    height, width = found[1].shape[:2]
    before_after(resize_to(found[0], width, height), found[1], picture, labels=("bicubic", "SparkVSR"))
