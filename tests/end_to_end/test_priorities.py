"""What is rendered first: an artist's job goes before batches, also in their middle, and nothing is lost."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.clips import plate

FRAMES = 40


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_an_artists_job_goes_first_and_the_batch_keeps_what_it_has(own_program, tmp_path):
    source = plate(tmp_path / "in", FRAMES, start=0)
    own_program.upscale(source, tmp_path / "warm" / "%04d.png", "--frames", "0-1", "--model", "identity")
    command = ("upscale", source, "-o", tmp_path / "batch" / "%04d.png", "--scale", 4, "--json")
    with own_program.start(
        *command, "--keyframes", "manual", "--keyframe", "20", "--priority", "batch"
    ) as batch:
        seen = []
        for line in batch.stdout:
            seen.append(json.loads(line))
            if seen[-1]["event"] == "frames":
                break
        artist = own_program.upscale(source, tmp_path / "first" / "%04d.png", "--frames", "0-3")
        assert artist.last["state"] == "finished"
        assert batch.poll() is None, "the batch waits"
        seen += [json.loads(line) for line in batch.stdout]
        assert batch.wait(60) == 0, batch.stderr.read()
    frames = [frame for event in seen if event["event"] == "frames" for frame in event["frames"]]
    assert sorted(set(frames)) == list(range(FRAMES))
    jobs = {event["job"]: event for event in own_program.json("jobs").named("job")}
    job = jobs[seen[0]["job"]]
    assert (job["priority"], job["frames_done"]) == ("batch", FRAMES)
    assert job["ended"] > jobs[artist.last["job"]]["ended"]
