"""The Viewer counts from the bottom, the engine from the top."""

from __future__ import annotations

from sparkvsr_nuke.requests.regions import region_of


def test_a_region_is_flipped_and_scaled():
    assert region_of({"x": 10, "y": 20, "r": 30, "t": 50}, (100, 100), (200, 200)) == (20, 100, 40, 60)


def test_the_top_left_corner_of_the_picture_is_nought():
    assert region_of({"x": 0, "y": 90, "r": 10, "t": 100}, (100, 100), (400, 400)) == (0, 0, 40, 40)


def test_what_reaches_out_of_the_frame_is_cut_and_what_is_outside_is_nothing():
    assert region_of({"x": -50, "y": -50, "r": 10, "t": 10}, (100, 100), (100, 100)) == (0, 90, 10, 10)
    assert region_of({"x": 200, "y": 0, "r": 300, "t": 10}, (100, 100), (100, 100)) is None


def test_a_region_between_pixels_holds_all_it_touches():
    assert region_of({"x": 0.5, "y": 0.5, "r": 1.5, "t": 1.5}, (10, 10), (10, 10)) == (0, 8, 2, 2)
