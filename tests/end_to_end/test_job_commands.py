"""The commands about jobs and the engine, as people and scripts use them."""

from __future__ import annotations

import itertools
import json
import signal

import pytest

from sparkvsr_bridge.messages import FramesFinished, JobReply, WatchJobRequest
from tests.end_to_end.clips import keyframe, plate
from tests.end_to_end.watching import end_of, ensure, is_running, report_of, submit, until
from tests.fakes.systems import no_ctrl_c_on_windows

LONG = 120
SEEDS = itertools.count(1)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Frames for a few seconds of work."""
    return plate(tmp_path_factory.mktemp("in"), LONG, start=0)


@pytest.fixture
def long_job(program, source, tmp_path):
    """A job that is being rendered, its client and its frames' pattern; no other reuses what it made."""
    target = tmp_path / "out" / "%04d.png"
    with ensure(program) as client:
        job = submit(client, source, target, seed=next(SEEDS))
        until(lambda: report_of(client, job).chunks_done, "the first chunk")
        yield job, client, target


@pytest.mark.slow
def test_a_cancelled_job_keeps_its_frames_and_goes_on_when_resumed(program, long_job):
    job, client, target = long_job
    message = program.json("cancel", job)
    assert (message.last["event"], message.last["state"]) == ("job", "cancelled")
    remaining = report_of(client, job)
    assert 0 < remaining.frames_done < LONG
    again = program.json("cancel", job, status=1)
    assert again.last["code"] == "state_conflict"
    done = program.json("resume", job)
    assert (done.last["event"], done.last["frames_done"], done.last["chunks_done"]) == (
        "finished",
        LONG,
        done.last["chunks_total"],
    )
    assert len(list(target.parent.iterdir())) == LONG
    assert program.json("resume", job).last["event"] == "finished"


@pytest.mark.slow
def test_a_paused_job_waits_until_it_is_resumed(program, long_job):
    job, _, _ = long_job
    assert program.json("pause", job).last["state"] == "paused"
    assert program.json("status", job).last["state"] == "paused"
    assert program.json("resume", job).last["state"] == "finished"


def test_jobs_and_status_report_states(program, long_job):
    job, _, target = long_job
    listed = program.json("jobs").named("job")
    assert listed[0]["job"] == job
    assert listed[0]["target"] == str(target)
    item = program.json("status", job).last
    assert {"job", "version", "state", "phase", "frames_total", "frames_done"} <= item.keys()
    assert {"eta_seconds", "frames_per_second", "keyframes", "warnings", "error"} <= item.keys()
    engine = program.json("status").last
    assert (engine["event"], engine["worker_state"], engine["jobs_running"]) == ("engine", "rendering", 1)
    assert engine["pid"] == program.engine_pid()
    text = program.run("jobs", status=0).out
    assert job in text
    assert str(target) in program.run("status", job, status=0).out
    program.json("cancel", job, status=None)


@no_ctrl_c_on_windows
def test_ctrl_c_cancels_the_job_and_keeps_what_is_finished(program, source, tmp_path):
    target = tmp_path / "out" / "%04d.png"
    process = program.start("upscale", source, "-o", target, "--keyframe", "20", "--json")
    for line in process.stdout:
        if '"frames"' in line and '"paths"' in line:
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert '"job_cancelled"' in out
    assert "sparkvsr resume" in err
    assert list(target.parent.glob("*.png"))


def test_a_late_watcher_gets_the_frames_before(program, tmp_path):
    source, target = plate(tmp_path / "in", 6, start=0), tmp_path / "out" / "%04d.png"
    job = program.upscale(source, target, "--keyframe", "3").last["job"]
    paths = {}

    def on_event(envelope):
        if isinstance(envelope.message, FramesFinished):
            paths.update(zip(envelope.message.frames, envelope.message.paths, strict=True))

    with ensure(program) as client:
        client.add_listener(on_event)
        client.request(WatchJobRequest(job), JobReply)
        until(lambda: len(paths) == 6, "news of all frames")
    assert paths == {frame: str(target) % frame for frame in range(6)}


def test_an_unknown_job_is_reported_as_unknown(program):
    for command in ("status", "cancel", "pause", "resume"):
        refused = program.json(command, "nosuchjob", status=1)
        assert refused.last["code"] == "unknown_job"
        assert refused.err.startswith("sparkvsr: There is no job nosuchjob")


def test_the_engine_serves_in_a_terminal_and_stops_on_request(own_program):
    serving = own_program.start("serve")
    pid = until(own_program.engine_pid, "the engine")
    assert pid == serving.pid
    second = own_program.run("serve", status=1)
    assert "already" in second.err or "serves" in second.err
    assert own_program.json("stop").last == {"event": "stopped", "was_running": True}
    assert serving.wait(30) == 0
    assert not is_running(pid)
    assert own_program.json("stop").last == {"event": "stopped", "was_running": False}
    serving.communicate()


@pytest.mark.slow
def test_a_job_left_by_a_stopped_engine_goes_on_at_the_next_start(own_program, tmp_path):
    source, target = plate(tmp_path / "in", 40, start=0), tmp_path / "out" / "%04d.png"
    with ensure(own_program) as client:
        job = submit(client, source, target)
        until(lambda: report_of(client, job).frames_done > 1, "the first frames")
    own_program.json("stop")
    with ensure(own_program) as client:
        end_of(client, job)
    assert len(list(target.parent.iterdir())) == 40


@pytest.mark.slow
def test_an_engine_leaves_alone_what_another_process_renders_itself(own_program, source, tmp_path):
    target = tmp_path / "out" / "%04d.png"
    process = own_program.start(
        "upscale", source, "-o", target, "--keyframes", "none", "--in-process", "--json"
    )
    job = json.loads(process.stdout.readline())["job"]
    for line in process.stdout:
        if '"frames"' in line and '"paths"' in line:
            break
    assert own_program.json("status").last["jobs_running"] == 0
    assert own_program.json("status", job).last["state"] == "paused"
    process.kill()
    process.communicate()
    done = own_program.json("resume", job)
    assert (done.last["event"], done.last["frames_done"]) == ("finished", LONG)


@pytest.mark.slow
def test_a_job_learns_its_shot_and_a_revision_keeps_what_was_learnt(program, tmp_path):
    source = plate(tmp_path / "in", 6)
    images = {number: keyframe(tmp_path / f"{number}.png", number - 1001) for number in (1001, 1006)}
    target = tmp_path / "out" / "%04d.png"
    named = [word for number, image in images.items() for word in ("--keyframe", f"{number}={image}")]
    done = program.upscale(source, target, *named, "--learn", "1", "--look", "propagate")
    assert done.last["frames_done"] == 6
    assert "held-out parts" in " ".join([*done.last["run_notes"], *done.last["warnings"]])
    remaining = program.json("revise", done.last["job"], "--keyframe", "1006@0.5")
    assert remaining.named("revised")[0]["frames_reused"] == 1
    again = program.json("revise", done.last["job"], "--learn", "again")
    assert (again.named("revised")[0]["frames_reused"], again.last["frames_done"]) == (0, 6)
