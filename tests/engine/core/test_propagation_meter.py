"""Rehearsing on frames made here."""

import cv2
import numpy as np
import pytest

from sparkvsr_engine.core.keyframe_choice.propagation_meter import PropagationMeter
from sparkvsr_engine.core.keyframe_choice.propagation_stats import FULL_GRID, REACH


def make_texture(seed=0, height=96, width=400):
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1)


def panned(frames, speed=1, seed=0, width=96):
    wide = make_texture(seed)
    return [np.ascontiguousarray(wide[:, speed * i : speed * i + width]) for i in range(frames)]


def rehearsed(frames, cuts=None, first=0):
    """cuts: frame at which they are reported -> cuts."""
    meter = PropagationMeter()
    for number, frame in enumerate(frames, first):
        meter.add(number, frame, (cuts or {}).get(number, ()))
    return meter.finish((cuts or {}).get(None, ()))


def brought(stats, frame, keyframe):
    """Share of a frame's detail."""
    row = np.flatnonzero((stats.pairs == (frame, keyframe)).all(1))
    detail = stats.detail[np.flatnonzero(stats.frames == frame)[0]]
    return float(((1 - stats.lacking[row[0]] / 255) * detail).sum())


def test_detail_that_moves_along_is_brought():
    result = rehearsed(panned(4, 2), first=100)
    assert result.frames.tolist() == [100, 101, 102, 103]
    assert len(result.pairs) == 12
    assert all(brought(result, t, k) > 0.6 for t, k in result.pairs.tolist())


def test_another_picture_and_a_blurred_keyframe_bring_little():
    frames = panned(3)
    frames[1] = cv2.GaussianBlur(frames[1], (0, 0), 3)
    result = rehearsed([*frames, panned(1, seed=5)[0]])
    assert brought(result, 0, 2) > 0.8
    assert brought(result, 0, 1) < 0.4
    assert brought(result, 0, 3) < 0.2


def test_what_comes_into_view_is_lacking_where_it_does():
    result = rehearsed(panned(2, 8))
    row = result.lacking[(result.pairs == (1, 0)).all(1)][0].reshape(12, 12)
    assert row[:, -1].mean() > row[:, 3:9].mean() + 60


@pytest.mark.parametrize(("frames", "stride"), [(FULL_GRID, 1), (FULL_GRID + 1, 2), (4 * FULL_GRID + 3, 4)])
def test_the_grid_is_coarser_in_longer_shots_and_no_pair_is_out_of_reach(frames, stride):
    result = rehearsed([frame[:16, :16] for frame in panned(frames)])
    assert result.frames.tolist() == list(range(0, frames, stride))
    distance = np.abs(result.pairs[:, 0] - result.pairs[:, 1])
    assert distance.max() <= REACH
    pairs = sum(0 < abs(t - k) <= REACH for t in result.frames for k in result.frames)
    assert len({tuple(pair) for pair in result.pairs.tolist()}) == len(result.pairs) == pairs


@pytest.mark.parametrize("reported_at", [8, 20, None])
def test_nothing_is_carried_across_a_cut(reported_at):
    result = rehearsed(panned(30, seed=1), {reported_at: [8]})
    assert not [pair for pair in result.pairs.tolist() if min(pair) < 8 <= max(pair)]
    assert result.frames.tolist() == list(range(30))


def test_a_cut_that_is_reported_late_ends_the_shot_then():
    result = rehearsed([frame[:16, :16] for frame in panned(40)], {39: [2]})
    assert len(result.frames) == 40


@pytest.mark.parametrize("shape", [(1, 1), (8, 200), (15, 15), (31, 700)])
def test_any_size_is_rehearsed(shape):
    frames = [np.full((*shape, 3), value, np.uint8) for value in (0, 0, 200)]
    result = rehearsed(frames)
    assert np.isfinite(result.detail).all()
    assert np.allclose(result.detail.sum(1), 1, atol=1e-4)
    assert len(result.pairs) == 6


def test_a_large_source_takes_no_more_than_a_small_one():
    large = [cv2.resize(frame, (1280, 720)) for frame in panned(2)]
    assert rehearsed(large).lacking.shape == (2, 220)


def test_without_a_frame_there_is_nothing():
    with pytest.raises(ValueError, match="no frame"):
        PropagationMeter().finish()
