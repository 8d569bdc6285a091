"""Which jobs a worker spreads over several devices."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs import worker as worker_module
from sparkvsr_engine.jobs.spreading.local import LocalExecutor
from sparkvsr_engine.jobs.worker import Worker, device_of_worker
from sparkvsr_engine.jobs.worker_messages import RunJob
from tests.fakes.jobs import Workshop, write_plate


@pytest.fixture
def executors(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The executor of every job that a worker runs; nothing is rendered."""
    opened: list[object] = []

    class Runner:
        def __init__(self, context, version) -> None:
            self._context = context

        def run(self) -> None:
            opened.append(self._context.executor())

    monkeypatch.setattr(worker_module, "JobRunner", Runner)
    # It would bound the tests' own process.
    monkeypatch.setattr(worker_module, "bound_record", lambda record, roots, home: None)
    return opened


@pytest.mark.parametrize(("owner", "is_spread"), [("", True), ("colorist", False)])
def test_a_remote_clients_job_stays_in_the_worker_which_judges_its_files(
    home: Path, tmp_path: Path, executors: list[object], owner: str, is_spread: bool
):
    workshop = Workshop(home)
    spec = workshop.spec(write_plate(tmp_path / "plate", 2), tmp_path / "out" / "%04d.png", {})
    workshop.store.add_version("job", spec, owner=owner)
    worker = Worker(EngineConfig(home, devices=("cpu", "cpu")), "cpu", io.BytesIO())
    worker._run(RunJob("job", 1))
    assert [isinstance(executor, LocalExecutor) for executor in executors] == [is_spread]
    workshop.close()
    worker._store.close()


@pytest.mark.parametrize(
    ("command", "preview_device", "device", "expected"),
    [
        ("cpu", "cuda:1", "cuda:0", "cpu"),
        ("auto", "cuda:1", "cuda:0", "cuda:1"),
        ("auto", "", "cuda:0", "cuda:0"),
        ("auto", "", "auto", "auto"),
    ],
)
def test_a_worker_renders_on_the_commands_device_then_on_that_of_previews_then_on_the_engines(
    home: Path, command: str, preview_device: str, device: str, expected: str
):
    config = EngineConfig(home, preview_device=preview_device, device=device)
    assert device_of_worker(config, command) == expected
