"""Output sizes and padded sides."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.geometry import Geometry, padded_side
from sparkvsr_engine.models import base


@pytest.mark.parametrize(
    ("width", "height", "scale", "expected"),
    [
        (480, 270, 4.0, (1920, 1080)),
        (5, 3, 1.5, (8, 5)),
        (100, 200, 1.005, (101, 201)),
        (1, 1, 1.2, (1, 1)),
        (1919, 1079, 2.0, (3838, 2158)),
    ],
)
def test_scale_rounds_each_side_half_up(width, height, scale, expected):
    geometry = Geometry.scaled(width, height, scale)
    assert (geometry.width, geometry.height) == expected


@given(st.integers(1, 5000), st.integers(1, 5000), st.floats(1, 16))
def test_scaled_size_is_within_half_a_pixel(width, height, scale):
    geometry = Geometry.scaled(width, height, scale)
    assert abs(geometry.width - width * scale) <= 0.5 + 1e-6
    assert abs(geometry.height - height * scale) <= 0.5 + 1e-6


def test_a_requested_size_wins_over_the_scale():
    assert Geometry.of_request(480, 270, 4.0, 1000, 333) == Geometry(480, 270, 1000, 333)
    assert Geometry.of_request(480, 270, 2.0, 0, 0) == Geometry(480, 270, 960, 540)


@pytest.mark.parametrize(("width", "height"), [(1000, 0), (0, 500), (-4, 500)])
def test_one_side_alone_is_refused(width, height):
    with pytest.raises(InvalidSettings, match=f"{width}x{height}"):
        Geometry.of_request(480, 270, 4.0, width, height)


@pytest.mark.parametrize("scale", [0, 0.5, -1])
def test_a_scale_below_one_is_refused_with_its_value(scale):
    with pytest.raises(InvalidSettings, match=str(scale)):
        Geometry.scaled(480, 270, scale)


def test_an_empty_side_is_refused():
    with pytest.raises(ValueError, match="empty side"):
        Geometry(0, 4, 4, 4)


def test_the_restorer_interface_uses_the_same_record():
    assert base.Geometry is Geometry


@given(st.integers(1, 5000), st.sampled_from([1, 2, 8, 16]))
def test_a_padded_side_is_the_smallest_multiple_that_holds_it(side, multiple):
    padded = padded_side(side, multiple)
    assert padded % multiple == 0
    assert padded - multiple < side <= padded


@given(
    st.integers(64, 4096),
    st.integers(64, 4096),
    st.integers(1, 4),
    st.integers(1, 4),
    st.sampled_from([Fraction(1), Fraction(2), Fraction(12, 11), Fraction(1, 2)]),
)
def test_a_picture_is_shown_in_its_shape_however_its_axes_grow(width, height, across, down, aspect):
    enlarged = Geometry(width, height, width * across, height * down)
    picture = Fraction(enlarged.width, enlarged.height) * enlarged.pixel_aspect(aspect)
    assert float(picture) == pytest.approx(float(Fraction(width, height) * aspect), rel=2e-3)


@given(st.integers(16, 4096), st.integers(16, 4096), st.floats(1, 8))
def test_rounding_a_side_is_no_stretch(width, height, scale):
    assert Geometry.scaled(width, height, scale).pixel_aspect(Fraction(1)) == 1
