"""Rates as they are meant, timecode, and the frame shown at a time."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.timeline.timing import TimeUnusable, exact_rate, frame_of, seconds_of, timecode_frames


@pytest.mark.parametrize("spelt", [23.976, 23.98, 23.97, 23.976024627685547, 23.976023976, 24000 / 1001])
def test_24000_over_1001_is_meant_however_it_is_spelt(spelt):
    assert exact_rate(spelt) == Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("spelt", "rate"),
    [
        (24, 24),
        (25.0, 25),
        (29.97, Fraction(30000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (47.952, Fraction(48000, 1001)),
        (119.88, Fraction(120000, 1001)),
        (12.5, Fraction(25, 2)),
        (44100, 44100),
        (1, 1),
    ],
)
def test_rates_are_exact(spelt, rate):
    assert exact_rate(spelt) == rate


@pytest.mark.parametrize("spelt", [0, -24, float("inf"), float("nan")])
def test_what_is_no_rate_is_refused(spelt):
    with pytest.raises(TimeUnusable):
        exact_rate(spelt)


@pytest.mark.parametrize(
    ("text", "rate", "frames"),
    [
        ("01:00:00:00", Fraction(24), 86400),
        ("01:00:00:00", Fraction(24000, 1001), 86400),
        ("01:00:00:00", Fraction(30000, 1001), 108000),
        ("01:00:00;00", Fraction(30000, 1001), 107892),
        ("00:01:00;02", Fraction(30000, 1001), 1800),
        ("01:00:00;00", Fraction(60000, 1001), 215784),
        ("00:00:10:12", Fraction(25), 262),
        ("none", Fraction(25), None),
        (None, Fraction(25), None),
    ],
)
def test_timecode_counts_frames(text, rate, frames):
    assert timecode_frames(text, rate) == frames


@given(st.integers(0, 10**7), st.sampled_from([23.976, 23.98, 24.0, 25.0, 29.97, 59.94, 119.88]))
def test_a_frames_own_time_shows_it(frame, rate):
    time = otio.opentime.RationalTime(frame, rate)
    assert frame_of(seconds_of(time), exact_rate(rate)) == frame


@given(st.integers(0, 10**6), st.floats(-9e-5, 9e-5))
def test_noise_moves_no_frame(frame, noise):
    time = otio.opentime.RationalTime(frame + noise, 24)
    assert frame_of(seconds_of(time), Fraction(24)) == frame


@given(
    st.integers(0, 10**6), st.sampled_from([24, 25, 30, 48]), st.sampled_from([23.976, 24, 25, 29.97, 119.88])
)
def test_between_rates_the_floor_is_shown(frame, record, medium):
    rate = exact_rate(medium)
    assert frame_of(Fraction(frame, record), rate) == frame * rate // record


def test_an_hour_of_either_spelling_is_the_same_frame():
    source = otio.opentime.RationalTime(1_937_905, 23.97602462768554)
    origin = otio.opentime.RationalTime(1_937_896, 23.976)
    assert frame_of(seconds_of(source) - seconds_of(origin), Fraction(24000, 1001)) == 9
