"""What daemon and worker exchange comes through whole, and is what clients get."""

from __future__ import annotations

import dataclasses
import json

import pytest

from sparkvsr_bridge.errors import MalformedMessage
from sparkvsr_engine.jobs import worker_messages
from sparkvsr_engine.jobs.worker_messages import DropPreview, Line, RunJob, WorkerReady, from_line, to_line
from tests.fakes.messages import EXAMPLES

WORKER_MESSAGES = [RunJob("one", 2), DropPreview("p"), WorkerReady(12, "cuda:0")]


@pytest.mark.parametrize(
    "message", [*WORKER_MESSAGES, *EXAMPLES.values()], ids=lambda message: type(message).__name__
)
def test_a_message_comes_back_as_it_was(message):
    line = to_line(Line(message, "r"))
    assert line.count(b"\n") == 1
    back = from_line(line)
    assert back.request == "r"
    assert type(back.message) is type(message)
    assert dataclasses.asdict(back.message) == dataclasses.asdict(message)


def test_a_message_of_clients_has_one_spelling():
    for kind, example in EXAMPLES.items():
        body = json.loads(to_line(Line(example)))
        assert (body["kind"], body["body"]) == (kind, example.to_dict())


def test_the_pipe_has_no_records_that_clients_could_have():
    records = {name for name, value in vars(worker_messages).items() if dataclasses.is_dataclass(value)}
    assert records == {"Line", "RunJob", "DropPreview", "WorkerReady"}


@pytest.mark.parametrize(
    "line", [b"", b"loading...\n", b"{}\n", b'{"kind": "Nothing", "body": {}}\n', b"[1]\n"]
)
def test_what_is_no_message_is_refused(line):
    with pytest.raises(MalformedMessage):
        from_line(line)
