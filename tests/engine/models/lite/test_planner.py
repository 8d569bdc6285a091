"""Plans follow from shot and keyframes alone; an identity follows from what is in the weights' file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.lite.loading import save_weights
from sparkvsr_engine.models.lite.planner import CHUNK_FRAMES, CONTEXT_FRAMES, LitePlanner
from tests.fakes.lite_shots import small_network

SIZE = Geometry.scaled(160, 90, 4)


@st.composite
def plans_to_make(draw):
    """A shot, keyframes around it, and a part of it."""
    start, length = draw(st.integers(0, 50)), draw(st.integers(1, 90))
    shot = FrameSpan(start, start + length)
    keyframes = draw(st.lists(st.integers(start - 5, start + length + 5), max_size=6, unique=True))
    first = draw(st.integers(shot.start, shot.last))
    expected = FrameSpan(first, draw(st.integers(first + 1, shot.stop)))
    return shot, keyframes, expected


def windows_of(chunks):
    return {window.span.start: window for chunk in chunks for window in chunk.windows}


@given(plans_to_make())
def test_every_wanted_frame_is_put_out_once_in_order(request_):
    shot, keyframes, expected = request_
    chunks = LitePlanner().plan(shot, expected, keyframes, SIZE)
    assert [frame for chunk in chunks for frame in chunk.span] == list(expected)
    assert [w.span.start for chunk in chunks for w in chunk.windows] == list(expected)
    assert all(len(window.span) == 1 for chunk in chunks for window in chunk.windows)
    assert max(len(chunk.span) for chunk in chunks) <= CHUNK_FRAMES


@given(plans_to_make())
def test_a_part_is_planned_as_in_the_whole(request_):
    shot, keyframes, expected = request_
    whole = windows_of(LitePlanner().plan(shot, shot, keyframes, SIZE))
    part = windows_of(LitePlanner().plan(shot, expected, keyframes, SIZE))
    assert all(whole[frame] == window for frame, window in part.items())


@given(plans_to_make())
def test_a_window_looks_at_its_surroundings_and_two_keyframes_at_most(request_):
    shot, keyframes, _ = request_
    chunks = LitePlanner().plan(shot, shot, keyframes, SIZE)
    for frame, window in windows_of(chunks).items():
        assert window.context == FrameSpan(frame, frame + 1).widened(CONTEXT_FRAMES, shot)
        assert set(window.keyframes) <= {key for key in keyframes if key in shot}
        assert list(window.keyframes) == sorted(window.keyframes)
        assert len(window.keyframes) <= 2
        assert window.keyframes == (frame,) or frame not in keyframes
    for chunk in chunks:
        named = {key for window in chunk.windows for key in window.keyframes}
        assert chunk.keyframes == tuple(sorted(named))


def test_chunks_meet_at_keyframes():
    shot = FrameSpan(0, 40)
    chunks = LitePlanner().plan(shot, shot, [10], SIZE)
    assert FrameSpan(10, 11) in [chunk.span for chunk in chunks]


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "own.safetensors"
    save_weights(small_network(), path, {})
    return path


def test_the_identity_follows_the_content(weights, tmp_path):
    same = tmp_path / "moved.safetensors"
    same.write_bytes(weights.read_bytes())
    second = tmp_path / "other.safetensors"
    save_weights(small_network(1), second, {})
    identity = LitePlanner(weights).traits.identity
    assert LitePlanner(same).traits.identity == identity
    assert LitePlanner(second).traits.identity != identity


def test_weights_replaced_at_their_place_have_another_identity(weights):
    before = LitePlanner(weights).traits.identity
    save_weights(small_network(1), weights, {})
    assert LitePlanner(weights).traits.identity != before


def test_planning_needs_no_weights_but_an_identity_does(tmp_path):
    planner = LitePlanner(tmp_path / "gone.safetensors")
    shot = FrameSpan(0, 3)
    assert len(planner.plan(shot, shot, [], SIZE)) == 1
    assert planner.planning_options == {}
    with pytest.raises(ModelMissing, match=r"gone\.safetensors"):
        _ = planner.traits
