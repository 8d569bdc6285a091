"""A client that spells paths as Windows does renders here, and the page is followed to the letter."""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.errors import SparkVSRError, TargetExists
from sparkvsr_bridge.media import ImageRef, SourceMedia
from sparkvsr_bridge.settings import (
    JobSpec,
    Keyframe,
    KeyframePolicy,
    OutputTarget,
    Revision,
    UpscaleSettings,
)
from sparkvsr_engine.media.images import write_image
from tests.end_to_end.program import ROOT
from tests.fakes.remote_engines import RemoteEngine

SETTINGS = UpscaleSettings(scale=2.0, model="lite", policy=KeyframePolicy("manual"))
PAGE = ROOT / "docs" / "remote.md"


def write_plates(folder: Path) -> None:
    """Three small frames that differ."""
    rows, columns = np.mgrid[0:48, 0:64]
    for number in range(1, 4):
        wave = 128 + 100 * np.sin((rows * columns / 90 + number) / 3)
        write_image(folder / f"plate.{number:04d}.png", np.stack([wave] * 3, -1).astype(np.uint8))


@dataclass
class WindowsClient:
    """A client of another machine, and the answers it got."""

    client: EngineClient
    events: queue.Queue

    def submit(self, source: str, target: str, **parts) -> m.JobReply:
        spec = JobSpec(SourceMedia(source), OutputTarget(target), SETTINGS, **parts)
        return self.client.request(m.SubmitJobRequest(spec), m.JobReply)

    def until_end(self) -> list:
        """Events up to the one that ends the job."""
        seen = []
        while True:
            seen.append(self.events.get(timeout=120).message)
            if isinstance(seen[-1], m.JobChanged) and seen[-1].report.state in m.ENDED_STATES:
                return seen


@pytest.fixture(scope="module")
def engine() -> Iterator[RemoteEngine]:
    base = Path(tempfile.mkdtemp(prefix="svsr-"))
    shots, results = base / "shots", base / "results"
    maps = rf"path_maps = [['{shots}', '//server/shots', 'S:\'], ['{results}', 'T:/out', '\\server\results']]"
    result = RemoteEngine(base, path_maps=maps)
    write_plates(result.shots)
    write_image(result.shots / "repaired.png", np.full((96, 128, 3), 90, np.uint8))
    try:
        result.start()
        yield result
    finally:
        result.end()
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def windows(engine: RemoteEngine) -> WindowsClient:
    client = engine.client("submit")
    result = WindowsClient(client, queue.Queue())
    client.add_listener(result.events.put)
    return result


def test_a_job_comes_back_with_the_clients_names(engine: RemoteEngine, windows: WindowsClient):
    image = ImageRef(path="S:\\repaired.png")
    reply = windows.submit("S:\\plate.%04d.png", "T:\\out\\v1\\%04d.png", keyframes=(Keyframe(2, image),))
    assert (reply.report.source, reply.report.target) == ("S:\\plate.%04d.png", "T:\\out\\v1\\%04d.png")
    events = windows.until_end()
    end = events[-1].report
    assert (end.state, end.target) == ("finished", "T:\\out\\v1\\%04d.png")
    paths = [path for event in events if isinstance(event, m.FramesFinished) for path in event.paths]
    assert paths == [f"T:\\out\\v1\\{number:04d}.png" for number in (1, 2, 3)]
    assert any(isinstance(event, m.JobProgress) for event in events)
    assert {report.source for event in events for report in reports_in(event)} == {"S:\\plate.%04d.png"}
    assert str(engine.base) not in repr(events)
    assert pixels_equal_a_local_job(engine)


def reports_in(event) -> list[m.JobReport]:
    return [event.report] if isinstance(event, (m.JobChanged, m.JobProgress)) else []


