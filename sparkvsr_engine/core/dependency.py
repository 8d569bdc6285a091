"""What depends on what: the keyframes behind a frame or a window, and the chunks and order this asks for.

Two rules, one per kind of restorer. With random access a frame depends on its nearest keyframe on
either side inside its shot, and on nothing else. In windows a frame depends on the keyframes its
windows look at and, through carried frames, on those of the windows they carry from.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.windows import Window


def neighbours(frame: int, keyframes: Sequence[int], shot: FrameSpan) -> tuple[int | None, int | None]:
    """The keyframes a frame depends on: the nearest before and the nearest after, inside the shot.

    Args:
        frame: its number.
        keyframes: frame numbers in ascending order, of any shot. A keyframe's own frame depends on it alone
            and gives `(frame, None)`. None where the shot has no keyframe on that side.
        shot: the frames of the shot.
    """
    after = bisect_left(keyframes, frame)
    if after < len(keyframes) and keyframes[after] == frame:
        return frame, None
    previous = keyframes[after - 1] if after > 0 else None
    following = keyframes[after] if after < len(keyframes) else None
    return (
        previous if previous is not None and previous in shot else None,
        following if following is not None and following in shot else None,
    )


def chunk_boundaries(
    shot: FrameSpan, keyframes: Sequence[int], target_length: int, frames: FrameSpan | None = None
) -> list[FrameSpan]:
    """Cut a shot so that whatever one keyframe's edit affects is a union of whole pieces.

    A keyframe's own frame is a piece of its own, since it depends on fewer keyframes than the frames
    beside it. The spans between are cut evenly into the fewest pieces of at most `target_length`,
    each span by its own ends alone, so that an edit elsewhere moves no border.

    Args:
        shot: the frames of the shot.
        keyframes: frames of the keyframes.
        target_length: frames a piece should have.
        frames: a part of the shot; its pieces are those of the whole shot, intersected with it.
    """
    if target_length < 1:
        raise ValueError(f"pieces of {target_length} frames cannot be made")
    inside = sorted({frame for frame in keyframes if frame in shot})
    edges = [shot.start, *(edge for frame in inside for edge in (frame, frame + 1)), shot.stop]
    spans = [FrameSpan(a, b) for a, b in pairwise(edges) if a < b]
    pieces = [piece for span in spans for piece in _even_pieces(span, target_length)]
    if frames is None:
        return pieces
    return [part for piece in pieces if (part := piece.intersection(frames)) is not None]


def _even_pieces(span: FrameSpan, target_length: int) -> list[FrameSpan]:
    count = -(-len(span) // target_length)
    return span.split(span.start + i * len(span) // count for i in range(1, count))


def carried_from(windows: Sequence[Window], index: int) -> int | None:
    """The window whose restored frame a window carries: the one before where the carried frame is its
    first, the one after where it is its last (windows ahead of the shot's first keyframe); None where it
    carries none.
    """
    carried = windows[index].carries
    if carried is None:
        return None
    return index - 1 if carried == windows[index].context.first else index + 1


def prediction_order(windows: Sequence[Window]) -> list[int]:
    """Indices in an order in which every carried frame is there when it is asked for."""
    order: list[int] = []
    waiting: list[int] = []
    for index in range(len(windows)):
        if carried_from(windows, index) == index + 1:
            waiting.append(index)
        else:
            order += [index, *reversed(waiting)]
            waiting = []
    return order


def keyframes_behind(windows: Sequence[Window]) -> list[tuple[int, ...]]:
    """For each window every keyframe it depends on, those behind carried frames included, in order."""
    behind: dict[int, frozenset[int]] = {}
    for index in prediction_order(windows):
        source = carried_from(windows, index)
        carried = frozenset[int]() if source is None else behind[source]
        behind[index] = carried | frozenset(windows[index].keyframes)
    return [tuple(sorted(behind[index])) for index in range(len(windows))]
