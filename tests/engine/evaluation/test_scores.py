import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.evaluation.metrics import FrameScores
from sparkvsr_engine.evaluation.scores import (
    SEAM_RATIO,
    CurvePoint,
    border_frames,
    mean_of_clips,
    merge_curves,
    propagation_curve,
    seam_ratio,
    summarise,
)


def rows_of(name, values, start=0):
    return [FrameScores(frame, {name: value}) for frame, value in enumerate(values, start)]


def test_keyframes_do_not_count_in_frame_metrics():
    summary = summarise(rows_of("psnr_y", [100.0, 30.0, 32.0, 100.0]), keyframes=(0, 3))
    assert summary == {"psnr_y": 31.0}


def test_keyframes_count_in_metrics_of_neighbouring_frames():
    assert summarise(rows_of("ewarp", [1.0, 3.0], start=1), keyframes=(1,))["ewarp"] == 2.0


def test_a_metric_without_a_number_is_absent():
    assert summarise(rows_of("psnr_y", [40.0]), keyframes=(0,)) == {}


def test_borders_are_a_keyframe_and_the_frame_after_it_and_chunk_starts():
    assert border_frames((0, 15), (8,)) == {0, 1, 8, 15, 16}


def test_seam_ratio_is_the_jump_at_borders_over_the_change_inside():
    rows = rows_of("change_error", [2.0, 2.0, 8.0, 8.0, 2.0], start=1)
    assert seam_ratio(rows, border_frames((3,))) == pytest.approx(2.0)
    assert summarise(rows, keyframes=(3,))[SEAM_RATIO] == pytest.approx(2.0)


@pytest.mark.parametrize(("values", "borders"), [([1.0, 1.0], ()), ([1.0, 1.0], (1, 2)), ([0.0, 5.0], (2,))])
def test_no_seam_ratio_without_two_sides(values, borders):
    assert seam_ratio(rows_of("change_error", values, start=1), borders) is None


def test_propagation_curve_goes_by_the_nearest_keyframe():
    rows = rows_of("psnr_y", [50.0, 40.0, 30.0, 38.0, 50.0])
    curve = propagation_curve(rows, (0, 4), "psnr_y")
    assert curve == [CurvePoint(0, 50.0, 2), CurvePoint(1, 39.0, 2), CurvePoint(2, 30.0, 1)]
    assert propagation_curve(rows, (), "psnr_y") == []


def test_merged_curves_weigh_every_frame_alike():
    merged = merge_curves([[CurvePoint(1, 30.0, 3)], [CurvePoint(1, 40.0, 1), CurvePoint(2, 20.0, 2)]])
    assert merged == [CurvePoint(1, 32.5, 4), CurvePoint(2, 20.0, 2)]


def test_clips_weigh_alike_and_only_where_they_have_the_figure():
    means = mean_of_clips([{"psnr_y": 30.0, "lpips": 0.2}, {"psnr_y": 40.0}])
    assert means == {"psnr_y": 35.0, "lpips": 0.2}


@given(
    st.lists(st.floats(1.0, 60.0), min_size=2, max_size=40),
    st.sets(st.integers(0, 39), min_size=1, max_size=5),
)
def test_the_curve_holds_every_frame_once(values, keyframes):
    rows = rows_of("psnr_y", values)
    curve = propagation_curve(rows, keyframes, "psnr_y")
    assert sum(point.frames for point in curve) == len(values)
    total = math.fsum(point.value * point.frames for point in curve)
    assert total == pytest.approx(math.fsum(values))
