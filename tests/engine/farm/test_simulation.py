"""The simulation of a farm against what can be worked out by hand."""

import math
from dataclasses import replace

import pytest

from sparkvsr_engine.farm.simulation import Figures, Work, forecast

QUIET = Figures(
    start=4, render=2, prepare=0.1, keyframe=10, keyframes_per_shot=2, join=0.5, frame_bytes=1e6,
    storage_bandwidth=1e12, hours_between_failures=0, price=3,
)  # fmt: skip
WORK = Work(frames=300, shot_frames=100, task_frames=50)


def test_one_device_does_everything_after_each_other():
    result = forecast(WORK, QUIET, 1)
    prepare, tasks, join = 4 + 100 * 0.1 + 20, 2 * (4 + 50 * 2), 4 + 100 * 0.5
    assert math.isclose(result.seconds, 3 * (prepare + tasks + join))
    assert (result.busy_share, result.rendered_again, result.limit) == (1.0, 0, "devices")
    assert math.isclose(result.cost, result.seconds / 3600 * 3)


def test_more_devices_than_tasks_do_not_help_and_the_plan_reports_it():
    enough, many = forecast(WORK, QUIET, 6), forecast(WORK, QUIET, 600)
    assert many.seconds == pytest.approx(34 + 104 + 54)
    assert enough.seconds == many.seconds
    assert many.limit == "tasks"
    assert many.busy_share < 0.02


def test_the_storage_is_a_limit_that_no_device_passes():
    slow = replace(QUIET, frame_bytes=100e6, storage_bandwidth=1e9)
    work = Work(frames=30000, shot_frames=100, task_frames=50)
    few, many = forecast(work, slow, 10), forecast(work, slow, 300)
    assert (few.limit, many.limit) == ("devices", "storage")
    assert many.seconds > 30000 * 100e6 / 1e9


def test_failures_cost_part_of_a_chunk_each_and_are_the_same_for_a_seed():
    work = Work(frames=100_000)
    failing = replace(QUIET, hours_between_failures=1.0)
    first, again, reseeded = (forecast(work, failing, 50, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != reseeded
    # 100 000 frames of 2 s are 56 hours and their failures cost 7.5 frames on the average.
    assert 200 < first.rendered_again < 800
    assert first.seconds > forecast(work, QUIET, 50).seconds


@pytest.mark.parametrize("broken", [{"frames": 0}, {"shot_frames": 0}, {"task_frames": -1}])
def test_nothing_to_do_is_refused(broken):
    with pytest.raises(ValueError, match="1 or more"):
        forecast(replace(WORK, **broken), QUIET, 1)
    with pytest.raises(ValueError, match="1 or more"):
        forecast(WORK, QUIET, 0)
