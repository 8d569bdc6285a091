"""What the engine's benchmarks stand on: a clip that moves, an engine of its own, a job and its news."""

from __future__ import annotations

import math
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).absolute().parents[1]))
sys.path.insert(1, str(Path(__file__).absolute().parents[1] / "bridge"))

from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.wire import Envelope
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.messages import ENDED_STATES, JobChanged, JobProgress, JobReply, SubmitJobRequest
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.settings import JobSpec, KeyframePolicy, OutputTarget, UpscaleSettings

RATE = Fraction(24)
# An engine is started in its home folder; a checkout need not be installed for it.
os.environ["PYTHONPATH"] = str(Path(__file__).absolute().parents[1])


def write_clip(path: Path, frames: int, width: int, height: int) -> Path:
    """A textured picture that slides and breathes, as H.264; the same for every run."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    rng = np.random.default_rng(5)
    waves = [(rng.uniform(0.02, 0.9), rng.uniform(0, math.pi), rng.uniform(0, 6)) for _ in range(12)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "16", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            x = columns + 1.5 * number
            y = rows + 6 * math.sin(number / 9)
            grey = sum(np.sin(p * (x * math.cos(a) + y * math.sin(a)) + o) / (1 + 3 * p) for p, a, o in waves)
            picture = 128 + 30 * np.stack([grey, np.roll(grey, 5, 1), np.roll(grey, 9, 0)], -1)
            frame = av.VideoFrame.from_ndarray(np.clip(picture, 0, 255).astype(np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@contextmanager
def running_engine() -> Iterator[EngineProcess]:
    """An engine with a home of its own, ended and removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="svsr-"))
    engine = EngineProcess(home)
    try:
        yield engine
    finally:
        engine.stop()
        shutil.rmtree(home, ignore_errors=True)


@dataclass
class JobRun:
    """A job from being submitted to its end; times in seconds of the monotonic clock.

    rendering: when the model was loaded and the first frame begun. frames: how many were rendered.
    """

    client: EngineClient
    job: str = ""
    submitted: float = 0.0
    rendering: float = 0.0
    ended: float = 0.0
    frames: int = 0
    state: str = ""
    done: threading.Event = field(default_factory=threading.Event)
    started: threading.Event = field(default_factory=threading.Event)

    def begin(self, source: Path, target: Path, settings: UpscaleSettings) -> JobRun:
        """Submit the job."""
        self.client.add_listener(self._count_frames)
        spec = JobSpec(SourceMedia(str(source)), OutputTarget(str(target), overwrite=True), settings)
        self.submitted = time.monotonic()
        self.job = self.client.request(SubmitJobRequest(spec), JobReply, 120).report.job
        return self

    def finish(self) -> JobRun:
        """Wait for the end; raises RuntimeError when it failed."""
        self.done.wait()
        self.client.remove_listener(self._count_frames)
        if self.state != "finished":
            raise RuntimeError(f"the job ended as {self.state}")
        return self

    def _count_frames(self, envelope: Envelope) -> None:
        message = envelope.message
        if not isinstance(message, (JobChanged, JobProgress)):
            return
        report = message.report
        if report.phase == "rendering" and report.frames_done and not self.rendering:
            # Taken at the first frames reported, which are not counted.
            self.rendering, self.frames = time.monotonic(), -report.frames_done
            self.started.set()
        if report.state in ENDED_STATES:
            self.ended, self.state = time.monotonic(), report.state
            self.frames += report.frames_done
            self.started.set()
            self.done.set()


def settings_for(scale: float, keyframes: int, seed: int) -> UpscaleSettings:
    """lite with evenly spread keyframes; another seed keeps the engine from reusing frames."""
    return UpscaleSettings(scale=scale, policy=KeyframePolicy("uniform", keyframes), seed=seed)
