"""The tables of events, statuses and codes hold what the program prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scripts.documentation import event_pages
from sparkvsr_bridge.errors import ERRORS_BY_CODE
from sparkvsr_bridge.messages import JobReport
from sparkvsr_bridge.records import Record, fields_of
from sparkvsr_engine.cli import main
from sparkvsr_engine.cli.console import Console, ProgressBar, record_values
from tests.fakes.media import write_movie


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("submitted", "the fields of a job"),
        ("preview", "`warnings`"),
        ("progress", "the fields of a job"),
        ("frames", "`paths`"),
        ("finished", "the fields of a job"),
        ("keyframe", "`reason`"),
        ("conformed", "`skipped`"),
        ("error", "`code`"),
        ("warning", "`message`"),
        ("trained", "`weights`"),
        ("docs", "`path`"),
    ],
)
def test_an_event_is_listed_with_its_fields(kind: str, field: str):
    rows = [event for event in event_pages.printed_events() if event.kind == kind]
    assert any(field in text for row in rows for text in row.fields)


def test_every_event_names_commands_that_are_there():
    assert [event.kind for event in event_pages.printed_events() if not event.where] == []


@pytest.mark.parametrize("command", [["cache"], ["docs", "--no-browser"], ["doctor"]])
def test_what_a_command_prints_is_in_the_table(command: list[str], capsys: pytest.CaptureFixture[str]):
    main([*command, "--json"])
    rows = {event.kind: event for event in event_pages.printed_events()}
    for line in capsys.readouterr().out.splitlines():
        event = json.loads(line)
        listed = rows[event.pop("event")].fields
        assert [name for name in event if f"`{name}`" not in listed] == []


def test_what_a_job_prints_is_in_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    clip = write_movie(tmp_path / "clip.mp4", frames=4)
    target = str(tmp_path / "out" / "%04d.png")
    options = ["--model", "identity", "--scale", "1", "--keyframes", "none", "--in-process", "--json"]
    assert main(["upscale", str(clip), "-o", target, *options]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {event["event"] for event in printed} == {"submitted", "progress", "frames", "finished"}
    listed = {kind: listed_fields(kind) for kind in {event["event"] for event in printed}}
    assert [item for item in printed if not set(item) <= {"event", *listed[item["event"]]}] == []


@pytest.mark.parametrize("record", sorted(set(event_pages.RECORDS.values()), key=str), ids=str)
def test_every_record_that_is_printed_is_printed_whole(record: type[Record]):
    names = {f"`{field.name}`" for field in fields_of(record)}
    if record is JobReport:
        names = {"the fields of a job"}
    rows = [set(event.fields) for event in event_pages.printed_events()]
    assert any(names <= {field.strip("[").split("]")[0] for field in row} for row in rows)


def listed_fields(kind: str) -> set[str]:
    """The fields the table lists for an event, those of a job by their names."""
    job = re.findall(r"^\| `(\w+)` \|", event_pages.job_fields(), re.MULTILINE)
    rows = [row for row in event_pages.printed_events() if row.kind == kind]
    texts = [text for row in rows for text in row.fields]
    whole = job if any("fields of a job" in text for text in texts) else []
    return {text.strip("`") for text in texts} | set(whole)


def test_the_fields_of_a_job_are_those_of_its_progress(capsys: pytest.CaptureFixture[str]):
    report = JobReport("a", 1, "running", "clip.mp4", "out.mp4")
    with ProgressBar(Console(True)) as bar:
        bar.show(report)
    event = json.loads(capsys.readouterr().out)
    assert set(event) == {"event", *record_values(report)}
    table = event_pages.job_fields()
    assert [name for name in record_values(report) if f"| `{name}` |" not in table] == []


def test_every_code_has_its_row_and_its_exit_status():
    table = event_pages.error_codes()
    for code, error in ERRORS_BY_CODE.items():
        assert f"| [`{code}`](../troubleshooting.md#{code}) | {error.exit_status} |" in table
    assert "invalid_settings" in event_pages.exit_statuses()
