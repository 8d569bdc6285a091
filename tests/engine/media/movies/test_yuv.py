from fractions import Fraction

import av
import numpy as np
import pytest

from sparkvsr_engine.media.colours.tags import ColourTags
from sparkvsr_engine.media.movies.yuv import RgbReader, YuvWriter, bit_depth
from tests.compatibility.claims import covers
from tests.fakes.media import numbered_picture

# Luma weights of red and blue: BT.709, BT.601, BT.2020.
WEIGHTS = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
COLOURS = np.array(
    [[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1], [0.2, 0.4, 0.6]]
)
PATCH = 16


def exact_yuv(colours, matrix, bits, is_full):
    """Code values of RGB colours, rounded, as ITU-R BT.709/601/2020 have them."""
    red_weight, blue_weight = WEIGHTS[matrix]
    red, green, blue = np.moveaxis(np.asarray(colours, float), -1, 0)
    luma = red_weight * red + (1 - red_weight - blue_weight) * green + blue_weight * blue
    chroma = [(blue - luma) / (2 - 2 * blue_weight), (red - luma) / (2 - 2 * red_weight)]
    step, top = 1 << bits - 8, (1 << bits) - 1
    if is_full:
        result = [luma * top, *(value * top + 128 * step for value in chroma)]
    else:
        result = [(16 + 219 * luma) * step, *((128 + 224 * value) * step for value in chroma)]
    return [np.clip(np.rint(plane), 0, top) for plane in result]


def exact_rgb(planes, matrix, bits, is_full):
    """The inverse, of code values."""
    red_weight, blue_weight = WEIGHTS[matrix]
    step, top = 1 << bits - 8, (1 << bits) - 1
    if is_full:
        luma, blue_diff, red_diff = (
            planes[0] / top,
            (planes[1] - 128 * step) / top,
            (planes[2] - 128 * step) / top,
        )
    else:
        luma = (planes[0] / step - 16) / 219
        blue_diff, red_diff = ((plane / step - 128) / 224 for plane in planes[1:])
    red, blue = luma + (2 - 2 * red_weight) * red_diff, luma + (2 - 2 * blue_weight) * blue_diff
    green = (luma - red_weight * red - blue_weight * blue) / (1 - red_weight - blue_weight)
    return np.clip(np.stack([red, green, blue], -1), 0, 1)


