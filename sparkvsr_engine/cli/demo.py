"""Runs the main job on the packaged clip, as a newcomer would, and leaves something to look at.

The clip is a few seconds of Big Buck Bunny (see demo_clip/CREDITS.md) at a quarter of the film's size; the
keyframes are frames of the film itself, standing in for an artist's.
"""

from __future__ import annotations

from pathlib import Path

from sparkvsr.job import start_job
from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.media import ImageRef, SourceMedia
from sparkvsr_bridge.messages import SubmitJobRequest
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.settings import JobSpec, Keyframe, KeyframePolicy, OutputTarget, UpscaleSettings
from sparkvsr_engine.cli.console import Console, record_values
from sparkvsr_engine.cli.following import JobFollower

FRAMES = 72
KEYFRAMES = (0, 36, 71)
SCALE = 4


def run_demo(folder: Path, first_frame: int | None, last_frame: int | None, console: Console) -> int:
    """Upscale `bunny.mp4` four times under its keyframes; movie and before/after picture go to `folder`.

    Args:
        folder: where the results go.
        first_frame: 0..71; None for the clip's first.
        last_frame: inclusive, 0..71; None for the clip's last.
        console: where the command's output goes.

    Raises:
        InvalidSettings: where they are outside the clip.
    """
    frames = clip_frames(first_frame, last_frame)
    keyframes = tuple(frame for frame in KEYFRAMES if frame in frames)
    clip = Path(__file__).with_name("demo_clip") / "bunny.mp4"
    movie = folder.absolute() / "bunny_4x.mp4"
    picture = folder.absolute() / "before_after.png"
    spec = JobSpec(
        SourceMedia(str(clip), frames[0], frames[-1]),
        OutputTarget(str(movie), overwrite=True),
        UpscaleSettings(scale=SCALE, policy=KeyframePolicy("manual")),
        tuple(Keyframe(n, ImageRef(path=str(clip.with_name(f"keyframe_{n:02d}.jpg")))) for n in keyframes),
    )
    engine = EngineProcess()
    with engine.ensure("demo") as client:
        report = JobFollower(console).follow(start_job(engine, client, SubmitJobRequest(spec)))
    write_before_after(clip, movie, picture, farthest_frame(frames, keyframes), frames[0])
    text = (
        f"movie   {movie}\npicture {picture}\n"
        f"{report.frames_done} frames of 320x180 became 1280x720, {_steering(keyframes)}."
        " Now yours: sparkvsr upscale CLIP -o out.mp4"
    )
    console.result(text, "demo", movie=str(movie), picture=str(picture), **record_values(report))
    return 0


def clip_frames(first_frame: int | None, last_frame: int | None) -> range:
    """The frames asked for, in ascending order; raises InvalidSettings where the clip lacks one."""
    first = 0 if first_frame is None else first_frame
    last = FRAMES - 1 if last_frame is None else last_frame
    if not 0 <= first <= last < FRAMES:
        raise InvalidSettings(
            f"the frames {first}-{last} are not in the clip; choose frames of 0-{FRAMES - 1}."
        )
    return range(first, last + 1)


def farthest_frame(frames: range, keyframes: tuple[int, ...]) -> int:
    """The first of the frames farthest from every keyframe: where propagation has the most to do."""
    return max(frames, key=lambda frame: min((abs(frame - key) for key in keyframes), default=0))


def _steering(keyframes: tuple[int, ...]) -> str:
    if not keyframes:
        return "without a keyframe"
    noun = "keyframe" if len(keyframes) == 1 else "keyframes"
    return f"steered by {len(keyframes)} {noun} ({', '.join(map(str, keyframes))})"


def write_before_after(clip: Path, movie: Path, picture: Path, frame: int, movie_start: int) -> None:
    """One frame, bicubic on the left, the result on the right.

    Args:
        clip: the packaged clip.
        movie: the result.
        picture: the file to write.
        frame: the clip's number of it.
        movie_start: the clip's frame the movie begins with.
    """
    from sparkvsr_engine.evaluation.pictures.files import before_after
    from sparkvsr_engine.media.opening import open_source
    from sparkvsr_engine.media.pixels import to_float
    from sparkvsr_engine.media.probe import probe
    from sparkvsr_engine.references.preparing import resize_to

    pictures = []
    for path, number in ((clip, frame), (movie, frame - movie_start)):
        source = open_source(probe(SourceMedia(str(path))))
        pictures.append(to_float(source.read(number).pixels[..., :3]))
        source.close()
    height, width = pictures[1].shape[:2]
    before_after(resize_to(pictures[0], width, height), pictures[1], picture, labels=("bicubic", "SparkVSR"))
