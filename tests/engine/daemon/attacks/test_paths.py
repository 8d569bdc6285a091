"""Paths, models, commands and memory a remote client may not name, through the real engine."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.shared_memory import write_frame
from sparkvsr_bridge.errors import LimitReached, MediaUnreadable, NotPermitted, SparkVSRError, UnknownModel
from sparkvsr_bridge.media import ImageRef, PixelFormat, SourceMedia
from sparkvsr_bridge.settings import (
    JobSpec,
    Keyframe,
    KeyframePolicy,
    OutputTarget,
    Revision,
    UpscaleSettings,
)
from sparkvsr_engine.media.images import write_image
from tests.end_to_end.watching import ended_report
from tests.engine.access.test_spellings import REFUSED_ANYWHERE, REFUSED_ON_POSIX, REFUSED_ON_WINDOWS
from tests.fakes.remote_engines import RemoteEngine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="paths and links of POSIX")
FORMAT = PixelFormat(4, 4)


def spec(engine: RemoteEngine, name: str = "x", **settings) -> JobSpec:
    return JobSpec(
        SourceMedia(str(engine.shots / "plate.%04d.png")),
        OutputTarget(str(engine.results / name / "%04d.png")),
        replace(UpscaleSettings(scale=2.0, model="identity", policy=KeyframePolicy("none")), **settings),
    )


def submit(client: EngineClient, request: JobSpec):
    return client.request(m.SubmitJobRequest(request), m.JobReply).report


def count_jobs(engine: RemoteEngine) -> int:
    with engine.local().connect() as local:
        return len(local.request(m.ListJobsRequest(), m.JobListReply).reports)


@pytest.fixture(scope="module")
def client(engine: RemoteEngine) -> EngineClient:
    return engine.client("submit")


def test_no_spelling_leads_out_of_the_roots(engine: RemoteEngine, client: EngineClient):
    shots, secret = engine.shots, engine.secret
    (shots / "out").symlink_to(secret)
    spellings = [
        *(
            path
            for path in (*REFUSED_ANYWHERE, *REFUSED_ON_POSIX, *REFUSED_ON_WINDOWS)
            if path and "\0" not in path
        ),
        *(
            "/etc/passwd",
            str(secret / "plate.%04d.png"),
            str(shots / "out" / "plate.%04d.png"),
            str(engine.home),
        ),
        *(f"{shots}/../secret/plate.%04d.png", f"file://{secret}/plate.%04d.png", str(shots).upper()),
        *(f"file://{shots}/%2e%2e/secret/plate.0001.png", f"file:{shots}/%2E./secret/plate.0001.png"),
    ]
    assert len(spellings) >= 40
    let_in = []
    for path in spellings:
        try:
            # As fast as the key may ask.
            ask_patiently(client, m.DescribeMediaRequest(SourceMedia(path)))
        except NotPermitted:
            continue
        except SparkVSRError as error:
            let_in.append((path, error.code))
            continue
        let_in.append((path, "answered"))
    (shots / "out").unlink()
    assert let_in == []


def ask_patiently(client: EngineClient, message):
    while True:
        try:
            return client.request_envelope(message)
        except LimitReached:
            time.sleep(0.1)


def bad_requests(engine: RemoteEngine) -> dict[str, m.SubmitJobRequest | m.PreviewRequest]:
    """Requests that name one file outside the roots, by the field that names it."""
    picture = ImageRef(path=str(engine.secret / "plate.0001.png"))
    reference = ImageRef(path=str(engine.shots / "plate.0001.png"))
    good = spec(engine)
    specs = {
        "source": replace(good, source=SourceMedia(str(engine.secret / "plate.%04d.png"))),
        "output": replace(good, output=OutputTarget(str(engine.secret / "out" / "%04d.png"))),
        "keyframe": replace(good, keyframes=(Keyframe(1, picture),)),
        "matte": replace(good, keyframes=(Keyframe(1, reference, matte=picture),)),
        "ocio_config": spec(engine, ocio_config=str(engine.secret / "config.ocio")),
        "model": spec(engine, model=str(engine.secret)),
        "isr": spec(engine, isr=str(engine.secret / "net.pth")),
    }
    target = str(engine.secret / "x.png")
    preview = m.PreviewRequest(good.source, 1, good.settings, target=target)
    return {"preview": preview, **{name: m.SubmitJobRequest(value) for name, value in specs.items()}}


@pytest.mark.parametrize(
    "place", ["source", "output", "keyframe", "matte", "ocio_config", "model", "isr", "preview"]
)
def test_every_field_that_names_a_file_is_judged(engine: RemoteEngine, client: EngineClient, place: str):
    before = count_jobs(engine)
    with pytest.raises(NotPermitted):
        client.request_envelope(bad_requests(engine)[place])
    assert count_jobs(engine) == before
    assert not (engine.secret / "out").exists()


@pytest.mark.parametrize(
    "isr",
    [
        "cmd:touch {output}",
        "cmd@2:sh -c x {input} {output}",
        "CMD:x",
        "net.pth",
        "../net.safetensors",
        "./crisp",
    ],
)
def test_no_program_is_run_for_a_remote_client_unless_the_configuration_names_it(
    engine: RemoteEngine, client: EngineClient, isr: str
):
    with pytest.raises(NotPermitted, match="keyframe_makers"):
        submit(client, spec(engine, "cmd", isr=isr))


def test_what_the_configuration_names_is_let_through(engine: RemoteEngine, client: EngineClient):
    # The program is not there, which is found out behind the check.
    with pytest.raises(SparkVSRError) as refused:
        submit(client, spec(engine, "allowed", isr="cmd:allowed {input} {output} {scale}"))
    assert not isinstance(refused.value, NotPermitted)


@pytest.mark.parametrize("model", ["crisp", "models", ".", "lite/../x", "/"])
def test_a_model_is_one_of_the_engines(engine: RemoteEngine, client: EngineClient, model: str):
    with pytest.raises((NotPermitted, UnknownModel)):
        submit(client, spec(engine, "model", model=model))


def test_shared_memory_is_nothing_a_remote_client_may_name(engine: RemoteEngine, client: EngineClient):
    """Not even a frame that is there, of the engine's own user."""
    folder = Path("/dev/shm")
    name = write_frame(folder, memoryview(bytes(FORMAT.nbytes)))
    try:
        with pytest.raises(NotPermitted, match="shared memory"):
            submit(
                client, replace(spec(engine), keyframes=(Keyframe(1, ImageRef(shared=name, format=FORMAT)),))
            )
    finally:
        (folder / name).unlink()


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root makes another user's file"
)
def test_shared_memory_of_another_user_is_not_opened_even_for_this_machine(engine: RemoteEngine):
    folder = Path("/dev/shm")
    name = write_frame(folder, memoryview(bytes(FORMAT.nbytes)))
    os.chown(folder / name, 12345, 12345)
    try:
        picture = ImageRef(shared=name, format=FORMAT)
        with engine.local().connect() as local, pytest.raises(MediaUnreadable, match="not yours"):
            submit(local, replace(spec(engine), keyframes=(Keyframe(1, picture),)))
    finally:
        (folder / name).unlink()


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
        "\ufeff#EXTM3U\n",
        "ffconcat version 1.0\nfile /etc/passwd\n",
        "<?xml version='1.0'?><MPD/>",
        "v=0\nc=IN IP4 10.0.0.1\n",
    ],
)
def test_a_list_of_media_elsewhere_is_no_movie(engine: RemoteEngine, client: EngineClient, text: str):
    (engine.shots / "list.mov").write_text(text, "utf-8")
    with pytest.raises(NotPermitted, match="lists media"):
        client.request(m.DescribeMediaRequest(SourceMedia(str(engine.shots / "list.mov"))), m.MediaReply)


