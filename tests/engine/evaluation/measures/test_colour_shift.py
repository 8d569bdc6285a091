import numpy as np
import pytest

from sparkvsr_engine.evaluation.measures.colour_shift import colour_shift, delta_e_2000
from sparkvsr_engine.evaluation.pixels import resize_bicubic
from tests.fakes.scenes import scene, with_noise

# From the test data of Sharma, Wu and Dalal (2005), table 1.
SHARMA = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((50.0, 2.5, 0.0), (61.0, -5.0, 29.0), 22.8977),
    ((50.0, 2.5, 0.0), (56.0, -27.0, -3.0), 31.9030),
    ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "expected"), SHARMA)
def test_published_colour_differences(first, second, expected):
    pair = np.array([first]), np.array([second])
    assert delta_e_2000(*pair)[0] == pytest.approx(expected, abs=1e-4)
    assert delta_e_2000(*pair[::-1])[0] == pytest.approx(expected, abs=1e-4)


def test_upscaling_and_detail_are_no_shift():
    source = resize_bicubic(scene(), 48, 36)
    for result in (scene(), resize_bicubic(source, 192, 144), with_noise(scene(), 8)):
        assert colour_shift(result, source).mean < 0.3


def test_a_cast_is_a_shift():
    source = resize_bicubic(scene(), 48, 36)
    warm = np.clip(scene() * np.array([1.15, 1.0, 0.85]), 0, 255).astype(np.uint8)
    shift = colour_shift(warm, source)
    assert shift.mean > 5
    assert shift.high >= shift.mean


def test_a_cast_of_a_part_shows_in_the_high_figure():
    source = resize_bicubic(scene(), 48, 36)
    spot = scene()
    spot[40:100, 40:100, 0] = 255
    shift = colour_shift(spot, source)
    assert shift.high > 4 * shift.mean > 1
