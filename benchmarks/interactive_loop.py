"""The interactive loop, measured through a real engine: fix one keyframe, move guidance, preview.

    python benchmarks/interactive_loop.py CLIP                     121 frames, 480x270 to 1920x1080
    python benchmarks/interactive_loop.py CLIP --scale 2 --frames 61
    python benchmarks/interactive_loop.py CLIP --only previews --device openvino:8bit

CLIP is any movie; its frames are reduced to the source size, and five of them, untouched, are the keyframes.
Everything runs in one go; the worker's processor time is printed beside the clock's, because it holds on a
busy machine too. Run it from the repository's root.
"""

from __future__ import annotations

import argparse
import queue
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np
import psutil
from printed_table import table

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(1, str(Path(__file__).parents[1] / "bridge"))

from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.wire import Envelope
from sparkvsr_bridge.media import ImageRef, Region, SourceMedia
from sparkvsr_bridge.messages import (
    ENDED_STATES,
    DescribeEngineRequest,
    DescribeJobRequest,
    EngineReply,
    JobReply,
    JobReport,
    PreviewAccepted,
    PreviewFailed,
    PreviewReady,
    PreviewRequest,
    ReviseJobRequest,
    SubmitJobRequest,
)
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.settings import (
    JobSpec,
    Keyframe,
    KeyframePolicy,
    OutputTarget,
    Revision,
    UpscaleSettings,
)
from sparkvsr_engine.media.images import read_image, write_image

KEYFRAMES = 5
BURST = 50
SOFTER = 0.6
JOB_COLUMNS = (
    *("", "frames rendered", "reused", "network passes", "time", "of a full render"),
    *("processor time", "of a full render", ""),
)


@dataclass(frozen=True)
class Material:
    """The clip as the engine gets it. size: of the source; device: that renders; changed: the third keyframe,
    darker.
    """

    folder: Path
    size: tuple[int, int]
    device: str
    source: SourceMedia
    frames: int
    settings: UpscaleSettings
    keyframes: tuple[Keyframe, ...]
    changed: Keyframe