def frame_of(planes, format_name):
    """A picture of one patch per colour; chroma of the same size as luma."""
    kind = np.uint8 if bit_depth(format_name) == 8 else np.uint16
    frame = av.VideoFrame(PATCH * len(planes[0]), PATCH, format_name)
    for plane, values in zip(frame.planes, planes, strict=True):
        row = np.zeros(plane.line_size // kind().itemsize, kind)
        row[: PATCH * len(values)] = np.repeat(values, PATCH)
        plane.update(np.tile(row, (PATCH, 1)).tobytes())
    return frame


def middle_of_patches(picture):
    return picture[PATCH // 2, PATCH // 2 :: PATCH]


@covers(
    "kinds of movies",
    "Light and labels",
    variants="matrices 601, 709, 2020, both ranges, 8 to 16 bit",
    result="the exact arithmetic",
)
@pytest.mark.parametrize("is_full", [False, True])
@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize("format_name", ["yuv444p", "yuv444p10le", "yuv444p12le"])
def test_reading_is_the_exact_arithmetic(format_name, matrix, is_full):
    bits = bit_depth(format_name)
    planes = exact_yuv(COLOURS, matrix, bits, is_full)
    reader = RgbReader(ColourTags(matrix=matrix, full_range=is_full), 1080)
    result = middle_of_patches(reader.rgb(frame_of(planes, format_name)))
    assert result.dtype == np.uint16
    assert result / 65535 == pytest.approx(exact_rgb(planes, matrix, bits, is_full), abs=0.03 / 255)


@pytest.mark.parametrize("is_full", [False, True])
@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize(
    ("format_name", "sample", "tolerance"),
    [("yuv444p", "uint8", 1.01), ("yuv444p10le", "uint16", 1.2), ("yuv444p10le", "uint8", 1.2)],
)
def test_writing_is_the_exact_arithmetic_to_a_code_value(format_name, sample, tolerance, matrix, is_full):
    top = np.iinfo(sample).max
    row = np.rint(np.repeat(COLOURS, PATCH, axis=0) * top).astype(sample)
    picture = np.tile(row, (PATCH, 1, 1))
    tags = ColourTags(1, 1, matrix, full_range=is_full)
    writer = YuvWriter(
        picture.shape[1], PATCH, sample=sample, channels=3, pixel_format=format_name, tags=tags
    )
    frame = writer.frame(picture, 0, Fraction(1, 25))
    bits = bit_depth(format_name)
    kind = np.uint8 if bits == 8 else np.uint16
    expected = exact_yuv(np.rint(COLOURS * top) / top, matrix, bits, is_full)
    for plane, values in zip(frame.planes, expected, strict=True):
        codes = np.frombuffer(plane, kind).reshape(PATCH, -1)[PATCH // 2, PATCH // 2 :: PATCH][: len(values)]
        assert codes.astype(float) == pytest.approx(values, abs=tolerance)


@pytest.mark.parametrize("is_full", [False, True])
def test_greys_stay_grey_on_the_way_to_420_and_back(is_full):
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(16, axis=0)
    tags = ColourTags(1, 1, 1, full_range=is_full)
    writer = YuvWriter(256, 16, sample="uint8", channels=3, pixel_format="yuv420p", tags=tags)
    back = RgbReader(tags, 1080).rgb(writer.frame(ramp, 0, Fraction(1, 25)))
    assert (back[..., 0] == back[..., 1]).all()
    assert (back[..., 1] == back[..., 2]).all()
    assert back / 257 == pytest.approx(ramp, abs=0.61)


def test_chroma_lies_where_decoders_expect_it():
    """A red bar of even place and width, halved in chroma, comes back without moving to either side."""
    picture = np.zeros((32, 64, 3), np.uint8)
    picture[:, 24:40, 0] = 255
    tags = ColourTags(1, 1, 1, full_range=False)
    writer = YuvWriter(64, 32, sample="uint8", channels=3, pixel_format="yuv420p", tags=tags)
    red = RgbReader(tags, 1080).rgb(writer.frame(picture, 0, Fraction(1, 25)))[16, :, 0].astype(float)
    centre = (red * np.arange(64)).sum() / red.sum()
    assert centre == pytest.approx(31.5, abs=0.1)


@pytest.mark.parametrize(
    ("format_name", "sample"),
    [("rgb24", "uint8"), ("gbrp", "uint8"), ("bgr0", "uint8"), ("gbrp16le", "uint16")],
)
def test_rgb_goes_through_bit_for_bit(format_name, sample):
    picture = numbered_picture(77, sample=sample)
    writer = YuvWriter(96, 64, sample=sample, channels=3, pixel_format=format_name, tags=ColourTags())
    back = RgbReader(ColourTags(), 64).rgb(writer.frame(picture, 0, Fraction(1, 25)))
    assert (back == picture).all()


def test_ten_bit_rgb_keeps_its_bits_and_its_white():
    codes = np.tile(np.arange(1024, dtype=np.uint16), (4, 1))
    frame = av.VideoFrame.from_ndarray(np.repeat(codes[..., None], 3, axis=2), format="gbrp10le")
    back = RgbReader(ColourTags(), 4).rgb(frame)[..., 0]
    assert (back >> 6 == codes).all()
    assert back.max() == 65535


@pytest.mark.parametrize(
    ("format_name", "sample"), [("yuva444p10le", "uint16"), ("yuva444p10le", "uint8"), ("rgba", "uint8")]
)
def test_alpha_is_kept_apart_from_colour_range(format_name, sample):
    top = np.iinfo(sample).max
    picture = np.full((16, 64, 4), top // 2, sample)
    picture[..., 3] = np.linspace(0, top, 64)
    writer = YuvWriter(
        64, 16, sample=sample, channels=4, pixel_format=format_name, tags=ColourTags(1, 1, 1, False)
    )
    back = RgbReader(ColourTags(1, 1, 1, False), 64).rgb(writer.frame(picture, 0, Fraction(1, 25)))
    assert back[..., 3] / np.iinfo(back.dtype).max == pytest.approx(
        picture[..., 3] / top, abs=0.6 / 1023 + 0.5 / 255
    )
    assert back[0, -1, 3] == np.iinfo(back.dtype).max
    assert back[0, 0, 3] == 0


@pytest.mark.parametrize("format_name", ["gray", "gray10le"])
def test_grey_movies_become_three_equal_channels(format_name):
    frame = av.VideoFrame.from_ndarray(numbered_picture(5), format="rgb24").reformat(format=format_name)
    result = RgbReader(ColourTags(), 64).rgb(frame)
    assert result.shape == (64, 96, 3)
    assert (result[..., 0] == result[..., 2]).all()
