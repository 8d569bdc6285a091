"""`kill -9` of worker and daemon at random moments: what is finished is not lost, nor made twice."""

from __future__ import annotations

import random

import pytest

from sparkvsr_bridge.messages import JobReply, ResumeJobRequest
from tests.end_to_end.clips import decoded, pictures, plate, same
from tests.end_to_end.watching import engine_of, ensure, is_running, kill, records, report_of, submit, until
from tests.fakes.media import write_movie

FRAMES = 72
KEYFRAMES = (5, 13, 22, 30, 41, 50, 58)
# Ten engines and twenty workers are started one after the other, each of which loads torch.
STARTS_SECONDS = 900


def let_it_run_for(client, job, frames):
    """Until so many more frames are rendered, or all of them are; for 0 frames not at all."""
    if not frames:
        return
    start = report_of(client, job).frames_done

    def has_come_far_enough():
        report = report_of(client, job)
        return report.state not in ("queued", "running") or (
            report.phase == "rendering" and report.frames_done >= min(start + frames, FRAMES)
        )

    until(has_come_far_enough, f"{frames} frames after {start}")


def require_untouched(before, after):
    """Whatever was recorded is there still, made at the same time, in the same files."""
    for start, record in before.items():
        assert after[start] == record


def kill_again_and_again(program, job, seed, rounds):
    """Kill the worker, then the daemon, each at a moment drawn at random, and resume on the command line."""
    draw = random.Random(seed)
    seen = {}
    for _ in range(rounds):
        with ensure(program) as client:
            if report_of(client, job).state == "failed":
                # Workers that die on the same chunk again and again fail the job, and it can be resumed.
                client.request(ResumeJobRequest(job), JobReply)
            let_it_run_for(client, job, draw.randrange(10))
            worker = engine_of(client).worker_pid
            if worker:
                kill(worker)
            require_untouched(seen, seen := records(program.home, job))
            until(lambda: engine_of(client).worker_state in ("ready", "rendering"), "another worker")
            let_it_run_for(client, job, draw.randrange(10))
            state = engine_of(client)
        kill(state.pid)
        until(lambda: not is_running(state.worker_pid), "the worker's end after its daemon")  # noqa: B023
        require_untouched(seen, seen := records(program.home, job))
    assert rounds < 10 or len(seen) > 3
    done = program.json("resume", job)
    require_untouched(seen, records(program.home, job))
    return done.last


def undisturbed(program, source, target):
    """What the same request gives when nobody kills anything; another home, so that nothing is reused."""
    options = [option for frame in KEYFRAMES for option in ("--keyframe", frame)]
    program.upscale(source, target, "--scale", 4, *options)


@pytest.mark.slow
@pytest.mark.timeout(STARTS_SECONDS)
@pytest.mark.parametrize("rounds", [10])
def test_a_sequence_killed_and_resumed_is_the_same_to_the_bit(own_program, program, tmp_path, rounds):
    source = plate(tmp_path / "in", FRAMES, start=0)
    whole, target = tmp_path / "whole" / "%04d.png", tmp_path / "out" / "%04d.png"
    undisturbed(program, source, whole)
    with ensure(own_program) as client:
        job = submit(client, source, target, KEYFRAMES)
    last = kill_again_and_again(own_program, job, seed=1 + rounds, rounds=rounds)
    assert (last["event"], last["frames_done"], last["frames_reused"]) == ("finished", FRAMES, 0)
    assert same(pictures(target, range(FRAMES)), pictures(whole, range(FRAMES)))
    assert [path.name for path in sorted(target.parent.iterdir())] == [f"{n:04d}.png" for n in range(FRAMES)]


@pytest.mark.slow
@pytest.mark.timeout(STARTS_SECONDS)
@pytest.mark.parametrize("rounds", [4])
def test_a_movie_killed_and_resumed_is_the_same_to_the_bit(own_program, program, tmp_path, rounds):
    source = write_movie(tmp_path / "clip.mp4", frames=FRAMES, audio="aac")
    whole, target = tmp_path / "whole.mp4", tmp_path / "out.mp4"
    undisturbed(program, source, whole)
    with ensure(own_program) as client:
        job = submit(client, source, target, KEYFRAMES)
    last = kill_again_and_again(own_program, job, seed=2 + rounds, rounds=rounds)
    assert (last["event"], last["frames_done"]) == ("finished", FRAMES)
    assert same(decoded(target), decoded(whole))
    assert target.read_bytes() == whole.read_bytes()
