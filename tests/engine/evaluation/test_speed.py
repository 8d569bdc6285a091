import pytest

from bridge.errors import InvalidSettings
from sparkvsr_engine.evaluation.protocol.methods import Method, RestorationTask, bicubic_method
from sparkvsr_engine.evaluation.speed import Speed, measure_speed
from tests.fakes.scenes import scene

TASK = RestorationTask([scene(number, width=48, height=36) for number in range(3)], {}, 192, 144)


def test_every_run_restores_the_whole_clip():
    taken = []

    def restore(task):
        for frame in task.source:
            taken.append(frame)
            yield frame

    speed = measure_speed(Method("still", restore), TASK, runs=2)
    assert len(taken) == 6
    assert speed.frames == 3


def test_speed_is_told_per_second_and_per_frame():
    speed = measure_speed(bicubic_method(), TASK)
    assert speed.first_frame_seconds > 0
    assert speed.frames_per_second == pytest.approx(1 / speed.seconds_per_frame)
    assert Speed(10, 1.0, 0.25).frames_per_second == 4.0


@pytest.mark.parametrize(("task", "runs"), [(TASK, 0), (RestorationTask([scene()], {}, 192, 144), 1)])
def test_what_cannot_be_timed_is_refused(task, runs):
    with pytest.raises(InvalidSettings, match="2 frames or more"):
        measure_speed(bicubic_method(), task, runs)


def test_a_method_without_frames_has_no_speed():
    with pytest.raises(InvalidSettings, match="empty put out 0 frames"):
        measure_speed(Method("empty", lambda task: []), TASK)
