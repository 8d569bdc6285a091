"""PROTOCOL.md is normative, so it names everything the code has, and nothing it has not."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from sparkvsr_bridge import media, reports, settings
from sparkvsr_bridge.connections.connection import Connection
from sparkvsr_bridge.connections.wire import PART_BYTES
from sparkvsr_bridge.errors import ERRORS_BY_CODE
from sparkvsr_bridge.messages import MESSAGE_KINDS
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.version import PROTOCOL_VERSION

TEXT = (Path(__file__).resolve().parents[2] / "bridge" / "PROTOCOL.md").read_text("utf-8")
SECTIONS = {
    part.split("\n", 1)[0].strip(): part for part in re.split(r"^#{2,3} ", TEXT, flags=re.MULTILINE)[1:]
}
PARTS: list[type[Record]] = [
    kind
    for module in (media, reports, settings)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Record) and kind.__module__ == module.__name__
]


def fields_named(section: str) -> set[str]:
    """The names in the first column of a section's table."""
    rows = re.findall(r"^\| (`[^|]*) \|", SECTIONS[section], flags=re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_the_document_is_of_the_version_of_the_code():
    assert re.search(r"version (\d+\.\d+)", TEXT.split("\n", 1)[0])[1] == ".".join(map(str, PROTOCOL_VERSION))
    assert f"here {'.'.join(map(str, PROTOCOL_VERSION))}" in SECTIONS["Versions"]


@pytest.mark.parametrize("kind", MESSAGE_KINDS)
def test_every_message_has_a_section_with_exactly_its_fields(kind: str):
    assert fields_named(kind) == {field.name for field in dataclasses.fields(MESSAGE_KINDS[kind])}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_record_has_a_section_with_exactly_its_fields(part: type[Record]):
    assert fields_named(part.__name__) == {field.name for field in dataclasses.fields(part)}


def test_the_connection_files_fields_are_named():
    assert fields_named("The connection file") == {field.name for field in dataclasses.fields(Connection)}


def test_every_error_code_is_named_with_its_exit_status():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", SECTIONS["Errors"], flags=re.MULTILINE)
    assert {code: int(status) for code, status in rows} == {
        code: error.exit_status for code, error in ERRORS_BY_CODE.items()
    }


def test_requests_replies_and_events_stand_in_their_chapters_in_the_codes_order():
    headings = re.findall(r"^### (\w+)$", TEXT, flags=re.MULTILINE)
    assert [heading for heading in headings if heading in MESSAGE_KINDS] == list(MESSAGE_KINDS)


def test_defaults_in_the_document_are_the_codes():
    wrong: list[str] = []
    for name, kind in [*MESSAGE_KINDS.items(), *((part.__name__, part) for part in PARTS)]:
        for field in dataclasses.fields(kind):
            row = re.search(
                rf"^\| [^|]*`{field.name}`[^|]*\|[^|]*\| ([^|]*) \|", SECTIONS[name], flags=re.MULTILINE
            )
            if row is None or not agrees(field, row[1].strip()):
                wrong.append(f"{name}.{field.name}: {row and row[1]}")
    assert wrong == []


def agrees(field: dataclasses.Field[object], documented: str) -> bool:
    """Whether a default as the document writes it is the field's."""
    if field.metadata.get("always"):
        return documented == "always sent"
    if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
        return documented == "required"
    default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    if isinstance(default, Record):
        return documented in ("defaults", "no change", "adaptive")
    as_json = json.dumps(default)
    return documented in (as_json, as_json.removesuffix(".0"))


def test_fields_of_later_minors_are_listed_as_such():
    listed = re.findall(r"^\| 1\.(\d+) \| (.*) \|", SECTIONS["Versions"], flags=re.MULTILINE)
    by_minor = {int(minor): set(re.findall(r"`(\w+\.\w+)`", names)) for minor, names in listed}
    of_code: dict[int, set[str]] = {}
    for kind in {*MESSAGE_KINDS.values(), *PARTS}:
        for field in dataclasses.fields(kind):
            if "since" in field.metadata:
                of_code.setdefault(field.metadata["since"], set()).add(f"{kind.__name__}.{field.name}")
    assert by_minor == of_code
    assert max(of_code) <= PROTOCOL_VERSION[1]


def test_the_size_of_parts_is_the_codes():
    assert str(PART_BYTES) in SECTIONS["Frames of a message"].replace(" ", "")
