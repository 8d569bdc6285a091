"""Asks the engine where keyframes help most, and writes the frames into the knob. Main thread."""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

from ..frame_text import format_frames
from ..node.node_knobs import keyframe_frames
from ..node.quiet import one_undo
from ..requests.submission import Prepared, node_of, prepare
from . import jobs

_SECONDS = 600.0
_MOST = 4


def suggest(node: Any) -> str:
    """Ask for a few frames; they come later, in one undo step. Returns the request's token.

    Raises Refused.
    """
    return prepare(node, _ask)


def _ask(prepared: Prepared, token: str) -> None:
    from ..bridge_link import messages, settings

    request = next(iter(prepared.requests.values()))
    # The node's own policy may be to take the artist's alone: here the engine is asked for its choice.
    chosen = dataclasses.replace(request.settings(), policy=settings.KeyframePolicy("adaptive", _MOST))
    message = messages.SuggestKeyframesRequest(request.source(), chosen, request.engine_keyframes())
    frame_of = {number: frame for frame, number in sorted(prepared.source.numbers.items(), reverse=True)}

    def answered(reply: Any, error: Optional[Exception]) -> None:
        if error is not None:
            jobs.fail(token, error)
            return
        frames = [frame_of[choice.frame] for choice in reply.choices if choice.frame in frame_of]
        if reply.note:
            jobs.show_info(reply.note)
        node = node_of(prepared.state)
        if frames and node is not None:
            with one_undo("SparkVSR suggested keyframes"):
                every = {*keyframe_frames(node), *frames}
                node["keyframe_frames"].setValue(format_frames(every))
        for choice in reply.choices:
            jobs.show_info(f"frame {frame_of.get(choice.frame, choice.frame)}: {choice.reason}")
        jobs.set_step(token, "")

    jobs.run_task(
        lambda client: client.request(message, messages.KeyframesReply, timeout_seconds=_SECONDS),
        answered,
        beside=True,
    )
    jobs.set_step(token, "Looking for keyframes")
