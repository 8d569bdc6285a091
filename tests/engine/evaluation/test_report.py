import csv
import io

import cv2
import pytest

from sparkvsr_engine.evaluation import report, tables
from sparkvsr_engine.evaluation.benchmark import TRUTH, BenchmarkResults, BenchmarkRow
from sparkvsr_engine.evaluation.metrics import FrameScores
from sparkvsr_engine.evaluation.pictures.plots import can_plot
from sparkvsr_engine.evaluation.protocol.judging import Verdict
from sparkvsr_engine.evaluation.protocol.keyframe_cases import KEYFRAME_CASES
from tests.fakes.scenes import scene

CASES = tuple(KEYFRAME_CASES[name] for name in ("none", "three", "cast"))
BICUBIC = [30.0, 31.0, 30.0, 31.0, 30.0]
LITE = {
    "none": [32.0, 32.0, 32.0, 32.0, 32.0],
    "three": [99.0, 38.0, 99.0, 36.0, 99.0],
    "cast": [31.5, 31.5, 20.0, 31.5, 31.5],
}


def verdict(values):
    rows = [
        FrameScores(n, {"psnr_y": v, "change_error": v, "colour_shift": 0.5}) for n, v in enumerate(values)
    ]
    return Verdict(tuple(rows), scene(width=64, height=48), 0.5)


@pytest.fixture(scope="module")
def results():
    rows = []
    for clip, better in (("hills", 0.0), ("shore", 2.0)):
        shared = verdict(BICUBIC)
        truth = Verdict((FrameScores(0, {"niqe": 4.0}),), scene(width=64, height=48), 0.0)
        rows.append(BenchmarkRow(clip, TRUTH, TRUTH, (), truth))
        for case in CASES:
            keyframes = case.frames(range(5))
            rows.append(BenchmarkRow(clip, case.name, "bicubic", keyframes, shared))
            lifted = verdict([value + better for value in LITE[case.name]])
            rows.append(BenchmarkRow(clip, case.name, "lite", keyframes, lifted))
    notes = ("LPIPS is left out: lpips_alexnet.safetensors is not there.",)
    return BenchmarkResults(tuple(rows), CASES, ("hills", "shore"), notes, 5, 4)


def cells(table, row):
    return dict(zip(table.header, next(line for line in table.rows if line[0] == row), strict=True))


def test_a_case_table_averages_clips_and_counts_gains_from_bicubic(results):
    table = tables.case_table(results, KEYFRAME_CASES["three"])
    lite = cells(table, "lite")
    assert lite["PSNR-Y dB ↑"] == "38.00"
    assert lite["gain dB"] == "+7.00"
    assert lite["s/frame"] == "0.500"
    assert cells(table, "bicubic")["gain dB"] == "-"
    assert cells(table, "truth")["NIQE ↓"] == "4.00"
    assert "LPIPS ↓" not in table.header


def test_a_clip_table_has_a_column_per_clip(results):
    table = tables.clip_table(results, KEYFRAME_CASES["three"])
    assert table.header == ("PSNR-Y dB ↑", "hills", "shore", "mean")
    assert table.rows[1] == ("lite", "37.00", "39.00", "38.00")


def test_robustness_is_counted_from_blind_on_the_same_frames(results):
    table = tables.robustness_table(results, "lite")
    assert [line[0] for line in table.rows] == [KEYFRAME_CASES["cast"].title]
    assert table.rows[0][1:] == ("-0.50", "-0.50", "-0.50", "0.50")


def test_a_method_that_uses_no_keyframes_has_no_robustness(results):
    assert tables.robustness_table(results, "bicubic") is None


def test_markdown_has_a_rule_and_a_line_per_row():
    table = tables.Table(("method", "dB"), (("lite", "1.0"),))
    assert tables.to_markdown(table) == "| method | dB |\n| --- | ---: |\n| lite | 1.0 |\n"


def test_csv_files_hold_every_result_and_every_frame(results):
    summary = list(csv.DictReader(io.StringIO(tables.summary_csv(results))))
    frames = list(csv.DictReader(io.StringIO(tables.frames_csv(results))))
    assert len(summary) == len(results.rows)
    assert len(frames) == sum(len(row.rows) for row in results.rows)
    lite = next(
        line for line in summary if (line["clip"], line["case"], line["method"]) == ("hills", "three", "lite")
    )
    assert float(lite["psnr_y"]) == 37.0
    assert float(lite["gain"]) == 6.0
    assert lite["keyframes"] == "0 2 4"
    assert lite["lpips"] == ""
    keyframe = next(line for line in frames if line["case"] == "three" and line["frame"] == "2")
    assert keyframe["is_keyframe"] == "1"


def test_a_report_is_a_page_with_tables_and_pictures(results, tmp_path):
    files = report.write_report(results, tmp_path / "report")
    assert [file.name for file in files[:4]] == ["report.md", "summary.csv", "frames.csv", "crops_clean.png"]
    page = files[0].read_text(encoding="utf-8")
    assert "## three: clean source, true keyframes at the first, middle and last frame" in page
    assert "- LPIPS is left out" in page
    assert "## Bad keyframes" in page
    assert all(f"({file.name})" in page for file in files[3:])
    assert all(cv2.imread(str(file)) is not None for file in files[3:])
    assert any(file.name == "propagation_psnr_y.png" for file in files) == can_plot()


def test_without_matplotlib_the_page_has_a_sentence_instead(results, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "can_plot", lambda: False)
    files = report.write_report(results, tmp_path)
    assert 'pip install "sparkvsr[train]"' in files[0].read_text(encoding="utf-8")
    assert not any(file.name.startswith("propagation") for file in files)


def test_drawing_a_wipe_needs_no_matplotlib():
    assert report.before_after.__module__ == "sparkvsr_engine.evaluation.pictures.files"
