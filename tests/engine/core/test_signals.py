"""Signals measured on frames made here."""

import subprocess
import sys

import cv2
import numpy as np
import pytest

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.signals import FrameSignals, SignalMeter, measure_frames


def make_texture(seed=0, height=120, width=400):
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 2)


def panned(frames, speed, seed=0):
    wide = make_texture(seed)
    return [np.ascontiguousarray(wide[:, speed * i : speed * i + 160]) for i in range(frames)]


def measured(frames, first=0):
    return measure_frames(enumerate(frames, start=first))


def test_there_is_one_value_per_frame_numbered_as_the_source():
    signals = measured(panned(6, 1), first=1001)
    assert signals.span == FrameSpan(1001, 1007)
    assert signals.propagation_confidence[0] == signals.motion[0] == 0
    assert (signals.propagation_confidence[1:] > 0.8).all()


def test_motion_is_a_share_of_the_longer_side():
    signals = measured(panned(5, 4))
    np.testing.assert_allclose(signals.motion[1:], 4 / 160, rtol=0.15)


def test_a_blurred_frame_is_less_sharp():
    frames = panned(5, 1)
    frames[2] = cv2.GaussianBlur(frames[2], (0, 0), 3)
    sharpness = measured(frames).sharpness
    assert sharpness[2] < 0.5 * sharpness[1]
    assert np.argmin(sharpness) == 2


def test_another_picture_is_not_trusted():
    confidence = measured([*panned(3, 1), *panned(3, 1, seed=9)]).propagation_confidence
    assert confidence[3] < 0.6 < confidence[2]


def test_faster_motion_with_more_uncovered_is_trusted_less():
    slow, fast = (measured(panned(4, speed)).propagation_confidence[1:].mean() for speed in (1, 24))
    assert fast < slow


def test_large_frames_are_measured_alike():
    small = panned(4, 2)
    large = [cv2.resize(frame, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC) for frame in small]
    np.testing.assert_allclose(measured(large).motion[1:], measured(small).motion[1:], rtol=0.2)


@pytest.mark.parametrize("shape", [(1, 1), (8, 200), (15, 15)])
def test_tiny_frames_are_measured_too(shape):
    signals = measured([np.zeros((*shape, 3), np.uint8)] * 2)
    assert np.isfinite(signals.propagation_confidence).all()


def test_one_frame_has_no_step():
    signals = measured(panned(1, 1))
    assert signals.propagation_confidence.tolist() == [0.0]


def test_no_frame_and_a_gap_are_refused():
    meter = SignalMeter()
    with pytest.raises(ValueError, match="no frame"):
        meter.finish()
    meter.add(3, panned(1, 1)[0])
    with pytest.raises(ValueError, match="frame 5 does not follow 3"):
        meter.add(5, panned(1, 1)[0])


def test_iframes_are_kept_in_order():
    signals = FrameSignals.unmeasured(FrameSpan(0, 30)).with_iframes([24, 0, 12, 12])
    assert signals.iframes == (0, 12, 24)


def test_arrays_of_another_length_are_refused():
    with pytest.raises(ValueError, match="motion"):
        FrameSignals(FrameSpan(0, 3), np.ones(3), np.ones(2), np.ones(3))


def test_importing_signals_loads_no_opencv():
    program = "import sys, sparkvsr_engine.core.keyframes; sys.exit('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