def test_a_version_nobody_names_a_target_for_stays_below_the_roots(
    engine: RemoteEngine, client: EngineClient
):
    """Beside `results/%04d.png` lies `results_v002/%04d.png`, outside."""
    bare = replace(spec(engine), output=OutputTarget(str(engine.results / "%04d.png")))
    job = submit(client, bare).job
    wait_until_planned(engine, job)
    with pytest.raises(NotPermitted, match="written"):
        client.request(m.ReviseJobRequest(job, Revision(guidance=0.5)), m.JobReply)
    assert not engine.results.with_name("results_v002").exists()
    named = Revision(guidance=0.5, output=OutputTarget(str(engine.results / "second" / "%04d.png")))
    assert client.request(m.ReviseJobRequest(job, named), m.JobReply).report.version == 2


def wait_until_planned(engine: RemoteEngine, job: str) -> None:
    with engine.local().connect() as local:
        for _ in range(600):
            report = local.request(m.DescribeJobRequest(job), m.JobReply).report
            if report.state in m.ENDED_STATES:
                assert report.state == "finished", report
                return
            time.sleep(0.1)
    raise AssertionError("the job does not end")


def test_a_folder_swapped_for_a_link_between_check_and_use_is_not_read(
    engine: RemoteEngine, client: EngineClient
):
    """The job is checked and stopped; before it goes on its folder has come to lead elsewhere."""
    inside = engine.shots / "swapped"
    inside.mkdir()
    for number in range(1, 4):
        write_image(inside / f"plate.{number:04d}.png", np.zeros((32, 48, 3), np.uint8))
    request = replace(
        spec(engine, "swapped", model="lite", scale=4.0), source=SourceMedia(str(inside / "plate.%04d.png"))
    )
    job = submit(client, request).job
    assert client.request(m.CancelJobRequest(job), m.JobReply).report.state == "cancelled"
    rendered = set((engine.results / "swapped").glob("*.png"))
    inside.rename(engine.shots / "before")
    inside.symlink_to(engine.secret)
    client.request(m.ResumeJobRequest(job), m.JobReply)
    report = wait_for_end(engine, job)
    inside.unlink()
    assert report.state == "failed"
    assert report.error is not None
    assert report.error.code == "not_permitted"
    assert set((engine.results / "swapped").glob("*.png")) == rendered


def wait_for_end(engine: RemoteEngine, job: str):
    with engine.local().connect() as local:
        return ended_report(local, job)
