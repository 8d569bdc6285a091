"""Exit statuses, error codes and `--json` events, from the code that prints them."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import sparkvsr_engine.cli as command_line
from scripts.documentation.command_pages import anchor_of, commands_of
from sparkvsr_bridge.errors import ERRORS_BY_CODE, SparkVSRError
from sparkvsr_bridge.messages import (
    ConfidenceReply,
    EngineReply,
    FramesFinished,
    JobReport,
    JobWarning,
    KeyframesReply,
    PreviewReady,
)
from sparkvsr_bridge.records import Record, fields_of
from sparkvsr_bridge.reports import ErrorReport, KeyframeChoice, ModelReport
from sparkvsr_engine.cli.parser import make_parser

FOLDER = Path(command_line.__file__).parent
RENDERING = "every command that renders"
# The protocol's records that events carry whole, by what the command line's code calls them.
RECORDS: dict[str, type[Record]] = {
    "report": JobReport,
    "job.report": JobReport,
    "engine": EngineReply,
    "model": ModelReport,
    "event": FramesFinished,
    "choice": KeyframeChoice,
    "suggestion": KeyframesReply,
    "confidence": ConfidenceReply,
    "picture.event": PreviewReady,
    "warning": JobWarning,
}
# Other values whose fields an event carries whole.
_WHOLE: dict[str, tuple[str, ...]] = {
    "pull_values": ("`clips`", "`shots`", "`skipped`", "`notes`"),
    "to_dict": tuple(f"`{field.name}`" for field in fields_of(ErrorReport)),
    "row": ("`step`", "the figures of the log"),
    "values": ("the values of the line",),
}
# Which argument names the event.
_KIND_PLACE = {"event": 0, "result": 1}


@dataclasses.dataclass(frozen=True)
class Event:
    """A line that `--json` prints. where: the commands. fields: as the table shows them."""

    kind: str
    where: str
    fields: tuple[str, ...]


def exit_statuses() -> str:
    """What the command line returns, with the error codes of each status."""
    codes: dict[int, list[str]] = defaultdict(list)
    for code, error in ERRORS_BY_CODE.items():
        codes[error.exit_status].append(code)
    rows = [
        "| 0 | done |",
        "| 1 | failed: every error code that no other line names |",
        f"| 2 | bad arguments: {_linked(codes[2])}, or an option the command does not have |",
        f"| 130 | cancelled: {_linked(codes[130])}, Ctrl-C |",
    ]
    return "\n".join(["| status | meaning |", "| --- | --- |", *rows])


def error_codes() -> str:
    """Every error code, what it means, and the entry that helps."""
    rows = (
        f"| [`{code}`](../troubleshooting.md#{code}) | {error.exit_status} | {_summary(error)} |"
        for code, error in ERRORS_BY_CODE.items()
    )
    return "\n".join(["| code | exit status | meaning |", "| --- | --- | --- |", *rows])


def events() -> str:
    """Every event with the commands that print it and its fields."""
    rows = (
        f"| `{event.kind}` | {event.where} | {', '.join(event.fields) or '-'} |" for event in printed_events()
    )
    return "\n".join(["| `event` | printed by | fields |", "| --- | --- | --- |", *rows])


def printed_events() -> list[Event]:
    """The events of the command line's modules, in alphabetical order."""
    runs = {_run_of(parser): name for name, parser in commands_of(make_parser()).items()}
    fields: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in sorted(FOLDER.rglob("*.py")):
        for call, function in _calls(ast.parse(path.read_text("utf-8"))):
            where = _where(path.stem, function, runs)
            for kind in _kinds(call):
                row = fields[kind, where]
                row += [field for field in _fields(call) if field not in row]
    return [Event(kind, where, tuple(names)) for (kind, where), names in sorted(fields.items())]


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call of a console's `event` or `result`, with the outermost function it stands in."""
    for part in tree.body:
        for node in ast.walk(part):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _KIND_PLACE
                and ast.unparse(node.func.value) in ("console", "self._console", "self")
            ):
                yield node, getattr(part, "name", "")


def _kinds(call: ast.Call) -> list[str]:
    """The names an event may have; none where the console passes on what it is given."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name = call.args[_KIND_PLACE[method]]
    if isinstance(name, ast.Constant):
        return [str(name.value)]
    if isinstance(name, ast.IfExp):
        return [str(ast.literal_eval(choice)) for choice in (name.body, name.orelse)]
    # A job's state at its end: failed and cancelled are errors.
    return ["finished", "paused"] if ast.unparse(name) == "report.state" else []


def _fields(call: ast.Call) -> list[str]:
    names: list[str] = []
    for keyword in call.keywords:
        names += [f"`{keyword.arg}`"] if keyword.arg else _whole_fields(keyword.value)
    return names


def _whole_fields(value: ast.expr) -> tuple[str, ...]:
    """The fields that an event takes over from a value."""
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "record_values":
        record = RECORDS[ast.unparse(value.args[0])]
        if record is JobReport:
            return ("[the fields of a job](#fields-of-a-job)",)
        return tuple(f"`{field.name}`" for field in fields_of(record))
    return next((fields for part, fields in _WHOLE.items() if part in ast.unparse(value)), ())


def _where(module: str, function: str, runs: dict[tuple[str, str], str]) -> str:
    command = runs.get((module, function))
    if command:
        return _link(command)
    if module == "job_commands":
        return ", ".join(_link(name) for name in ("cancel", "pause"))
    if module == "console":
        return "every command"
    inside = [name for (place, _), name in runs.items() if place == module]
    named = {"conforming": "conform", "demo": "demo", "demo_timeline": "demo"}.get(module)
    if named:
        return _link(named)
    return _link(inside[0]) if len(inside) == 1 else RENDERING


def _run_of(parser: argparse.ArgumentParser) -> tuple[str, str]:
    run = parser.get_default("run")
    return run.__module__.rsplit(".", 1)[-1], run.__name__


def job_fields() -> str:
    """The values that stand for a job wherever one is reported, with their first example."""
    from sparkvsr_engine.cli.console import record_values

    report = JobReport("1f0c2d3e4b", 1, "running", "clip.mp4", "clip_4x.mp4", frames_total=72)
    rows = (f"| `{name}` | `{json.dumps(value)}` |" for name, value in record_values(report).items())
    return "\n".join(["| field | of a job that has just started |", "| --- | --- |", *rows])


def _link(command: str) -> str:
    return f"[`{command}`](commands.md#{anchor_of(command)})"


def _linked(codes: list[str]) -> str:
    return ", ".join(f"[`{code}`](../troubleshooting.md#{code})" for code in codes)


def _summary(error: type[SparkVSRError]) -> str:
    text = (error.__doc__ or "").strip().split("\n")[0]
    return "Any error; the root of the tree." if error is SparkVSRError else text
