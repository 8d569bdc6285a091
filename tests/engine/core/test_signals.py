"""Signals measured on frames made here."""

import subprocess
import sys

import cv2
import numpy as np
import pytest

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.propagation_stats import PropagationStats
from sparkvsr_engine.core.keyframe_choice.signals import FrameSignals, SignalMeter


def make_texture(seed=0, height=120, width=400):
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 2)


def panned(frames, speed, seed=0):
    wide = make_texture(seed)
    return [np.ascontiguousarray(wide[:, speed * i : speed * i + 160]) for i in range(frames)]


def measured(frames, first=0):
    meter = SignalMeter()
    for number, frame in enumerate(frames, start=first):
        meter.add(number, frame)
    return meter.finish()


def test_there_is_one_value_per_frame_numbered_as_the_source():
    signals = measured(panned(6, 1), first=1001)
    assert signals.span == FrameSpan(1001, 1007)
    assert signals.sharpness.shape == (6,)
    assert signals.propagation.frames.tolist() == list(range(1001, 1007))


def test_a_blurred_frame_is_less_sharp():
    frames = panned(5, 1)
    frames[2] = cv2.GaussianBlur(frames[2], (0, 0), 3)
    sharpness = measured(frames).sharpness
    assert sharpness[2] < 0.5 * sharpness[1]
    assert np.argmin(sharpness) == 2


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


def test_a_part_keeps_its_own_values():
    span = FrameSpan(10, 40)
    whole = FrameSignals(span, np.arange(30.0), PropagationStats.even(span), (10, 20, 39))
    part = whole.within(FrameSpan(15, 25))
    assert part.sharpness.tolist() == list(range(5, 15))
    assert part.propagation.frames.tolist() == list(range(15, 25))
    assert part.iframes == (20,)


def test_arrays_of_another_length_are_refused():
    with pytest.raises(ValueError, match="sharpness"):
        FrameSignals(FrameSpan(0, 3), np.ones(2), PropagationStats.even(FrameSpan(0, 3)))


def test_importing_signals_loads_no_opencv():
    program = "import sys, sparkvsr_engine.core.keyframe_choice.keyframes; sys.exit('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