def prepare(clip: Path, folder: Path, options: argparse.Namespace) -> Material:
    """Reduce the clip to numbered pictures, and write keyframes of its own frames."""
    width, height = (int(side) for side in options.source.split("x"))
    size = round(width * options.scale), round(height * options.scale)
    keyframe_numbers = [round(i * (options.frames - 1) / (KEYFRAMES - 1)) for i in range(KEYFRAMES)]
    (folder / "plate").mkdir()
    keyframes: list[Keyframe] = []
    changed: Keyframe | None = None
    for number, picture in enumerate(frames_of(clip, options.frames)):
        write_image(
            folder / "plate" / f"{number:04d}.png",
            cv2.resize(picture, (width, height), None, 0, 0, cv2.INTER_AREA),
        )
        if number in keyframe_numbers:
            large = np.asarray(cv2.resize(picture, size, None, 0, 0, cv2.INTER_CUBIC), np.uint8)
            keyframes.append(written(folder, number, "", large))
        if number == keyframe_numbers[KEYFRAMES // 2]:
            changed = written(folder, number, "other", np.ascontiguousarray(255 - (255 - large) // 8 * 7))
    assert changed is not None
    settings = UpscaleSettings(scale=options.scale, model=options.model, policy=KeyframePolicy("manual"))
    source = SourceMedia(str(folder / "plate" / "%04d.png"))
    sides = width, height
    return Material(
        folder, sides, options.device, source, options.frames, settings, tuple(keyframes), changed
    )


def frames_of(clip: Path, count: int) -> Sequence[np.ndarray]:
    """The first frames of a movie, uint8 RGB; exits where there are too few."""
    frames: list[np.ndarray] = []
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            frames.append(frame.to_ndarray(format="rgb24"))
            if len(frames) == count:
                return frames
    raise SystemExit(f"{clip} has {len(frames)} frames only; choose --frames.")


def written(folder: Path, number: int, name: str, picture: np.ndarray) -> Keyframe:
    path = folder / f"key{number}{name}.png"
    write_image(path, picture)
    return Keyframe(number, ImageRef(path=str(path)))


class Serving:
    """An engine in a home folder of its own, with a client that loops. Use as a context manager."""

    def __init__(self, home: Path, material: Material) -> None:
        home.mkdir()
        (home / "config.toml").write_text(f'device = "{material.device}"\n')
        self._engine = EngineProcess(home)
        self._material = material

    def __enter__(self) -> Loop:
        self._client = self._engine.ensure("benchmark")
        while self._client.request(DescribeEngineRequest(), EngineReply).worker_state != "ready":
            time.sleep(0.1)
        return Loop(self._client, self._material)

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._engine.stop()


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, and of processor time in the worker."""

    clock: float
    worker: float


class Watch:
    """Starts when it is made."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._worker = loop.worker_seconds()
        self._start = time.monotonic()

    def stop(self) -> Took:
        """What it took since then."""
        clock = time.monotonic() - self._start
        return Took(clock, self._loop.worker_seconds() - self._worker)


class Loop:
    """What an artist does, timed."""

    def __init__(self, client: EngineClient, material: Material) -> None:
        self._client = client
        self._material = material
        self._letters: queue.SimpleQueue[Envelope] = queue.SimpleQueue()
        client.add_listener(self._letters.put)

    def worker_seconds(self) -> float:
        """Processor time the worker has taken so far."""
        pid = self._client.request(DescribeEngineRequest(), EngineReply).worker_pid
        times = psutil.Process(pid).cpu_times()
        return times.user + times.system

    def render(
        self, name: str, keyframes: tuple[Keyframe, ...], guidance: float = 1.0
    ) -> tuple[JobReport, Took]:
        """A new job from request to result."""
        settings = replace(self._material.settings, guidance=guidance)
        target = OutputTarget(str(self._material.folder / name / "%04d.png"))
        spec = JobSpec(self._material.source, target, settings, keyframes)
        watch = Watch(self)
        report = self._client.request(SubmitJobRequest(spec), JobReply, 120).report
        return self._ended(report), watch.stop()

    def revise(self, job: str, revision: Revision) -> tuple[JobReport, Took]:
        """The next version from request to result."""
        watch = Watch(self)
        report = self._client.request(ReviseJobRequest(job, revision), JobReply, 120).report
        return self._ended(report), watch.stop()

    def preview(self, frame: int, guidance: float = 1.0, region: Region | None = None) -> Took:
        """From request to the full picture in hand."""
        watch = Watch(self)
        self._await(self._order(frame, guidance, region), "full")
        return watch.stop()

    def quick_preview(self, frame: int) -> tuple[Took, Took]:
        """From request to the quick picture in hand, which hosts show first, and to the full one."""
        watch = Watch(self)
        preview = self._order(frame, 1.0, None, quick_first=True)
        self._await(preview, "quick")
        quick = watch.stop()
        self._await(preview, "full")
        return quick, watch.stop()

    def burst(self, frame: int) -> tuple[int, int, float]:
        """Previews upon each other: pictures that came, previews that were dropped, seconds to the last."""
        start = time.monotonic()
        names = [self._order(frame, step / BURST, None) for step in range(BURST)]
        ready, failed = 0, 0
        while ready + failed < BURST:
            message = self._letters.get(timeout=600).message
            is_ready = isinstance(message, PreviewReady) and message.preview in names
            ready += is_ready
            failed += isinstance(message, PreviewFailed) and message.preview in names
            if is_ready and message.preview == names[-1]:
                break
        return ready, failed, time.monotonic() - start

    def _order(self, frame: int, guidance: float, region: Region | None, *, quick_first: bool = False) -> str:
        settings = replace(self._material.settings, guidance=guidance)
        request = PreviewRequest(
            self._material.source,
            frame,
            settings,
            self._material.keyframes,
            region,
            slot="viewer",
            quick_first=quick_first,
        )
        return self._client.request(request, PreviewAccepted).preview

    def _await(self, preview: str, stage: str) -> None:
        while True:
            envelope = self._letters.get(timeout=600)
            message = envelope.message
            if isinstance(message, PreviewFailed) and message.preview == preview:
                raise message.error.to_error()
            if isinstance(message, PreviewReady) and message.preview == preview and message.stage == stage:
                with self._client.open_image(envelope, message.image) as pixels:
                    assert len(pixels) > 0
                return

    def _ended(self, report: JobReport) -> JobReport:
        while report.state not in ENDED_STATES:
            time.sleep(0.05)
            report = self._client.request(DescribeJobRequest(report.job, report.version), JobReply).report
        if report.error is not None:
            raise report.error.to_error()
        return report


def job_rows(material: Material, folder: Path, with_fresh: bool) -> list[list[str]]:
    """A full render, two revisions of it, and the fresh render the last one must equal."""
    with Serving(folder / "jobs", material) as loop:
        first, whole = loop.render("full", material.keyframes)
        rows = [row("full render", first, whole, whole)]
        fixed, seconds = loop.revise(first.job, Revision(set_keyframes=(material.changed,)))
        rows.append(row("third keyframe changed", fixed, seconds, whole))
        softer, seconds = loop.revise(fixed.job, Revision(guidance=SOFTER))
        rows.append(row(f"guidance 1 to {SOFTER}", softer, seconds, whole))
    if with_fresh:
        named = {key.frame: key for key in (*material.keyframes, material.changed)}
        with Serving(folder / "fresh", material) as loop:
            report, seconds = loop.render("fresh_out", tuple(named[frame] for frame in sorted(named)), SOFTER)
        same = same_pictures(folder / "full_v003", folder / "fresh_out", material.frames)
        rows.append(row("the last rendered fresh", report, seconds, whole, f"{same} frames equal"))
    return rows


def same_pictures(first_folder: Path, second_folder: Path, count: int) -> int:
    """How many frames are equal bit for bit."""
    names = [f"{number:04d}.png" for number in range(count)]
    return sum(
        np.array_equal(read_image(first_folder / n).pixels, read_image(second_folder / n).pixels)
        for n in names
    )


def row(name: str, report: JobReport, took: Took, whole: Took, note: str = "") -> list[str]:
    """One line of the table."""
    counts = [report.frames_rendered, report.frames_reused, report.passes_run]
    clock = [f"{took.clock:.1f} s", f"{took.clock / whole.clock:.2f}"]
    worker = [f"{took.worker:.1f} s", f"{took.worker / whole.worker:.2f}"]
    return [name, *map(str, counts), *clock, *worker, note]


def preview_rows(material: Material, folder: Path) -> list[list[str]]:
    """Latencies from request to picture, through the engine and shared memory; nothing is rendered before."""
    step = max(1, material.frames // 13)
    cold = [frame + 1 for frame in range(step, material.frames - 2, step)]
    width, height = (round(side * material.settings.scale) // 4 for side in material.size)
    region = Region(width, height, width, height)
    with Serving(folder / "views", material) as loop:
        rows = [latency("a frame never seen", [loop.preview(frame) for frame in cold])]
        rows.append(latency("the frame beside it", [loop.preview(frame + 1) for frame in cold[:6]]))
        quick = [loop.quick_preview(frame - step // 2) for frame in cold]
        rows.append(latency("never seen, a quick picture first", [first for first, _ in quick]))
        rows.append(latency("the full one behind it", [whole for _, whole in quick]))
        loop.preview(cold[0])
        moved = [loop.preview(cold[0], 0.1 * i) for i in range(1, 16)]
        rows.append(latency("guidance moved", moved))
        parts = [loop.preview(frame + 2, 1.0, region) for frame in cold[:6]]
        rows.append(latency("a region, never seen", parts))
        ready, failed, seconds = loop.burst(cold[2])
    rows.append([f"{BURST} superseding", f"{ready} shown, {failed} dropped", f"{seconds:.3f} s", "", ""])
    return rows


def latency(name: str, took: Sequence[Took]) -> list[str]:
    """One line: how many, median, 95th percentile, median of the worker's processor time."""
    median, late = np.percentile([run.clock for run in took], [50, 95])
    worker = np.median([run.worker for run in took])
    return [name, str(len(took)), f"{median:.3f} s", f"{late:.3f} s", f"{worker:.2f} s"]


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", type=Path)
    parser.add_argument("--frames", type=int, default=121)
    parser.add_argument("--source", default="480x270", metavar="WxH")
    parser.add_argument("--scale", type=float, default=4.0)
    parser.add_argument("--model", default="lite")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--only", choices=("jobs", "previews"), default="")
    parser.add_argument("--without-fresh", action="store_true", help="skip the render to compare with")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = parse()
    print(f"{options.frames} frames {options.source} x{options.scale:g}, {options.model}\n")
    with tempfile.TemporaryDirectory(prefix="loop-") as name:
        folder = Path(name)
        material = prepare(options.clip, folder, options)
        if options.only != "previews":
            print(
                table(JOB_COLUMNS, job_rows(material, folder, not options.without_fresh)) + "\n", flush=True
            )
        if options.only != "jobs":
            print(table(["preview", "times", "p50", "p95", "processor"], preview_rows(material, folder)))


if __name__ == "__main__":
    main()
