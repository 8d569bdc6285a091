"""Walks to keyframes: the same flow whatever was asked before, true motion, few searches."""

import numpy as np
import pytest

from sparkvsr_engine.core.pictures.motion import warp
from sparkvsr_engine.models.lite.motion.motion_walk import BLOCK, KeyframeWalk, Searches, StepFlows
from tests.fakes.moving import as_bytes, pan

SPEED = (1.5, 0.75)
FRAMES = 2 * BLOCK + 6


class PanGreys:
    """Grey pictures of a pan; counts how often each is asked for."""

    def __init__(self, frames=FRAMES, width=96, height=64):
        half = [as_bytes(frame.mean(-1)) for frame in pan(frames, width, height, SPEED)]
        self._half = half
        self._quarter = [
            as_bytes(frame.reshape(height // 2, 2, width // 2, 2).mean((1, 3)) / 255) for frame in half
        ]
        self.requests = []

    def half(self, frame):
        return self._half[frame]

    def quarter(self, frame):
        self.requests.append(frame)
        return self._quarter[frame]


@pytest.fixture(scope="module")
def greys():
    return PanGreys()


def new_walk(greys, keyframe):
    return KeyframeWalk(keyframe, Searches(greys))


def inner(flow, margin=12):
    return flow[margin:-margin, margin:-margin]


def test_a_step_finds_the_motion_of_a_pan(greys):
    flow = StepFlows(greys).step(4, 5)
    assert np.median(inner(flow), (0, 1)) == pytest.approx([-SPEED[0] / 2, -SPEED[1] / 2], abs=0.15)


def test_a_step_is_searched_once(greys):
    steps = StepFlows(greys)
    first = steps.step(4, 5)
    request = len(greys.requests)
    assert steps.step(4, 5) is first
    assert len(greys.requests) == request


@pytest.mark.parametrize(("start", "target"), [(8, 10), (10, 8), (8, 9), (9, 8)])
def test_a_path_is_its_steps_put_together(greys, start, target):
    flow = StepFlows(greys).path(start, target)
    expected = np.array(SPEED) / 2 * (start - target)
    assert np.median(inner(flow), (0, 1)) == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize(("keyframe", "frame"), [(0, 10), (12, 4), (20, 21), (20, 19)])
def test_a_walk_arrives_at_the_keyframe(greys, keyframe, frame):
    flow = new_walk(greys, keyframe).flow_from(frame)
    at_frame, at_keyframe = greys.half(frame).astype(np.float32), greys.half(keyframe).astype(np.float32)
    brought = warp(at_keyframe, flow)
    # What the pan uncovered cannot be found; the rest must be nearly the same picture.
    margin = 24
    assert flow.shape == (*at_frame.shape, 2)
    assert np.abs(inner(brought, margin) - inner(at_frame, margin)).mean() < 3
    assert np.abs(at_keyframe - at_frame).mean() > 10


ORDERS = {
    "outwards": lambda frames: frames,
    "inwards": lambda frames: frames[::-1],
    "mixed": lambda frames: np.random.default_rng(1).permutation(frames).tolist(),
    "farthest only": lambda frames: frames[-1:],
}


@pytest.mark.parametrize(("keyframe", "side"), [(0, 1), (FRAMES - 1, -1)])
def test_a_flow_does_not_depend_on_what_was_asked_before(greys, keyframe, side):
    frames = [keyframe + side * away for away in (1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, FRAMES - 1)]
    alone = {frame: new_walk(greys, keyframe).flow_from(frame) for frame in frames}
    for order in ORDERS.values():
        walk = new_walk(greys, keyframe)
        for frame in order(frames):
            assert np.array_equal(walk.flow_from(frame), alone[frame])


def test_walking_inwards_over_a_long_stretch_costs_about_two_walks(greys):
    last = FRAMES - 1
    walk = new_walk(greys, 0)
    greys.requests.clear()
    walk.flow_from(last)
    one_walk = len(greys.requests)
    greys.requests.clear()
    for frame in range(last, 0, -1):
        walk.flow_from(frame)
    assert len(greys.requests) <= 1.5 * one_walk


def test_frames_too_small_to_search_stand_still():
    small = PanGreys(4, 16, 8)
    walk = new_walk(small, 0)
    assert not walk.flow_from(3).any()


def test_searches_that_give_their_buffers_back_for_each_other_find_the_same(greys):
    together, apart = (KeyframeWalk(2, Searches(greys, one_at_a_time=way)) for way in (False, True))
    for frame in (3, 9, 5, BLOCK + 4):
        np.testing.assert_array_equal(apart.flow_from(frame), together.flow_from(frame))
