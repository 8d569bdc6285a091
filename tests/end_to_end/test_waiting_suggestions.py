"""Suggestions that wait for the worker hold up nobody: the daemon answers others as without them."""

from __future__ import annotations

import threading

import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.messages import (
    DescribeMediaRequest,
    ErrorReply,
    KeyframesReply,
    MediaReply,
    SuggestKeyframesRequest,
)
from tests.end_to_end.clips import plate
from tests.end_to_end.watching import engine_of, ensure, until
from tests.fakes.systems import freeze, thaw

SUGGESTIONS, FRAMES = 20, 6


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_source_is_described_while_twenty_suggestions_wait(own_program, tmp_path):
    source = SourceMedia(str(plate(tmp_path / "in", FRAMES, start=0)))
    replies: list[KeyframesReply | ErrorReply] = []
    with ensure(own_program) as client:
        until(lambda: engine_of(client).worker_state == "ready", "ready")
        worker = engine_of(client).worker_pid
        freeze(worker)
        try:
            request = SuggestKeyframesRequest(source)
            threads = [
                threading.Thread(
                    target=lambda: replies.append(client.request(request, KeyframesReply, 120.0))
                )
                for _ in range(SUGGESTIONS)
            ]
            for thread in threads:
                thread.start()
            # Each took a helper thread before, of which there are four.
            described = client.request(DescribeMediaRequest(source), MediaReply, 60.0)
            assert described.info.frames == FRAMES
            assert replies == []
        finally:
            thaw(worker)
        for thread in threads:
            thread.join(120)
        assert len(replies) == SUGGESTIONS
        assert all(reply == replies[0] for reply in replies)
