import numpy as np

from sparkvsr_engine.evaluation.pictures.crops import CropBox, worst_crop
from tests.fakes.scenes import scene


def test_the_crop_lies_where_the_result_fails_most():
    result = scene()
    result[50:70, 100:130] = 0
    box = worst_crop(result, scene(), 40, 32)
    assert box.left <= 100
    assert box.left + 40 >= 130
    assert box.top <= 50
    assert box.top + 32 >= 70
    assert box.cut(result).shape == (32, 40, 3)


def test_the_crop_is_never_larger_than_the_picture():
    assert worst_crop(scene(), scene(), 1000, 20) == CropBox(0, 0, 192, 20)


def test_the_last_row_and_column_can_be_in_it():
    result = scene()
    result[-1, -1] = 255 - result[-1, -1]
    box = worst_crop(result, scene(), 8, 8)
    assert np.array_equal(box.cut(result)[-1, -1], result[-1, -1])
