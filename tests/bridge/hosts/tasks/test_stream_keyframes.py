"""Keyframes that a small stream brings, as a host asks for them."""

from __future__ import annotations

from typing import Any

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.hosts.tasks.stream_keyframes import StreamKeyframes, stream_keyframes
from sparkvsr_bridge.media import MediaInfo, SourceMedia
from sparkvsr_bridge.messages import DescribeMediaRequest, MediaReply


class Engine:
    """Answers what a source is."""

    def __init__(self, **info: Any) -> None:
        values = {"path": "small.mkv", "kind": "movie", "width": 120, "height": 68}
        self.info = MediaInfo(**{**values, "first_frame": 0, "last_frame": 47, **info})
        self.asked: list[SourceMedia] = []

    def request(self, request: DescribeMediaRequest, reply: type[MediaReply], _seconds: float) -> MediaReply:
        self.asked.append(request.source)
        return reply(self.info)


def test_a_stream_gives_its_frames_and_the_scale_of_its_full_size():
    engine = Engine(keyframes=(4, 20), full_size=(480, 272))
    source = SourceMedia("small.mkv", 0, 47)
    assert stream_keyframes(engine, source) == StreamKeyframes((4, 20), 4.0)  # type: ignore[arg-type]
    assert engine.asked == [source]


def test_a_source_without_keyframes_of_its_own_is_refused_by_its_name():
    with pytest.raises(InvalidSettings, match=r"small\.mkv brings no keyframes"):
        stream_keyframes(Engine(), SourceMedia("small.mkv"))  # type: ignore[arg-type]
