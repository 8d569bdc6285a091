"""What the artist looks at is rendered first, and reported as soon as it is on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.messages import FramesFinished
from sparkvsr_engine.core.frames import FrameSpan, spans_of
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.running.playhead import in_playback_order


@given(st.sets(st.integers(1, 99), max_size=12), st.integers(-5, 120))
def test_rendering_starts_under_the_playhead_and_goes_on_as_it_is_played(edges, playhead):
    chunks = FrameSpan(0, 100).split(edges)
    order = sorted(chunks, key=lambda chunk: in_playback_order(chunk, playhead))
    if 0 <= playhead < 100:
        assert playhead in order[0]
    ahead = [chunk for chunk in order if chunk.last >= playhead]
    assert order == [*ahead, *order[len(ahead) :]]
    for part in (ahead, order[len(ahead) :]):
        assert part == sorted(part)


@pytest.mark.slow
def test_without_a_playhead_rendering_goes_from_the_start(workshop, plate, artist, tmp_path):
    ran = workshop.render(workshop.spec(plate, tmp_path / "out" / "%04d.png", {16: artist(16)}))
    assert ran.announced == list(range(33))


@pytest.mark.slow
def test_chunks_under_and_after_the_playhead_come_first(workshop, plate, artist, tmp_path):
    control = JobControl()
    job = workshop.submit(workshop.spec(plate, tmp_path / "out" / "%04d.png", {8: artist(8), 24: artist(24)}))
    control.move_playhead(job, 20)
    control.begin(job)
    ran = workshop.run(job, control=control)
    assert ran.announced[0] <= 20
    assert ran.announced[-1] < 20
    assert sorted(ran.announced) == list(range(33))


@pytest.mark.slow
def test_a_playhead_that_moves_is_followed_at_the_next_chunk(workshop, plate, artist, tmp_path):
    control = JobControl()
    named = {frame: artist(frame) for frame in (8, 16, 24)}
    job = workshop.submit(workshop.spec(plate, tmp_path / "out" / "%04d.png", named))
    control.begin(job)
    chunks = []

    def on_report(report):
        if isinstance(report, FramesFinished):
            chunks.append(report)
            control.move_playhead(job, 28)

    workshop.run(job, control=control, on_report=on_report)
    starts = [chunk.frames[0] for chunk in chunks]
    assert starts[:2] == [0, 25]
    assert sorted(starts) == sorted(span.start for span in FrameSpan(0, 33).split((8, 9, 16, 17, 24, 25)))


@pytest.mark.slow
def test_frames_are_on_disk_when_they_are_reported(workshop, plate, artist, tmp_path):
    seen = []

    def on_report(report):
        if isinstance(report, FramesFinished):
            seen.extend(report.frames)
            assert all(Path(path).is_file() for path in report.paths)

    workshop.run(
        workshop.submit(workshop.spec(plate, tmp_path / "out" / "%04d.png", {16: artist(16)})),
        on_report=on_report,
    )
    assert spans_of(seen) == [FrameSpan(0, 33)]