def pixels_equal_a_local_job(engine: RemoteEngine) -> bool:
    """The same request from this machine gives the same files, to the byte."""
    image = ImageRef(path=str(engine.shots / "repaired.png"))
    spec = JobSpec(
        SourceMedia(str(engine.shots / "plate.%04d.png")),
        OutputTarget(str(engine.results / "local" / "%04d.png")),
        SETTINGS,
        (Keyframe(2, image),),
    )
    with engine.local().connect() as local:
        job = local.request(m.SubmitJobRequest(spec), m.JobReply).report.job
        while local.request(m.DescribeJobRequest(job), m.JobReply).report.state != "finished":
            time.sleep(0.1)
    return all(
        (engine.results / "v1" / name).read_bytes() == (engine.results / "local" / name).read_bytes()
        for name in ("0001.png", "0002.png", "0003.png")
    )


@pytest.mark.parametrize(
    ("source", "sent_back"),
    [
        ("\\\\SERVER\\Shots\\plate.%04d.png", "\\\\server\\shots\\plate.%04d.png"),
        ("file:///S:/plate.%2504d.png", "S:/plate.%04d.png"),
        ("s:/plate.####.png", "S:/plate.####.png"),
    ],
)
def test_every_spelling_of_a_source_is_understood(windows: WindowsClient, source: str, sent_back: str):
    reply = windows.client.request(m.DescribeMediaRequest(SourceMedia(source)), m.MediaReply)
    assert (reply.info.first_frame, reply.info.last_frame) == (1, 3)
    assert reply.info.path == sent_back


def test_refusals_name_the_clients_paths(engine: RemoteEngine, windows: WindowsClient):
    windows.submit("S:\\plate.%04d.png", "T:\\out\\refused.mov")
    windows.until_end()
    with pytest.raises(TargetExists) as refused:
        windows.submit("S:\\plate.%04d.png", "T:\\out\\refused.mov")
    assert "T:\\out\\refused.mov is there already" in refused.value.message
    with pytest.raises(SparkVSRError) as absent:
        windows.client.request(m.DescribeMediaRequest(SourceMedia("S:\\absent.mov")), m.MediaReply)
    assert "S:\\absent.mov" in absent.value.message
    assert str(engine.base) not in absent.value.message + refused.value.message


def test_a_revision_and_a_preview_are_spelt_alike(windows: WindowsClient):
    job = windows.submit("S:\\plate.%04d.png", "T:\\out\\w\\%04d.png").report.job
    windows.until_end()
    revised = windows.client.request(m.ReviseJobRequest(job, Revision(guidance=0.5)), m.JobReply).report
    assert revised.target == "T:\\out\\w_v002\\%04d.png"
    windows.until_end()
    request = m.PreviewRequest(SourceMedia("S:\\plate.%04d.png"), 2, SETTINGS, target="T:\\out\\look.png")
    windows.client.request(request, m.PreviewAccepted)
    while not isinstance(event := windows.events.get(timeout=120).message, m.PreviewReady):
        pass
    assert event.image.path == "T:\\out\\look.png"


def test_a_preview_without_a_target_comes_in_the_message(engine: RemoteEngine, windows: WindowsClient):
    request = m.PreviewRequest(SourceMedia("S:\\plate.%04d.png"), 2, SETTINGS)
    windows.client.request(request, m.PreviewAccepted)
    while True:
        envelope = windows.events.get(timeout=120)
        if isinstance(envelope.message, m.PreviewReady):
            break
    with windows.client.open_image(envelope, envelope.message.image) as pixels:
        assert pixels.nbytes == 96 * 128 * 3


