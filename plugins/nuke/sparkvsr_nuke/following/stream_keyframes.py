"""Takes the keyframes that a small stream brings, and the scale of its full size. Main thread."""

from __future__ import annotations

from typing import Any, Optional

from ..frame_text import format_frames
from ..node.node_knobs import keyframe_frames
from ..node.quiet import one_undo
from ..requests.submission import Prepared, node_of, prepare
from . import jobs


def take(node: Any) -> str:
    """Ask for them; they come later, in one undo step. Returns the request's token.

    Raises Refused.
    """
    return prepare(node, _ask)


def _ask(prepared: Prepared, token: str) -> None:
    from ..bridge_link import stream_keyframes

    media = next(iter(prepared.requests.values())).source()
    frame_of = {number: frame for frame, number in sorted(prepared.source.numbers.items(), reverse=True)}

    def answered(brought: Any, error: Optional[Exception]) -> None:
        if error is not None:
            jobs.fail(token, error)
            return
        node = node_of(prepared.state)
        if node is not None:
            _write(node, [frame_of[number] for number in brought.frames if number in frame_of], brought.scale)
        jobs.set_step(token, "")

    jobs.run_task(lambda client: stream_keyframes.stream_keyframes(client, media), answered, beside=True)
    jobs.set_step(token, "Reading keyframes")


def _write(node: Any, frames: Any, scale: float) -> None:
    with one_undo("SparkVSR keyframes of the stream"):
        node["keyframe_frames"].setValue(format_frames({*keyframe_frames(node), *frames}))
        node["size_mode"].setValue("scale")
        node["scale"].setValue(scale)
    jobs.show_info(f"{len(frames)} keyframes of the small stream; the scale is {scale:g}.")
