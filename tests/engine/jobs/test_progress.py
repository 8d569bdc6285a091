"""Speed and remaining time out of the latest frames."""

from __future__ import annotations

import pytest

from sparkvsr_engine.jobs.running.progress import FrameClock, Throttle


class Watch:
    """A clock that is moved by hand."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


def test_speed_is_that_of_the_latest_frames():
    watch = Watch()
    clock = FrameClock(watch)
    clock.start()
    assert clock.frames_per_second() == 0.0
    assert clock.eta_seconds(10) is None
    for pause in [10.0] * 50 + [0.5] * 60:
        watch.seconds += pause
        clock.tick()
    assert clock.frames_per_second() == pytest.approx(2.0)
    assert clock.eta_seconds(10) == pytest.approx(5.0)


def test_a_pause_does_not_count():
    watch = Watch()
    clock = FrameClock(watch)
    clock.start()
    watch.seconds += 1000
    clock.start()
    for _ in range(4):
        watch.seconds += 1
        clock.tick()
    assert clock.frames_per_second() == pytest.approx(1.0)


def test_a_throttle_lets_one_through_per_while():
    watch = Watch()
    throttle = Throttle(0.25, watch)
    text = []
    for _ in range(8):
        text.append(throttle.is_due())
        watch.seconds += 0.125
    assert text == [True, False] * 4
