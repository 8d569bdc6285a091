"""No result leaves the range of its source neighbourhood by more than the stated share."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sparkvsr_engine.core.pictures.light_curve import LightCurve
from sparkvsr_engine.media.colour import ACESCCT
from sparkvsr_engine.models.base import Guidance
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.isr.upscaler import make_keyframe
from sparkvsr_engine.models.lite.loading import load_weights
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.source_bound import (
    FLOOR,
    NEIGHBOURHOOD,
    SHARE,
    SourceRange,
    grey_of,
    is_grey,
    limit,
)
from tests.compatibility.claims import covers
from tests.fakes.lite_shots import Rendering, small_network

PICTURES = arrays.arrays(np.float32, (8, 12, 3), elements=st.floats(0, 1, width=32))


def outermost(source, curve=None):
    """The bound written down pixel by pixel: (least, largest) [h, w, 3]."""
    reach = NEIGHBOURHOOD // 2
    wider = np.pad(source, ((reach, reach), (reach, reach), (0, 0)), "edge")
    view = np.lib.stride_tricks.sliding_window_view(wider, (NEIGHBOURHOOD, NEIGHBOURHOOD), (0, 1))
    low, high = view.min((-1, -2)), view.max((-1, -2))
    if curve is not None:
        low, high = curve.decode(low.astype(np.float32)), curve.decode(high.astype(np.float32))
    margin = SHARE * (high - low)
    return low - margin, high + margin


def enlarged(values, height, width):
    rows = (np.arange(height) + 0.5) * len(values) / height
    columns = (np.arange(width) + 0.5) * values.shape[1] / width
    return values[rows.astype(int)][:, columns.astype(int)]


def is_within(result, source, slack=FLOOR + 1e-4):
    least, largest = (enlarged(edge, *result.shape[:2]) for edge in outermost(source))
    return (result >= least - slack).all() and (result <= largest + slack).all()


@covers(
    "kinds of pictures",
    "A. What the network makes is bounded by its source",
    variants="random pictures and results, light and codes, grey, keyframes' influence",
    result="no result leaves the range of 5x5 source pixels by more than half of it; grey stays grey",
)
@given(PICTURES, st.sampled_from([(8, 12), (16, 24), (12, 18), (32, 48), (21, 31)]), st.integers(0, 99))
def test_whatever_is_limited_lies_within(source, size, seed):
    wild = np.random.default_rng(seed).normal(0.5, 30, (*size, 3)).astype(np.float32)
    planes = torch.from_numpy(np.ascontiguousarray(wild.transpose(2, 0, 1)))
    limit(planes, SourceRange.of(source).limits(None))
    assert is_within(planes.numpy().transpose(1, 2, 0), source)


@given(PICTURES)
def test_what_lies_within_is_left_to_the_bit(source):
    planes = torch.from_numpy(
        np.ascontiguousarray(np.repeat(np.repeat(source, 4, 0), 4, 1).transpose(2, 0, 1))
    )
    before = planes.clone()
    assert limit(planes, SourceRange.of(source).limits(None)) == 0
    assert torch.equal(planes, before)


def test_the_share_of_pixels_outside_is_counted():
    planes = torch.full((3, 16, 16), 0.5)
    planes[1, :, :4] = 2.0
    assert limit(planes, SourceRange.of(np.full((4, 4, 3), 0.5, np.float32)).limits(None)) == pytest.approx(
        0.25
    )


@given(arrays.arrays(np.float32, (6, 6, 3), elements=st.floats(0, 400, width=32)), st.integers(0, 99))
def test_light_is_bounded_as_light(light, seed):
    source = ACESCCT.encode(light)
    wild = np.random.default_rng(seed).normal(0.5, 1, (3, 24, 24)).astype(np.float32)
    planes = torch.from_numpy(wild)
    limit(planes, SourceRange.of(source).limits(ACESCCT))
    result = ACESCCT.decode(np.ascontiguousarray(planes.numpy().transpose(1, 2, 0)))
    _, largest = (enlarged(edge, 24, 24) for edge in outermost(source, ACESCCT))
    assert (result <= largest * 1.05 + 2e-3).all()
    # A source without negative light gets none, but for the rounding of a code.
    assert (result >= -2e-3).all()


def test_a_curve_is_what_light_is_judged_by():
    square = LightCurve(np.sqrt, lambda code: code * code)
    source = np.full((5, 5, 3), 0.5, np.float32)
    source[2, 2] = 1.0
    limits = SourceRange.of(source).limits(square)
    # 0.25 and 1 of light: half their distance beyond, and the floor of a 64th.
    assert float(limits.high[0, 2, 2]) == pytest.approx(np.sqrt(1 + 0.375 + 1 / 64), abs=2e-3)


def test_a_keyframe_widens_the_range_by_its_influence():
    low, high = torch.full((3, 1, 1), 0.4), torch.full((3, 1, 1), 0.5)
    keyframe = SourceRange(torch.full((3, 1, 1), 0.1), torch.full((3, 1, 1), 0.7))
    for influence, least, largest in ((0.0, 0.4, 0.5), (0.5, 0.25, 0.6), (1.0, 0.1, 0.7), (2.0, -0.2, 0.9)):
        joint = SourceRange(low, high).with_keyframe(keyframe, influence)
        assert float(joint.low[0]) == pytest.approx(least)
        assert float(joint.high[0]) == pytest.approx(largest)


@pytest.mark.parametrize("scale", [1, 1.5, 2, 4, 6])
@settings(max_examples=5, deadline=None)
@given(PICTURES)
def test_a_network_that_bursts_stays_within(scale, source):
    network = small_network()
    with torch.no_grad():
        network.blind.head.weight.mul_(300)
    rendering = Rendering(network, [source, source, source], scale)
    assert is_within(rendering.pixels(1, Guidance(0.0)), source)


@pytest.fixture(scope="module")
def shipped():
    """All sets of weights of `lite`."""
    return load_weights(LitePlanner().weights)


@pytest.mark.parametrize("curve", [None, ACESCCT], ids=["display", "light"])
@pytest.mark.parametrize("scale", [1, 1.5, 4, 6])
@settings(max_examples=4, deadline=None)
@given(PICTURES)
def test_lite_stays_within(shipped, curve, scale, source):
    result = Rendering(shipped, [source, source, source], scale, curve=curve).pixels(1)
    assert np.isfinite(result).all()
    if curve is None:
        assert is_within(result, source)
        return
    _, largest = (enlarged(edge, *result.shape[:2]) for edge in outermost(source, curve))
    assert (curve.decode(result) <= largest * 1.05 + 2e-3).all()


@pytest.mark.parametrize("name", ["crisp", "balanced", "realesr-animevideov3", "span-x4", "span-x2"])
@settings(max_examples=4, deadline=None)
@given(PICTURES)
def test_keyframe_models_stay_within(name, source):
    upscaler = open_isr(name, "cpu")
    height, width = source.shape[0] * 4, source.shape[1] * 4
    keyframe = make_keyframe(upscaler, source, width, height)
    assert np.isfinite(keyframe).all()
    assert is_within(keyframe, source)


@pytest.mark.parametrize("scale", [1, 1.5, 2, 4, 6])
def test_grey_stays_grey(scale):
    rng = np.random.default_rng(4)
    frames = [np.repeat(rng.random((12, 16, 1), np.float32), 3, 2) for _ in range(3)]
    rendering = Rendering(small_network(), frames, scale)
    pixels = rendering.pixels(1, Guidance(0.0))
    assert is_grey(pixels)
    height, width = pixels.shape[:2]
    coloured = rng.random((height, width, 3), np.float32)
    under_keyframe = Rendering(small_network(), frames, scale, {0: coloured})
    assert is_grey(under_keyframe.pixels(0, Guidance(1.0)))
    assert is_grey(under_keyframe.pixels(1, Guidance(1.0)))


def test_models_make_grey_keyframes_of_grey_frames():
    source = np.repeat(np.random.default_rng(5).random((10, 12, 1), np.float32), 3, 2)
    assert is_grey(make_keyframe(open_isr("crisp", "cpu"), source, 30, 25))


def test_luma_of_grey_is_itself():
    grey = np.full((2, 2, 3), 0.25, np.float32)
    assert grey_of(grey) == pytest.approx(grey)
    assert is_grey(grey_of(np.random.default_rng(0).random((3, 3, 3), np.float32)))
