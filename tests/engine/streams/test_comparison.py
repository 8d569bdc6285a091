"""Figures of a comparison: rate differences by hand, and a small run from clips to page."""

from __future__ import annotations

import json
import math

import pytest

from sparkvsr_engine.config import load_config
from sparkvsr_engine.evaluation.pictures.files import write_png
from sparkvsr_engine.streams.comparison.bjontegaard import rate_difference
from sparkvsr_engine.streams.comparison.measuring import RatePointRow
from sparkvsr_engine.streams.comparison.report import write_comparison
from sparkvsr_engine.streams.comparison.running import STREAM, ComparisonOptions, frame_name, run_comparison
from tests.fakes.media import numbered_picture, write_movie

CURVE = [(100.0, 30.0), (200.0, 34.0), (400.0, 37.0), (800.0, 39.0)]


@pytest.mark.parametrize("share", [0.5, 0.8, 1.0, 1.25, 3.0])
def test_a_curve_with_a_share_of_the_bytes_differs_by_that_share(share):
    scaled = [(rate * share, quality) for rate, quality in CURVE]
    assert rate_difference(CURVE, scaled, True) == pytest.approx(100 * (share - 1))


def test_where_lower_is_better_the_sign_is_the_same():
    anchor = [(rate, 1 / quality) for rate, quality in CURVE]
    tested = [(rate * 0.8, quality) for rate, quality in anchor]
    assert rate_difference(anchor, tested, False) == pytest.approx(-20)


def test_straight_lines_are_integrated_exactly():
    # log rate = quality, against log rate = quality / 2 over qualities 2..4: the mean of -quality / 2 is
    # -1.5.
    anchor = [(math.exp(q), q) for q in (2.0, 3.0, 4.0)]
    tested = [(math.exp(q / 2), q) for q in (2.0, 3.0, 4.0)]
    assert rate_difference(anchor, tested, True) == pytest.approx(100 * (math.exp(-1.5) - 1))


def test_curves_that_share_no_quality_have_no_difference():
    assert rate_difference(CURVE, [(1.0, 50.0), (2.0, 60.0)], True) is None
    assert rate_difference(CURVE, [(1.0, 35.0)], True) is None


def test_a_point_that_costs_more_for_less_is_left_out():
    with_dip = sorted([*CURVE, (300.0, 33.0)])
    assert rate_difference(CURVE, with_dip, True) == pytest.approx(0, abs=1e-9)


def test_a_page_has_every_row_its_differences_and_a_sheet(tmp_path):
    rows = []
    for method, share in ((STREAM, 0.8), ("x265", 1.0)):
        for rate, quality in CURVE:
            row = RatePointRow("clip", method, rate * share, {"vmaf": quality, "lpips": 1 / quality})
            rows.append(row)
            write_png(numbered_picture(1), tmp_path / "frames" / frame_name(row))
    write_png(numbered_picture(1), tmp_path / "frames" / "clip-source.png")
    page, *pictures = write_comparison(rows, ("A note.",), tmp_path)
    text = page.read_text()
    assert text.count("| clip | ") == 2 + 8 + 1
    assert "| clip | x265 | -20 % | -20 % |" in text
    assert text.endswith("A note.\n")
    assert {path.name for path in pictures} >= {"sheet-clip.png"}
    assert json.dumps([path.name for path in pictures])


@pytest.mark.slow
def test_a_stopped_comparison_goes_on_behind_its_rows(tmp_path):
    class Stopped(Exception):
        pass

    def stop(row):
        if len(first) == 4:
            raise Stopped
        first.append(row)

    config = load_config()
    config.make_folders()
    # The second clip has fewer frames than are measured of the first.
    clips = tuple(
        write_movie(tmp_path / f"{name}.mp4", width=96, height=64, frames=frames)
        for name, frames in (("a", 12), ("b", 3))
    )
    options = ComparisonOptions(
        clips,
        (20_000, 40_000),
        12,
        4,
        tmp_path,
        2.0,
        "h264",
        6,
        "identity",
        ("x264", "bicubic"),
    )
    first, second, third = [], [], []
    with pytest.raises(Stopped):
        run_comparison(config, options, tmp_path / "report", stop)
    assert [row.clip for row in first] == ["a", "a", "a", "b"]
    rows, _ = run_comparison(config, options, tmp_path / "report", second.append)
    # The row at which the first run was stopped had been written.
    assert rows[:4] == first
    assert rows[5:] == second
    assert len({(row.clip, row.method, row.setting) for row in rows}) == len(rows) == 2 * (5 + 2 * 2)
    run_comparison(config, options, tmp_path / "report", third.append)
    assert third == []
