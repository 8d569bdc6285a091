"""The real daemon, looked at from outside: whatever it is asked, no network library is in its process."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.settings import JobSpec, OutputTarget, UpscaleSettings
from tests.fakes.code_path import CODE_PATH

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = ("libtorch", "libncnn", "ncnn.cpython", "libopenvino")


def loaded(pid: int) -> list[str]:
    """Which network libraries a process has mapped."""
    mapped = Path(f"/proc/{pid}/maps").read_text("utf-8")
    return [library for library in LIBRARIES if library in mapped]


def ask_everything(client: EngineClient, folder: Path) -> None:
    """Requests that are answered beside the loop; the answers' contents are for other tests."""
    source = SourceMedia(str(folder / "absent.mov"))
    spec = JobSpec(source, OutputTarget(str(folder / "out.mov")), UpscaleSettings(model="sparkvsr"))
    for request in (m.ListModelsRequest(), m.DescribeMediaRequest(source), m.SubmitJobRequest(spec)):
        with contextlib.suppress(SparkVSRError):
            client.request_envelope(request)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a system that shows what is mapped")
def test_the_daemon_answers_without_any_network_library(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", CODE_PATH)
    engine = EngineProcess(home, (sys.executable, "-m", "sparkvsr_engine"))
    with engine.ensure("test") as client:
        pid = client.hello().pid
        ask_everything(client, home)
        assert loaded(pid) == []
        assert client.request(m.DescribeEngineRequest(), m.EngineReply).pid == pid
    assert engine.stop()
