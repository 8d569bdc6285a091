"""The pull list in its three forms, exit statuses, and options that cannot be."""

from __future__ import annotations

import csv
import io
import json

import pytest

from sparkvsr_engine.cli import main
from sparkvsr_engine.cli.conforming import TimelineProgress
from tests.fakes.media import write_sequence
from tests.fakes.timelines import S, clip_of, cut_of, tr


@pytest.fixture
def cut(tmp_path):
    """A timeline of two clips that can be conformed."""
    import opentimelineio as otio

    write_sequence(tmp_path / "plates", "p.%04d.png", range(1001, 1031))
    url = "plates/p.%04d.png"
    marker = S.Marker("KEY", tr(12, 1))
    root = cut_of(
        clip_of(url, tr(10, 5), tr(0, 30), "one, two", markers=[marker]),
        clip_of(url, tr(0, 2), tr(0, 30), "b"),
    )
    path = tmp_path / "cut.otio"
    otio.adapters.write_to_file(root, str(path))
    return path


def listed(cut, capsys, *options):
    status = main(["conform", str(cut), "--in-process", "--handles", "1", "--dry-run", *options])
    return status, capsys.readouterr()


def test_the_pull_list_names_clip_source_frames_and_keyframes(cut, capsys):
    status, output = listed(cut, capsys)
    assert status == 0
    lines = output.out.splitlines()
    assert lines[0].split("  ")[0] == "clip"
    assert lines[1].split()[-3:] == ["1010", "1016", "1013"]
    assert not (cut.parent / "sparkvsr").exists()


def test_as_csv_it_is_read_back(cut, capsys):
    _, output = listed(cut, capsys, "csv")
    rows = list(csv.DictReader(io.StringIO(output.out)))
    assert [row["clip"] for row in rows] == ["one, two", "b"]
    assert (rows[0]["first_frame"], rows[0]["last_frame"], rows[0]["keyframes"]) == ("1010", "1016", "1013")


@pytest.mark.parametrize("options", [("json",), ("--json",)])
def test_as_json_it_has_clips_shots_and_skipped(cut, capsys, options):
    _, output = listed(cut, capsys, *options)
    values = json.loads(output.out)
    assert [(c["clip"], c["first_frame"], c["last_frame"]) for c in values["clips"]] == [
        ("one, two", 1010, 1016),
        ("b", 1001, 1003),
    ]
    assert [(s["first_frame"], s["last_frame"], s["keyframes"]) for s in values["shots"]] == [
        (1001, 1016, [1013])
    ]
    assert values["skipped"] == []


def test_nothing_to_conform_is_a_failure_with_a_sentence(tmp_path, capsys):
    import opentimelineio as otio

    path = tmp_path / "cut.otio"
    otio.adapters.write_to_file(cut_of(S.Clip("bars", S.GeneratorReference("bars"), tr(0, 5))), str(path))
    status, output = listed(path, capsys)
    assert status == 1
    assert "no clip that can be conformed" in output.err


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ((), "-o OUT.otio"),
        (("-o", "out.mov"), "no .otio file"),
        (("-o", "o.otio", "--map", "D:/x"), "FROM=TO"),
        (("-o", "o.otio", "--for", "resolve", "--place", "track"), "--place track"),
        (("-o", "o.otio", "--handles", "-1"), "handles"),
        (("-o", "o.otio", "--rate", "fast"), "rate"),
        (("-o", "o.otio", "--codec", "libx264"), "--format"),
        (("-o", "o.otio", "--scale", "0.5"), "scale"),
    ],
)
def test_options_that_cannot_be_are_refused(cut, capsys, options, word):
    assert main(["conform", str(cut), "--in-process", *options]) == 2
    assert word in capsys.readouterr().err


class Bar:
    """Keeps what it is shown."""

    def __init__(self):
        self.updates = []

    def show(self, report):
        self.updates.append((report.frames_done, report.frames_total, report.eta_seconds))


def test_one_progress_runs_over_all_shots():
    from sparkvsr_bridge.reports import JobReport

    bar = Bar()
    progress = TimelineProgress(bar)
    progress._total = 30
    running = JobReport("j", 1, "running", "s", "t", 10, 4, frames_per_second=2.0, phase="rendering")
    progress.show(running)
    progress.finished(JobReport("j", 1, "finished", "s", "t", 10, 10))
    progress.show(running)
    assert bar.updates == [(4, 30, 13.0), (14, 30, 8.0)]
