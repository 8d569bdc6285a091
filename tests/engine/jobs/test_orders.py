"""What daemon and worker say to each other comes through whole."""

from __future__ import annotations

import dataclasses

import pytest

from bridge.errors import MalformedMessage
from bridge.media import ImageRef, SourceMedia
from bridge.messages import ErrorReport, KeyframeChoice, PreviewRequest, SuggestKeyframesRequest
from bridge.settings import Keyframe, UpscaleSettings
from sparkvsr_engine.jobs import orders

PREVIEW = PreviewRequest(
    SourceMedia("/a.mov"), 5, UpscaleSettings(scale=2.0), (Keyframe(3, ImageRef(path="/k.png")),)
)
MESSAGES = [
    orders.RunJob("one", 2),
    orders.StopJob("one", "paused"),
    orders.MovePlayhead("one", -4),
    orders.MakePreview("p", PREVIEW),
    orders.DropPreview("p"),
    orders.Suggest("s", SuggestKeyframesRequest(SourceMedia("/ä b.mov"))),
    orders.WorkerReady(12, "cuda:0"),
    orders.JobAdvanced("one", 1, "rendering", 3, 9, 2, 1.5, 4.25, keyframes=(1, 5)),
    orders.FramesDone("one", 1, (4, 5), ("/out/4.png", "/out/5.png")),
    orders.JobWarned("one", 1, 'A "quoted"\nsentence.', 7),
    orders.JobEnded("one", 1, "failed", ErrorReport("disk_full", "The disk is full.", {"path": "/x"})),
    orders.JobEnded("one", 1, "finished"),
    orders.PreviewMade("p", 5, "full", "/tmp/p.tif", True, 0.5, ("The keyframe at 4 is out of place.",)),
    orders.OrderFailed("p", ErrorReport("invalid_settings", "No.")),
    orders.Suggested("s", (KeyframeChoice(4, "sharpest", 0.5),), (12,), "clean"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_as_it_was(message):
    line = orders.to_line(message)
    assert line.count(b"\n") == 1
    found = orders.from_line(line)
    assert type(found) is type(message)
    assert {field.name: getattr(found, field.name) for field in dataclasses.fields(found)} == {
        field.name: getattr(message, field.name) for field in dataclasses.fields(message)
    }


@pytest.mark.parametrize(
    "line", [b"", b"loading...\n", b"{}\n", b'{"kind": "Nothing", "body": {}}\n', b"[1]\n"]
)
def test_what_is_no_message_is_refused(line):
    with pytest.raises(MalformedMessage):
        orders.from_line(line)
