import numpy as np

from sparkvsr_engine.evaluation.pixels import resize_bicubic
from sparkvsr_engine.evaluation.protocol.methods import RestorationTask, bicubic_method, per_frame_method
from tests.fakes.scenes import scene


class Tripler:
    name = "tripler"
    scale = 3

    def upscale(self, picture, is_cancelled=None):
        return picture.repeat(3, axis=0).repeat(3, axis=1)


def test_bicubic_puts_out_every_frame_at_the_output_size():
    source = [resize_bicubic(scene(number), 48, 36) for number in range(3)]
    restored = list(bicubic_method().restore(RestorationTask(source, {}, 192, 144)))
    assert len(restored) == 3
    assert np.array_equal(restored[1], resize_bicubic(source[1], 192, 144))


def test_a_per_frame_model_is_brought_to_the_output_size():
    task = RestorationTask([scene(width=32, height=24)], {}, 128, 96)
    restored = list(per_frame_method(Tripler()).restore(task))
    assert restored[0].shape == (96, 128, 3)


def test_a_per_frame_model_of_the_right_scale_is_left_alone():
    task = RestorationTask([scene(width=32, height=24)], {}, 96, 72)
    restored = list(per_frame_method(Tripler()).restore(task))
    assert restored[0].dtype == np.float32
