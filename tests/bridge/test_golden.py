"""One JSON per message, as it travels; `pytest --regenerate-goldens` writes them anew."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from sparkvsr_bridge.connections.wire import decode, encode, make_envelope
from sparkvsr_bridge.messages import MESSAGE_KINDS
from tests.fakes.messages import EXAMPLES

FOLDER = Path(__file__).resolve().parents[1] / "data" / "golden"


def golden(kind: str) -> dict[str, object]:
    return json.loads((FOLDER / f"{kind}.json").read_text("utf-8"))


@pytest.fixture(scope="module", autouse=True)
def regenerated(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--regenerate-goldens"):
        for kind, example in EXAMPLES.items():
            text = json.dumps(example.to_dict(), indent=2) + "\n"
            (FOLDER / f"{kind}.json").write_text(text, "utf-8")


def test_every_kind_has_an_example_and_a_golden_and_nothing_else_has():
    assert set(EXAMPLES) == set(MESSAGE_KINDS)
    assert {path.stem for path in FOLDER.iterdir()} == set(MESSAGE_KINDS)


@pytest.mark.parametrize("kind", MESSAGE_KINDS)
def test_a_golden_becomes_its_record_and_is_itself_again(kind: str):
    record = MESSAGE_KINDS[kind].from_dict(golden(kind))
    assert record == EXAMPLES[kind]
    assert record.to_dict() == golden(kind)


@pytest.mark.parametrize("kind", MESSAGE_KINDS)
def test_a_golden_shows_every_field(kind: str):
    assert set(golden(kind)) == {field.name for field in dataclasses.fields(MESSAGE_KINDS[kind])}


@pytest.mark.parametrize("kind", MESSAGE_KINDS)
def test_every_message_survives_the_wire(kind: str):
    envelope = make_envelope(EXAMPLES[kind], "the request")
    assert decode(encode(envelope)) == envelope
