"""Jobs carried out in the test's own process by the real runner, store and checks: no daemon, no sockets."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from sparkvsr_bridge.media import ImageRef, SourceMedia
from sparkvsr_bridge.messages import FramesFinished, JobProgress, JobReport
from sparkvsr_bridge.settings import (
    JobSpec,
    Keyframe,
    KeyframePolicy,
    OutputTarget,
    Revision,
    UpscaleSettings,
)
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.intake import check_submission
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.plans.session import RestorerPool
from sparkvsr_engine.jobs.revisions import Revised, check_revision
from sparkvsr_engine.jobs.running.runner import JobRunner, RunContext
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.media.images import read_image, write_image
from tests.fakes.media import write_picture
from tests.fakes.scenes import scene

WIDTH, HEIGHT = 64, 48
MANUAL = KeyframePolicy("manual")


def write_plate(folder: Path, count: int, width: int = WIDTH, height: int = HEIGHT) -> str:
    """A numbered sequence of a sliding scene from frame 0 on; returns its pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        write_picture(folder / f"{index:04d}.png", scene(index, width, height))
    return str(folder / "%04d.png")


def write_keyframe(
    path: Path, frame: int, scale: int = 2, gain: float = 1.0, width: int = WIDTH, height: int = HEIGHT
) -> ImageRef:
    """A picture for a frame of that scene, its detail multiplied by `gain`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    enlarged = cv2.resize(
        scene(frame, width, height), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC
    ).astype(np.float32)
    soft = cv2.GaussianBlur(enlarged, (0, 0), 1.5)
    write_image(path, np.clip(soft + (enlarged - soft) * gain, 0, 255).astype(np.uint8))
    return ImageRef(path=str(path))


@dataclass
class Ran:
    """One version carried out, and everything it reported."""

    job: str
    version: int
    reports: list

    @property
    def advance(self) -> JobReport:
        """The last word on how far it is."""
        return next(event.report for event in reversed(self.reports) if isinstance(event, JobProgress))

    @property
    def announced(self) -> list[int]:
        """Frames in the order they were reported."""
        return [
            frame for report in self.reports if isinstance(report, FramesFinished) for frame in report.frames
        ]


class Workshop:
    """One home folder with its jobs."""

    def __init__(self, home: Path, **settings) -> None:
        self.home = home
        self.config = EngineConfig(home, **settings)
        self.config.make_folders()
        self.store = JobStore(self.config.database)
        self.pool = RestorerPool(self.config, "cpu")

    def spec(self, source: str, target: Path, keyframes: dict[int, ImageRef | None], **settings) -> JobSpec:
        """A request with these keyframes and no policy."""
        settings = {"scale": 2.0, "policy": MANUAL, "device": "cpu", **settings}
        return JobSpec(
            SourceMedia(source),
            OutputTarget(str(target)),
            UpscaleSettings(**settings),
            tuple(Keyframe(frame, image) for frame, image in sorted(keyframes.items())),
        )

    def submit(self, spec: JobSpec, job: str = "") -> str:
        """Take a request in; returns the job's name."""
        job = job or uuid.uuid4().hex[:10]
        self.store.add_version(job, check_submission(self.config, job, spec, None))
        return job

    def revise(self, job: str, revision: Revision) -> tuple[Revised, int]:
        """Settle the next version; returns what is known of it before it runs, and its number."""
        revised = check_revision(self.config, self.store.version(job), revision, None)
        version = self.store.add_version(job, revised.spec).version
        self.store.set_plan(job, version, revised.plan)
        return revised, version

    def run(self, job: str, version: int = 0, control: JobControl | None = None, on_report=None) -> Ran:
        """Carry a version out."""
        result = self.store.version(job, version)
        ran = Ran(job, result.version, [])

        def report(message) -> None:
            ran.reports.append(message)
            if on_report is not None:
                on_report(message)

        context = RunContext(self.config, self.store, self.pool, control or JobControl(), report)
        JobRunner(context, result).run()
        self.store.set_state(job, result.version, "finished")
        return ran

    def plan(self, job: str, version: int = 0) -> JobPlan:
        """What a version settled on."""
        return JobPlan.from_dict(self.store.version(job, version).plan)

    def render(self, spec: JobSpec) -> Ran:
        """Submit and carry out."""
        return self.run(self.submit(spec))

    def close(self) -> None:
        """Let the store and the model go."""
        self.store.close()
        self.pool.close()


def retargeted(spec: JobSpec, target: Path, **settings) -> JobSpec:
    """The same request written elsewhere, settings changed."""
    return replace(
        spec, output=replace(spec.output, path=str(target)), settings=replace(spec.settings, **settings)
    )


def pictures_in(folder: Path) -> dict[str, np.ndarray]:
    """Every picture of a folder by name."""
    return {path.name: read_image(path).pixels for path in sorted(folder.glob("*.png"))}


def assert_same_pictures(first: Path, second: Path) -> None:
    """Both folders hold the same frames, bit for bit."""
    result, expected = pictures_in(first), pictures_in(second)
    assert list(result) == list(expected) != []
    assert [name for name in result if not np.array_equal(result[name], expected[name])] == []
