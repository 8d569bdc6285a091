"""The loop an artist goes round, through the real engine: fix, slide, look, ask where to look next."""

from __future__ import annotations

import queue

import numpy as np
import pytest

from sparkvsr_bridge.errors import StateConflict
from sparkvsr_bridge.media import Region, SourceMedia
from sparkvsr_bridge.messages import (
    ConfidenceReply,
    ConfidenceRequest,
    KeyframesReply,
    PreviewAccepted,
    PreviewFailed,
    PreviewReady,
    PreviewRequest,
    SuggestNextRequest,
)
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.media.images import read_image
from tests.end_to_end.clips import HEIGHT, WIDTH, keyframe, pictures, plate

COUNT = 21
NUMBERS = range(1001, 1001 + COUNT)
FRAMES = (0, 5, 10, 15, 20)


@pytest.fixture(scope="module")
def shot(program, tmp_path_factory):
    """A finished job: its source, its target, its name."""
    folder = tmp_path_factory.mktemp("shot")
    source = plate(folder / "in", COUNT)
    named = [f"{1001 + index}={keyframe(folder / f'{index}.png', index)}" for index in FRAMES]
    options = [word for name in named for word in ("--keyframe", name)]
    done = program.upscale(source, folder / "out" / "%04d.png", *options)
    return source, folder, done.last["job"]


@pytest.fixture(scope="module")
def client(program, shot):
    with EngineProcess(program.home).ensure("test") as result:
        yield result


@pytest.mark.slow
def test_a_revision_reports_what_it_reuses_before_and_after(program, shot, tmp_path):
    _, folder, job = shot
    second = keyframe(tmp_path / "other.png", 10, seed=3)
    done = program.json("revise", job, "--keyframe", f"1011={second}", "-o", folder / "fixed" / "%04d.png")
    (promised,) = done.named("revised")
    for text in (promised, done.last):
        assert text["job"] == job
        assert text["version"] >= 2
        # The keyframes at 1006 and 1016 are not touched, nor what lies beyond them.
        assert (text["frames_rendered"], text["frames_reused"]) == (9, 12)
    assert done.last["passes_run"] == 9
    before, after = (pictures(folder / name / "%04d.png", NUMBERS) for name in ("out", "fixed"))
    differing = [n for n, a, b in zip(NUMBERS, before, after, strict=True) if not np.array_equal(a, b)]
    assert 1011 in differing
    assert set(differing) <= set(range(1007, 1016))


def test_moving_guidance_runs_no_pass(program, shot):
    _, folder, job = shot
    done = program.json("revise", job, "--guidance", 0.3, "-o", folder / "softer" / "%04d.png")
    assert (done.last["passes_run"], done.last["passes_spared"]) == (0, COUNT)


def test_trust_comes_as_a_strip_a_picture_and_a_suggestion(client, shot, tmp_path):
    _, _, job = shot
    reply = client.request_envelope(ConfidenceRequest(job, 1, 1004))
    frame_trust = reply.message
    assert isinstance(frame_trust, ConfidenceReply)
    assert frame_trust.frames == tuple(NUMBERS)
    assert [frame_trust.trust[index] for index in FRAMES] == [1.0] * len(FRAMES)
    with client.open_image(reply, frame_trust.image) as pixels:
        assert len(pixels) == WIDTH * HEIGHT * 3
    target = tmp_path / "heat.png"
    client.request(ConfidenceRequest(job, 1, 1004, str(target)), ConfidenceReply)
    assert read_image(target).pixels.shape == (HEIGHT, WIDTH, 3)
    proposed = client.request(SuggestNextRequest(job, 1), KeyframesReply)
    assert all(choice.frame in NUMBERS and choice.reason for choice in proposed.choices)


def test_a_heat_map_of_a_frame_outside_is_refused(client, shot):
    with pytest.raises(StateConflict, match="no trust stored"):
        client.request(ConfidenceRequest(shot[2], 1, 2000), ConfidenceReply)


