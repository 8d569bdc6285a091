"""A worker that does nothing any more: its job can be stopped, and the ones behind it are rendered."""

from __future__ import annotations

import pytest

from sparkvsr_bridge.messages import CancelJobRequest, JobReply
from tests.end_to_end.clips import plate
from tests.end_to_end.watching import end_of, engine_of, ensure, is_running, report_of, submit, until
from tests.fakes.systems import freeze

FRAMES = 48


def rendering(client, job):
    """Until the job's first frames are there."""
    until(lambda: report_of(client, job).frames_done > 0, "rendering")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_cancelling_does_not_wait_for_a_worker_that_hangs_and_the_next_job_runs(own_program, tmp_path):
    own_program.home.mkdir(parents=True, exist_ok=True)
    (own_program.home / "config.toml").write_text("worker_stop_seconds = 1.0\n")
    source = plate(tmp_path / "in", FRAMES, start=0)
    with ensure(own_program) as client:
        stuck = submit(client, source, tmp_path / "one" / "%04d.png")
        behind = submit(client, source, tmp_path / "two" / "%04d.png", seed=1)
        rendering(client, stuck)
        worker = engine_of(client).worker_pid
        freeze(worker)
        report = client.request(CancelJobRequest(stuck), JobReply).report
        assert report.state == "cancelled"
        assert end_of(client, behind).frames_done == FRAMES
        assert not is_running(worker)
        assert report_of(client, stuck).state == "cancelled"


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_silent_worker_is_ended_and_its_job_goes_on(own_program, tmp_path):
    own_program.home.mkdir(parents=True, exist_ok=True)
    (own_program.home / "config.toml").write_text("worker_silent_seconds = 2.0\n")
    source = plate(tmp_path / "in", FRAMES, start=0)
    with ensure(own_program) as client:
        job = submit(client, source, tmp_path / "out" / "%04d.png")
        rendering(client, job)
        worker = engine_of(client).worker_pid
        freeze(worker)
        assert end_of(client, job).frames_done == FRAMES
        assert not is_running(worker)
