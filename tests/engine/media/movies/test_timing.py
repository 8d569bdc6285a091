from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.movies.frame_index.index import MovieIndex
from sparkvsr_engine.media.movies.timing import constant_timing, rate_of, source_timing

RATES = [
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(60000, 1001),
    Fraction(15),
]


def index_of(pts, time_base, last=1):
    return MovieIndex(np.array(pts, np.int64), np.zeros(1, np.int64), time_base, last)


@pytest.mark.parametrize(
    "time_base", [Fraction(1, 1000), Fraction(1, 90000), Fraction(1, 600), Fraction(1, 1000000)]
)
@pytest.mark.parametrize("rate", RATES)
def test_a_clocks_rounding_does_not_hide_a_constant_rate(rate, time_base):
    pts = [round(number / (rate * time_base)) for number in range(500)]
    result = rate_of(index_of(pts, time_base), [rate.limit_denominator(1001)])
    assert not result.varies
    if time_base < Fraction(1, 1000):
        assert result.rate == rate


def test_equal_steps_give_the_rate_without_a_hint():
    assert rate_of(index_of(range(0, 5120, 512), Fraction(1, 12800)), []).rate == 25


def test_a_dropped_frame_makes_the_rate_vary():
    pts = [512 * number for number in range(50) if number != 20]
    result = rate_of(index_of(pts, Fraction(1, 12800), last=512), [Fraction(25)])
    assert result.varies
    assert float(result.rate) == pytest.approx(24.5)


def test_one_frame_has_the_rate_of_its_header():
    assert rate_of(index_of([0], Fraction(1, 1000)), [None, Fraction(25)]).rate == 25
    assert rate_of(index_of([0], Fraction(1, 1000)), []).rate is None


@given(st.sampled_from(RATES), st.integers(0, 200_000))
def test_a_constant_clock_is_exact_and_does_not_drift(rate, number):
    timing = constant_timing(rate)
    assert timing.seconds(number) == number / rate


@given(st.sampled_from(RATES), st.fractions(0, 10, max_denominator=1000), st.integers(0, 5000))
def test_a_late_start_keeps_frames_apart_by_the_rate(rate, start, number):
    timing = constant_timing(rate, start)
    assert abs(timing.seconds(number) - start - number / rate) <= timing.time_base
    assert timing.time_base.denominator < 1 << 31


def test_a_varying_clock_is_the_sources_own():
    index = index_of([90, 3000, 6100, 9000, 13000], Fraction(1, 90000), last=2500)
    timing = source_timing(index, FrameSpan(1, 5), Fraction(30), Fraction(3000, 90000))
    assert [timing.at(number) for number in range(5)] == [0, 3100, 6000, 10000, 12500]
    assert timing.time_base == Fraction(1, 90000)


def test_decoding_times_before_the_first_frame_rise_too():
    index = index_of([0, 3000, 6100], Fraction(1, 90000), last=3000)
    timing = source_timing(index, FrameSpan(0, 3), Fraction(30), Fraction(0))
    times = [timing.at(number) for number in (-2, -1, 0, 1)]
    assert times == sorted(set(times))
