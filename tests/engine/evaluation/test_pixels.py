import numpy as np
import pytest

from sparkvsr_engine.evaluation import pixels
from tests.fakes.scenes import scene


def test_luma_of_white_and_black_is_studio_range():
    white = np.full((2, 2, 3), 255, np.uint8)
    assert pixels.studio_luma(white) == pytest.approx(235.0, abs=1e-6)
    assert pixels.studio_luma(np.zeros((2, 2, 3), np.uint8)) == pytest.approx(16.0)


def test_luma_does_not_depend_on_the_sample_format():
    picture = scene()
    as_float = (picture / 255.0).astype(np.float32)
    assert np.allclose(pixels.studio_luma(picture), pixels.studio_luma(as_float), atol=1e-4)


def test_values_beyond_the_display_are_clipped_as_the_display_would():
    picture = np.array([[[-0.5, 0.5, 1.5]]], np.float32)
    assert pixels.to_unit(picture).tolist() == [[[0.0, 0.5, 1.0]]]
    assert pixels.to_eight_bits(picture).tolist() == [[[0, 128, 255]]]


@pytest.mark.parametrize("picture", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.uint16)])
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises(ValueError, match="a frame"):
        pixels.to_unit(picture)


def test_bicubic_down_and_up_keeps_a_constant_and_the_size():
    grey = np.full((48, 64, 3), 77, np.uint8)
    small = pixels.resize_bicubic(grey, 16, 12)
    assert small.shape == (12, 16, 3)
    assert np.all(pixels.resize_bicubic(small, 64, 48) == 77)


def test_bicubic_equals_pillow():
    image = pytest.importorskip("PIL.Image")
    picture = scene()
    small = np.asarray(image.fromarray(picture).resize((48, 36), image.Resampling.BICUBIC))
    assert np.array_equal(pixels.resize_bicubic(picture, 48, 36), small)
    large = np.asarray(image.fromarray(small).resize((192, 144), image.Resampling.BICUBIC))
    apart = np.abs(pixels.resize_bicubic(small, 192, 144).astype(int) - large)
    # Both work in fixed point; a weight that is rounded the other way moves a pixel by one level.
    assert apart.max() <= 1
    assert np.count_nonzero(apart) < apart.size / 1000


def test_halved_averages_pixels_and_drops_an_odd_edge():
    picture = np.zeros((5, 5, 3), np.uint8)
    picture[:2, :2] = [[[0] * 3, [100] * 3], [[100] * 3, [200] * 3]]
    half = pixels.halved(picture)
    assert half.shape == (2, 2, 3)
    assert half[0, 0].tolist() == [100, 100, 100]


def test_sides_are_cut_to_a_multiple():
    assert pixels.cropped_to_multiple(np.zeros((17, 22, 3)), 4).shape == (16, 20, 3)


def test_centre_crop_takes_the_middle_or_what_there_is():
    picture = np.arange(6 * 8).reshape(6, 8, 1).repeat(3, axis=2)
    assert pixels.centre_crop(picture, 4)[0, 0, 0] == picture[1, 2, 0]
    assert pixels.centre_crop(picture, 0) is picture
    assert pixels.centre_crop(picture, 100).shape == picture.shape


def test_a_border_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match="leaves nothing"):
        pixels.without_border(np.zeros((8, 20)), 4)