def blocks(language: str) -> list[str]:
    """Code of the page, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Machine:
    """A machine of its own, as far as network and /mnt go. name: of its network namespace."""

    name: str
    base: Path

    def command(self, script: str) -> list[str]:
        mounted = f"mount --bind '{self.base}/mnt' /mnt\ncd '{self.base}/work'\n"
        return ["ip", "netns", "exec", self.name, "sh", "-ec", mounted + script]

    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("SPARKVSR_")},
            "SPARKVSR_HOME": str(self.base / f"home-{self.name}"),
            "SPARKVSR_THREADS": "1",
            "PATH": f"{self.base}/bin:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "bridge"))),
        }

    def run(self, script: str, status: int = 0) -> str:
        done = subprocess.run(
            self.command(script),
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr


def can_make_machines() -> bool:
    if sys.platform != "linux" or os.getuid() != 0 or shutil.which("ip") is None:
        return False
    connection = (
        subprocess.run(["ip", "netns", "add", "svsr-trial"], capture_output=True, check=False).returncode == 0
    )
    if connection:
        subprocess.run(["ip", "netns", "del", "svsr-trial"], check=True)
    return connection


@pytest.fixture
def machines() -> Iterator[tuple[Machine, Machine]]:
    """An engine's machine with the page's address and a client's, joined by a cable."""
    if not can_make_machines():
        pytest.skip("needs the right to make network namespaces")
    base = Path(tempfile.mkdtemp(prefix="svsr-"))
    engine, client = (Machine(f"svsr-{name}-{os.getpid()}", base) for name in ("engine", "client"))
    for folder in ("mnt/shots", "mnt/results", "work", "bin"):
        (base / folder).mkdir(parents=True)
    program = base / "bin" / "sparkvsr"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m sparkvsr_engine "$@"\n')
    program.chmod(0o755)
    write_plates(base / "mnt" / "shots")
    cable = (f"svA{os.getpid()}", f"svB{os.getpid()}")
    steps = [f"ip netns add {machine.name}" for machine in (engine, client)]
    steps.append(f"ip link add {cable[0]} type veth peer name {cable[1]}")
    for machine, end, address in ((engine, cable[0], "10.0.0.5"), (client, cable[1], "10.0.0.6")):
        steps.append(f"ip link set {end} netns {machine.name}")
        steps.append(f"ip -n {machine.name} addr add {address}/24 dev {end}")
        steps += [f"ip -n {machine.name} link set {name} up" for name in (end, "lo")]
    try:
        for step in steps:
            subprocess.run(step.split(), check=True)
        yield engine, client
    finally:
        for machine in (engine, client):
            subprocess.run(["ip", "netns", "del", machine.name], check=False)
        shutil.rmtree(base, ignore_errors=True)


def test_a_studio_sets_it_up_from_the_page_alone(machines: tuple[Machine, Machine]):
    """Every block of the page, in its order, on two machines with addresses of their own."""
    engine, client = machines
    enrol, serve, use, revoke = blocks("sh")
    (settings,) = blocks("toml")
    engine.run(enrol)
    (engine.base / f"home-{engine.name}" / "config.toml").write_text(settings)
    process = subprocess.Popen(engine.command(f"exec {serve}"), env=engine.environment())
    try:
        wait_for_engine(client)
        output = client.run(use)
        assert "finished" in output
        rendered = sorted(path.name for path in (engine.base / "mnt" / "results").glob("*.png"))
        assert rendered == ["0001.png", "0002.png", "0003.png"]
        home = engine.base / f"home-{client.name}"
        assert not (home / "jobs.sqlite").exists(), "the client's machine has no engine"
        assert "anna" in engine.run(revoke)
        refused = client.run("export SPARKVSR_REMOTE=anna.json; sparkvsr jobs", status=1)
        assert "does not know this client's key" in refused
        engine.run("sparkvsr stop")
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


def wait_for_engine(client: Machine) -> None:
    errors = b""
    for _ in range(60):
        done = subprocess.run(
            client.command("export SPARKVSR_REMOTE=anna.json; sparkvsr status"),
            env=client.environment(),
            capture_output=True,
            check=False,
        )
        if done.returncode == 0:
            return
        errors = done.stderr
        time.sleep(0.5)
    raise AssertionError(errors.decode())
