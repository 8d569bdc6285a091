"""What confined work still does: whole jobs, allowed commands, and local clients' work beside it."""

from __future__ import annotations

import queue
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import JobSpec, KeyframePolicy, OutputTarget, Revision, UpscaleSettings
from sparkvsr_engine.media.images import read_image
from sparkvsr_engine.media.probe import probe
from tests.end_to_end.clips import plate, write_scenes
from tests.end_to_end.watching import end_of, ended_report
from tests.fakes.remote_engines import RemoteEngine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the engine's folders are POSIX'"),
]

# A program with a file of its own, beside it and outside the roots.
MAKER = """
import shutil, sys
from pathlib import Path
assert (Path(__file__).parent / "its_own.txt").read_text() == "weights"
import cv2
picture = cv2.imread(sys.argv[1])
cv2.imwrite(sys.argv[2], cv2.resize(picture, None, fx=int(sys.argv[3]), fy=int(sys.argv[3])))
"""


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="svsr-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def maker(base: Path) -> str:
    (base / "tool").mkdir()
    (base / "tool" / "maker.py").write_text(MAKER)
    (base / "tool" / "its_own.txt").write_text("weights")
    return f"cmd@2:{sys.executable} {base / 'tool' / 'maker.py'} {{input}} {{output}} {{scale}}"


@pytest.fixture(scope="module")
def engine(base: Path, maker: str) -> Iterator[RemoteEngine]:
    result = RemoteEngine(base, f"keyframe_makers = ['{maker}']")
    plate(result.shots, 6, start=1, name="plate.%04d.png")
    plate(result.secret, 2, start=1, name="own.%04d.png", seed=5)
    write_scenes(result.shots / "plate.mp4", [6])
    result.start()
    try:
        yield result
    finally:
        result.end()


@pytest.fixture(scope="module")
def client(engine: RemoteEngine) -> EngineClient:
    return engine.client("submit")


def asked(engine: RemoteEngine, source: str, target: str, **settings) -> JobSpec:
    values = {"scale": 2.0, "model": "identity", "policy": KeyframePolicy("none"), **settings}
    path = engine.results / target
    return JobSpec(
        SourceMedia(str(engine.shots / source)), OutputTarget(str(path)), UpscaleSettings(**values)
    )


def finished(client: EngineClient, spec: JobSpec) -> m.JobReport:
    return end_of(client, client.request(m.SubmitJobRequest(spec), m.JobReply).report.job)


def test_a_movie_is_rendered_and_revised(engine: RemoteEngine, client: EngineClient):
    report = finished(client, asked(engine, "plate.mp4", "movie/a.mov"))
    target = OutputTarget(str(engine.results / "movie" / "b.mov"))
    client.request(m.ReviseJobRequest(report.job, Revision(guidance=0.5, output=target)), m.JobReply)
    again = ended_report(client, report.job)
    assert (again.version, again.state, again.frames_reused) == (2, "finished", 6)
    for name in ("a.mov", "b.mov"):
        assert probe(SourceMedia(str(engine.results / "movie" / name))).media_info().frames == 6


def test_a_command_that_the_configuration_names_has_files_of_its_own(
    engine: RemoteEngine, client: EngineClient, maker: str
):
    spec = asked(
        engine, "plate.%04d.png", "made/%04d.png", model="lite", isr=maker, policy=KeyframePolicy("uniform")
    )
    report = finished(client, spec)
    assert report.keyframes
    assert len(list((engine.results / "made").glob("*.png"))) == 6


def test_a_local_clients_preview_beside_a_remote_job_is_not_confined(
    engine: RemoteEngine, client: EngineClient
):
    job = client.request(
        m.SubmitJobRequest(asked(engine, "plate.%04d.png", "beside/%04d.png", model="lite")), m.JobReply
    ).report.job
    events: queue.Queue = queue.Queue()
    with engine.local().connect() as local:
        local.add_listener(events.put)
        target = engine.secret / "preview.tif"
        request = m.PreviewRequest(
            SourceMedia(str(engine.secret / "own.%04d.png")),
            1,
            UpscaleSettings(scale=2.0, model="identity", policy=KeyframePolicy("none")),
            target=str(target),
        )
        local.request(request, m.PreviewAccepted)
        event = next_preview(events)
    assert isinstance(event, m.PreviewReady), event
    assert read_image(target).pixels.shape[:2] == (96, 128)
    assert ended_report(client, job).state == "finished"


def next_preview(events: queue.Queue) -> object:
    while True:
        event = events.get(timeout=60).message
        if isinstance(event, (m.PreviewReady, m.PreviewFailed)):
            return event


def test_a_chunk_of_a_local_job_that_lies_outside_is_rendered_again(
    engine: RemoteEngine, client: EngineClient
):
    spec = asked(engine, "plate.%04d.png", "apart/%04d.png", guidance=0.25)
    outside = OutputTarget(str(engine.secret / "apart" / "%04d.png"))
    with engine.local().connect() as local:
        local_spec = JobSpec(spec.source, outside, spec.settings)
        finished(local, local_spec)
    finished(client, spec)
    for number in range(1, 7):
        pixels = [
            read_image(folder / "apart" / f"{number:04d}.png").pixels
            for folder in (engine.secret, engine.results)
        ]
        np.testing.assert_array_equal(*pixels)


def test_what_is_temporary_lies_in_the_engines_folder_and_a_refused_request_leaves_no_folder(
    engine: RemoteEngine, client: EngineClient
):
    assert (engine.home / "scratch").is_dir()
    before = set((engine.home / "jobs").iterdir())
    spec = asked(engine, "absent.%04d.png", "none/%04d.png")
    with pytest.raises(SparkVSRError):
        client.request(m.SubmitJobRequest(spec), m.JobReply)
    assert set((engine.home / "jobs").iterdir()) == before
