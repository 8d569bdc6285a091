"""Links swapped in and out all the time while remote clients' requests are judged and worked on."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.errors import LimitReached, SparkVSRError
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import JobSpec, KeyframePolicy, OutputTarget, UpscaleSettings
from sparkvsr_engine.access.confinement.threads import is_enforced
from sparkvsr_engine.media.images import read_image, write_image
from tests.end_to_end.clips import write_scenes
from tests.fakes.remote_engines import RemoteEngine

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32" or not is_enforced(), reason="the kernel has no Landlock"),
    pytest.mark.slow,
]

OWN, SECRET = 60, 200
LONGEST_PAUSE_SECONDS = 0.004


@pytest.fixture(scope="module")
def client(engine: RemoteEngine) -> EngineClient:
    return engine.client("submit")


@contextmanager
def swapped(place: Path, secret: Path) -> Iterator[None]:
    """What lies at `place` and a link to `secret` take turns under that name, at moments nobody knows."""
    link, own = place.with_name("link-" + place.name), place.with_name("own-" + place.name)
    link.symlink_to(secret)
    is_done = threading.Event()
    pauses = random.Random(7)

    def swap() -> None:
        while not is_done.is_set():
            place.rename(own)
            link.rename(place)
            time.sleep(pauses.uniform(0, LONGEST_PAUSE_SECONDS))
            place.rename(link)
            own.rename(place)
            time.sleep(pauses.uniform(0, LONGEST_PAUSE_SECONDS))

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()
        link.unlink()


def answer(client: EngineClient, message):
    """The answer; None where it was refused."""
    while True:
        try:
            return client.request_envelope(message).message
        except LimitReached:
            time.sleep(0.1)
        except SparkVSRError:
            return None


def ended(client: EngineClient, job: str) -> m.JobReport:
    for _ in range(1200):
        reply = answer(client, m.DescribeJobRequest(job))
        if reply is not None and reply.report.state in m.ENDED_STATES:
            return reply.report
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def write_plates(folder: Path, value: int, side: int) -> None:
    folder.mkdir()
    for number in (1, 2, 3):
        write_image(folder / f"{number:04d}.png", np.full((side, side, 3), value, np.uint8))


def plain(source: Path, target: Path, **settings) -> JobSpec:
    values = replace(UpscaleSettings(scale=1.0, model="identity", policy=KeyframePolicy("none")), **settings)
    return JobSpec(SourceMedia(str(source)), OutputTarget(str(target), overwrite=True), values)


def test_no_size_of_a_movie_or_sequence_elsewhere_comes_back(engine: RemoteEngine, client: EngineClient):
    write_plates(engine.shots / "seen", OWN, 32)
    write_plates(engine.secret / "seen", SECRET, 48)
    write_scenes(engine.shots / "seen" / "a.mp4", [3])
    write_image(engine.secret / "wide.png", np.zeros((8, 96, 3), np.uint8))

    def sizes(tries: int) -> set[tuple[int, int]]:
        replies = [
            answer(client, m.DescribeMediaRequest(SourceMedia(str(engine.shots / "seen" / name))))
            for _ in range(tries)
            for name in ("%04d.png", "a.mp4")
        ]
        return {(reply.info.width, reply.info.height) for reply in replies if reply is not None}

    # A movie is opened several times, so that it may be refused every time while the link moves.
    with swapped(engine.shots / "seen", engine.secret / "seen"):
        assert sizes(60) <= {(32, 32), (64, 48)}
    assert sizes(1) == {(32, 32), (64, 48)}


def test_no_job_shows_pictures_from_elsewhere(engine: RemoteEngine, client: EngineClient):
    write_plates(engine.shots / "shown", OWN, 32)
    write_plates(engine.secret / "shown", SECRET, 32)
    states = []
    with swapped(engine.shots / "shown", engine.secret / "shown"):
        for number in range(12):
            target = engine.results / f"shown{number}" / "%04d.png"
            reply = answer(client, m.SubmitJobRequest(plain(engine.shots / "shown" / "%04d.png", target)))
            if reply is not None:
                states.append(ended(client, reply.report.job).state)
    values = {int(read_image(path).pixels.max()) for path in engine.results.glob("shown*/*.png")}
    assert SECRET not in values
    target = engine.results / "after" / "%04d.png"
    reply = answer(client, m.SubmitJobRequest(plain(engine.shots / "shown" / "%04d.png", target)))
    assert ended(client, reply.report.job).state == "finished"
    assert {int(read_image(path).pixels.max()) for path in (engine.results / "after").iterdir()} == {OWN}


def test_no_result_is_written_elsewhere(engine: RemoteEngine, client: EngineClient):
    write_plates(engine.shots / "written", OWN, 32)
    (engine.results / "written").mkdir()
    (engine.secret / "written").mkdir()
    (engine.secret / "written" / "0002.png").write_bytes(b"theirs")
    with swapped(engine.results / "written", engine.secret / "written"):
        for name in ("%04d.png", "a.mov", "%04d.exr", "b.mov", "%04d.png", "%04d.tif"):
            target = engine.results / "written" / name
            asked = plain(engine.shots / "written" / "%04d.png", target)
            reply = answer(client, m.SubmitJobRequest(asked))
            if reply is not None:
                ended(client, reply.report.job)
    files = {path.name: path.read_bytes() for path in (engine.secret / "written").iterdir()}
    assert files == {"0002.png": b"theirs"}


CONFIG = """ocio_profile_version: 2
search_path: luts
roles:
  default: lin
colorspaces:
  - !<ColorSpace>
    name: lin
  - !<ColorSpace>
    name: look
    to_scene_reference: !<FileTransform> {src: table.cube}
"""


def test_no_colour_config_or_table_from_elsewhere_is_used(engine: RemoteEngine, client: EngineClient):
    pytest.importorskip("PyOpenColorIO")
    write_plates(engine.shots / "graded", OWN, 32)
    for base, white in ((engine.shots, 1.0), (engine.secret, 0.0)):
        (base / "show" / "luts").mkdir(parents=True)
        (base / "show" / "config.ocio").write_text(CONFIG)
        text = f"LUT_1D_SIZE 2\n{1 - white} {1 - white} {1 - white}\n{white} {white} {white}\n"
        (base / "show" / "luts" / "table.cube").write_text(text)
    config = str(engine.shots / "show" / "config.ocio")
    colours = {"ocio_config": config, "input_colour": "look", "output_colour": "lin"}

    def results(name: str) -> set[int]:
        target = engine.results / name / "%04d.png"
        asked = plain(engine.shots / "graded" / "%04d.png", target, **colours)
        reply = answer(client, m.SubmitJobRequest(asked))
        if reply is None or ended(client, reply.report.job).state != "finished":
            return set()
        return {int(read_image(path).pixels.max()) for path in (engine.results / name).iterdir()}

    own = results("graded")
    assert len(own) == 1
    seen = set[int]()
    with swapped(engine.shots / "show" / "luts", engine.secret / "show" / "luts"):
        for number in range(10):
            seen |= results(f"graded{number}")
    assert seen <= own