def test_of_fifty_superseding_previews_one_is_shown(client, shot):
    source, _, _ = shot
    letters = queue.SimpleQueue()
    client.add_listener(letters.put)
    names = [ask(client, source, guidance=step / 50) for step in range(50)]
    # Those that were made between two requests are no backlog, however many a busy client leaves time for.
    in_time = [letters.get_nowait().message for _ in range(letters.qsize())]
    seen = [message for message in in_time if isinstance(message, (PreviewReady, PreviewFailed))]
    before = sum(isinstance(message, PreviewReady) for message in seen)
    while len(seen) < 50:
        message = letters.get(timeout=60).message
        if isinstance(message, (PreviewReady, PreviewFailed)):
            seen.append(message)
    client.remove_listener(letters.put)
    picture = [message.preview for message in seen if isinstance(message, PreviewReady)]
    failed = [message for message in seen if isinstance(message, PreviewFailed)]
    assert picture[-1] == names[-1]
    # The last, and what was being made or on its way when it was asked for.
    assert len(picture) - before <= 3
    assert {message.error.code for message in failed} <= {"state_conflict"}


def test_a_region_comes_in_its_own_size_quick_version_first(client, shot):
    source, _, _ = shot
    letters = queue.SimpleQueue()
    client.add_listener(letters.put)
    ask(client, source, frame=1013, region=Region(16, 8, 64, 48), quick_first=True)
    stages = []
    while "full" not in stages:
        envelope = letters.get(timeout=60)
        if isinstance(envelope.message, PreviewReady):
            stages.append(envelope.message.stage)
            with client.open_image(envelope, envelope.message.image) as pixels:
                assert len(pixels) == 64 * 48 * 3
    client.remove_listener(letters.put)
    assert stages == ["quick", "full"]


def test_the_cache_is_shown_and_cleared(program, shot):
    (stored,) = program.json("cache").named("cache")
    assert {"analysis", "confidence", "predictions", "references"} <= set(stored["kinds"])
    assert stored["bytes"] > 0
    (cleared,) = program.json("cache", "clear", "--kind", "predictions").named("cache")
    assert cleared["freed_bytes"] == stored["kinds"]["predictions"]["bytes"]
    assert "predictions" not in cleared["kinds"]
    assert "references" in cleared["kinds"]
    assert "cache_budget_bytes" in program.run("cache", status=0).out


def test_suggestions_and_trust_are_printed_on_the_command_line(program, shot, tmp_path):
    _, _, job = shot
    text = program.json("suggest", job, "--count", 2)
    assert text.last["event"] == "suggested"
    (frame_trust,) = program.json("confidence", job, "--version", 1).named("confidence")
    assert frame_trust["frames"] == list(NUMBERS)
    assert "least on frame" in program.run("confidence", job, "--version", 1, status=0).out
    program.run("confidence", job, "--frame", 1004, status=2)
    program.json("confidence", job, "--frame", 1004, "-o", tmp_path / "heat" / "heat.png")
    assert (tmp_path / "heat" / "heat.png").is_file()


def test_a_suggestion_is_one_of_the_frames_there_are_pictures_of(program, shot, tmp_path):
    _, _, job = shot
    dropped = [word for frame in (1006, 1011) for word in ("--drop-keyframe", frame)]
    version = program.json("revise", job, *dropped, "-o", tmp_path / "%04d.png").last["version"]
    for open_to, result in (("1005,1009", 1009), ("1010,1014", 1010), ("1002-1004", None)):
        text = program.json("suggest", job, "--version", version, "--among", open_to)
        assert [choice["frame"] for choice in text.named("keyframe")] == ([result] if result else [])
    refused = program.run("suggest", job, "--version", version, "--among", "1005,2000", status=1)
    assert "outside the frames 1001-1021" in refused.err


def ask(client, source, frame=1004, guidance=1.0, region=None, quick_first=False):
    """Order a preview; returns its name."""
    settings = UpscaleSettings(scale=2.0, guidance=guidance)
    request = PreviewRequest(
        SourceMedia(str(source)), frame, settings, region=region, slot="viewer", quick_first=quick_first
    )
    return client.request(request, PreviewAccepted).preview
