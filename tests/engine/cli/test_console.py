"""What a command prints, for people and for machines."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sparkvsr_bridge.errors import DiskFull
from sparkvsr_bridge.messages import ErrorReport, JobReport
from sparkvsr_engine.cli.console import Console, ProgressBar, record_values

REPORT = JobReport(
    job="one", version=2, state="running", source="/a.mov", target="/ö.mov", phase="rendering",
    frames_total=90, frames_done=45, frames_per_second=1.23456, eta_seconds=36.55, keyframes=(1, 5),
)  # fmt: skip

ROOT = Path(__file__).resolve().parents[3]
REFUSE = "import sys; from sparkvsr_engine.cli import main; sys.exit(main(sys.argv[1:]))"


def refuse(source: str, encoding: str) -> tuple[bytes, bytes]:
    """What the program prints, redirected, about a source it refuses; `encoding` is the system's."""
    done = subprocess.run(
        [sys.executable, "-c", REFUSE, "upscale", source, "-o", "out.mp4", "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    return done.stdout, done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_a_redirected_output_is_utf_8_whatever_the_systems_code_page(encoding):
    source = "ftp://server/Möwe 海.mp4"
    out, err = refuse(source, encoding)
    assert source in json.loads(out)["message"]
    assert source in err.decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="names are text on Windows")
def test_a_name_that_is_no_text_is_printed_as_an_escape_that_json_reads_back():
    source = os.fsdecode(b"ftp://server/\xff.mp4")
    out, err = refuse(source, "utf-8")
    assert source in json.loads(out)["message"]
    assert b"server/\\udcff.mp4" in err


def test_machines_get_one_object_per_line_and_people_nothing_on_stdout(capsys):
    machine, person = Console(True), Console(False)
    for console in (machine, person):
        console.event("frames", frames=[1])
        console.note("a note")
        console.warn("mind the gap")
        with ProgressBar(console) as bar:
            bar.show(REPORT)
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["event"] for line in lines] == ["frames", "warning", "progress"]
    assert lines[1]["message"] == "mind the gap"
    assert "a note" in err
    assert "warning: mind the gap" in err


def test_a_failure_is_one_sentence_for_people_and_a_code_for_machines(capsys):
    Console(True).fail(DiskFull("The disk is full; free some space.", path="/x"))
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "event": "error",
        "code": "disk_full",
        "message": "The disk is full; free some space.",
        "details": {"path": "/x"},
    }
    assert err == "sparkvsr: The disk is full; free some space.\n"


def test_a_report_for_machines_is_complete():
    values = record_values(REPORT)
    assert list(values) == [field.name for field in dataclasses.fields(JobReport)]
    assert json.loads(json.dumps(values))["keyframes"] == [1, 5]
    assert values["error"] is None
    failed = record_values(JobReport("one", 1, "failed", "", "", error=ErrorReport("disk_full", "Full.")))
    assert failed["error"]["code"] == "disk_full"
    assert values.keys() == failed.keys()
    json.dumps(values)


def test_results_go_to_stdout_in_columns(capsys):
    console = Console(False)
    console.result(console.table(["job", "state"], [["one", "finished"], ["three", "queued"]]), "jobs")
    assert capsys.readouterr().out == "job    state\none    finished\nthree  queued\n"
