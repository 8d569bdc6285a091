from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.crops import MARGIN, Rectangle, crop_around
from sparkvsr_engine.core.geometry import Geometry


@st.composite
def regions(draw):
    """A geometry of any scale, and a region inside its output."""
    width, height = draw(st.integers(40, 900)), draw(st.integers(40, 900))
    scale = draw(st.sampled_from(["1", "1.5", "2", "2.5", "3", "4", "1.333"]))
    geometry = Geometry.scaled(width, height, float(scale))
    x, y = draw(st.integers(0, geometry.width - 1)), draw(st.integers(0, geometry.height - 1))
    size = draw(st.integers(1, geometry.width - x)), draw(st.integers(1, geometry.height - y))
    return geometry, Rectangle(x, y, *size)


@given(regions(), st.sampled_from([1, 8, 16]))
def test_a_crop_holds_its_region_and_its_grids_meet(drawn, multiple):
    geometry, region = drawn
    crop = crop_around(region, geometry, multiple)
    if crop is None:
        return
    source, output = crop.source, crop.output
    scale_x = Fraction(geometry.width, geometry.source_width)
    scale_y = Fraction(geometry.height, geometry.source_height)
    assert (output.x, output.y) == (source.x * scale_x, source.y * scale_y)
    assert (output.width, output.height) == (source.width * scale_x, source.height * scale_y)
    assert output.x % multiple == output.y % multiple == 0
    assert source.x >= 0
    assert source.x + source.width <= geometry.source_width
    assert source.y >= 0
    assert source.y + source.height <= geometry.source_height
    inside = crop.within(region)
    assert inside.x >= 0
    assert inside.x + region.width <= output.width
    assert inside.y >= 0
    assert inside.y + region.height <= output.height


@given(regions())
def test_there_is_a_margin_wherever_the_frame_goes_on(drawn):
    geometry, region = drawn
    crop = crop_around(region, geometry, 8)
    if crop is None:
        return
    scale = Fraction(geometry.width, geometry.source_width)
    before = region.x / scale - crop.source.x
    after = crop.source.x + crop.source.width - (region.x + region.width) / scale
    assert crop.source.x == 0 or before >= MARGIN
    assert crop.source.x + crop.source.width == geometry.source_width or after >= MARGIN


def test_a_small_region_of_full_hd_is_a_small_part():
    crop = crop_around(Rectangle(700, 400, 256, 256), Geometry(480, 270, 1920, 1080), 8)
    assert crop.output.width * crop.output.height < 0.25 * 1920 * 1080


def test_nearly_the_whole_frame_is_the_whole_frame():
    assert crop_around(Rectangle(0, 0, 1900, 1000), Geometry(480, 270, 1920, 1080), 8) is None


def test_grids_that_hardly_meet_are_not_cut():
    assert crop_around(Rectangle(10, 10, 20, 20), Geometry(641, 361, 1000, 777), 8) is None
