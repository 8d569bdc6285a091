"""How chunks are divided among devices."""

from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.jobs.plans.chunks import ShotChunks
from sparkvsr_engine.jobs.spreading.parts import parts_of


@st.composite
def shots(draw):
    """Shots of chunks in a row, and the starts of those that are finished."""
    result, start = [], draw(st.integers(-20, 20))
    for _ in range(draw(st.integers(1, 4))):
        lengths = draw(st.lists(st.integers(1, 20), min_size=1, max_size=8))
        chunks, first = [], start
        for index, length in enumerate(lengths):
            chunks.append(Chunk(index, FrameSpan(start, start + length), (), ()))
            start += length
        result.append(ShotChunks(FrameSpan(first, start), tuple(chunks)))
    starts = [chunk.span.start for shot in result for chunk in shot.chunks]
    return result, frozenset(draw(st.lists(st.sampled_from(starts))))


@given(shots(), st.integers(1, 8), st.booleans())
def test_every_missing_chunk_is_in_one_part_and_a_part_holds_nothing_else(case, devices, random_access):
    all_shots, finished = case
    parts = parts_of(all_shots, lambda chunk: chunk.span.start in finished, devices, random_access)
    missing = [c for shot in all_shots for c in shot.chunks if c.span.start not in finished]
    assert [chunk for part in parts for chunk in part.chunks] == missing
    for part in parts:
        inside = [c for shot in all_shots for c in shot.chunks if c.span.start in part.frames]
        assert inside == list(part.chunks)
        assert (
            sum(part.chunks[0] in shot.chunks and part.chunks[-1] in shot.chunks for shot in all_shots) == 1
        )


@given(shots(), st.integers(2, 8))
def test_devices_get_several_parts_of_a_long_job_and_a_shot_that_carries_on_is_one(case, devices):
    all_shots, _ = case
    longest = max(len(chunk.span) for shot in all_shots for chunk in shot.chunks)
    frames = sum(len(shot.shot) for shot in all_shots)
    parts = parts_of(all_shots, lambda chunk: False, devices, True)
    assert max(len(part.frames) for part in parts) <= max(longest, frames // (4 * devices))
    whole = parts_of(all_shots, lambda chunk: False, devices, False)
    assert [part.frames for part in whole] == [shot.shot for shot in all_shots]


def test_what_is_left_of_a_lost_part_counts_the_loss():
    chunks = tuple(Chunk(index, FrameSpan(5 * index, 5 * index + 5), (), ()) for index in range(4))
    (part,) = parts_of([ShotChunks(FrameSpan(0, 20), chunks)], lambda chunk: False, 1, False)
    remaining = part.without(lambda chunk: chunk.index < 2)
    assert remaining is not None
    assert (remaining.chunks, remaining.frames, remaining.attempts) == (chunks[2:], FrameSpan(10, 20), 1)
    assert part.without(lambda chunk: True) is None
