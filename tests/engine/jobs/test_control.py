"""What reaches a job between its frames."""

from __future__ import annotations

import threading

import pytest

from sparkvsr_engine.jobs.control import JobControl, JobStopped


@pytest.fixture
def control():
    result = JobControl()
    result.begin("one")
    return result


def test_a_stop_reaches_the_job_it_is_meant_for(control):
    control.stop("two", "cancelled")
    control.check()
    assert not control.is_stopped()
    control.stop("one", "paused")
    assert control.is_stopped()
    with pytest.raises(JobStopped) as stopped:
        control.check()
    assert stopped.value.state == "paused"


def test_a_stop_that_came_before_its_job_began_counts(control):
    control.end()
    control.stop("two", "cancelled")
    control.begin("two")
    with pytest.raises(JobStopped):
        control.check()


def test_a_stop_that_came_too_late_does_not_stop_the_next_run(control):
    control.end()
    control.stop("one", "cancelled")
    control.expect("one")
    control.begin("one")
    control.check()


def test_work_between_frames_is_done_in_order_even_when_the_job_is_to_stop(control):
    done = []
    for number in range(3):
        control.between_frames(lambda number=number: done.append(number))
    control.stop("one", "paused")
    with pytest.raises(JobStopped):
        control.check()
    assert done == [0, 1, 2]


def test_waiting_ends_when_there_is_something_to_do(control):
    came = []
    waiting = threading.Thread(target=lambda: came.append(control.wait(600)))
    waiting.start()
    control.between_frames(lambda: None)
    waiting.join(60)
    assert came == [True]


def test_waiting_returns_when_nothing_came(control):
    assert not control.wait(0.01)


def test_each_job_has_its_own_playhead(control):
    control.move_playhead("one", 12)
    control.move_playhead("two", 99)
    assert control.playhead() == 12
    control.end()
    control.begin("three")
    assert control.playhead() is None
