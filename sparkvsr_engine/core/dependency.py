"""What depends on what: which frames an edit of keyframes changes, and which it leaves alone.

Two rules, one per kind of restorer. With random access a frame depends on its nearest keyframe on
either side inside its shot, and on nothing else. In windows a frame depends on the keyframes its
windows look at and, through carried frames, on those of the windows before. Digests stand for all of a
keyframe that changes pixels: picture, matte, strength, as the caller sees fit.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from sparkvsr_engine.core.frames import FrameSpan, spans_of
from sparkvsr_engine.core.windows import Window


def neighbours(frame: int, keyframes: Sequence[int], shot: FrameSpan) -> tuple[int | None, int | None]:
    """The keyframes a frame depends on: the nearest before and the nearest after, inside the shot.

    keyframes: frame numbers in ascending order, of any shot. A keyframe's own frame depends on it alone
    and gives `(frame, None)`. None where the shot has no keyframe on that side.
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


def affected_frames(shot: FrameSpan, old: Mapping[int, str], new: Mapping[int, str]) -> list[FrameSpan]:
    """The frames of a shot that differ between two sets of keyframes (frame -> digest), exactly.

    A frame is affected when its neighbours, or one of their digests, differ. Every such frame depends,
    before or after the edit, on a keyframe that was added, removed or changed, and every frame that does
    is affected; so the answer is the union of what those keyframes reach.
    """
    edited = [frame for frame in {*old, *new} if old.get(frame) != new.get(frame) and frame in shot]
    reached: set[int] = set()
    for keyframes in (sorted(f for f in old if f in shot), sorted(f for f in new if f in shot)):
        for frame in edited:
            reached.update(_reach(frame, keyframes, shot))
    return spans_of(reached)


def _reach(frame: int, keyframes: Sequence[int], shot: FrameSpan) -> Iterable[int]:
    """The frames that depend on a keyframe; none where it is not one of them."""
    place = bisect_left(keyframes, frame)
    if place == len(keyframes) or keyframes[place] != frame:
        return ()
    start = keyframes[place - 1] + 1 if place > 0 else shot.start
    stop = keyframes[place + 1] if place + 1 < len(keyframes) else shot.stop
    return range(start, stop)


def chunk_boundaries(
    shot: FrameSpan, keyframes: Sequence[int], target_length: int, wanted: FrameSpan | None = None
) -> list[FrameSpan]:
    """Cut a shot so that whatever one keyframe's edit affects is a union of whole pieces.

    A keyframe's own frame is a piece of its own, since it depends on fewer keyframes than the frames
    beside it. The stretches between are cut evenly into the fewest pieces of at most `target_length`,
    each stretch by its own ends alone, so that an edit elsewhere moves no border.
    wanted: a part of the shot; its pieces are those of the whole shot, intersected with it.
    """
    if target_length < 1:
        raise ValueError(f"pieces of {target_length} frames cannot be made")
    inside = sorted({frame for frame in keyframes if frame in shot})
    edges = [shot.start, *(edge for frame in inside for edge in (frame, frame + 1)), shot.stop]
    stretches = [FrameSpan(a, b) for a, b in pairwise(edges) if a < b]
    pieces = [piece for stretch in stretches for piece in _even_pieces(stretch, target_length)]
    if wanted is None:
        return pieces
    return [part for piece in pieces if (part := piece.intersection(wanted)) is not None]


def _even_pieces(stretch: FrameSpan, target_length: int) -> list[FrameSpan]:
    count = -(-len(stretch) // target_length)
    return stretch.split(stretch.start + i * len(stretch) // count for i in range(1, count))


def carried_from(windows: Sequence[Window], index: int) -> int | None:
    """The window whose restored frame a window carries: the one before where the carried frame is its
    first, the one after where it is its last (windows ahead of the shot's first keyframe); None where it
    carries none."""
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


def affected_windows(
    old_windows: Sequence[Window],
    new_windows: Sequence[Window],
    old: Mapping[int, str],
    new: Mapping[int, str],
) -> list[int]:
    """Indices of the new windows that must be predicted again, in ascending order.

    A window is affected when it is planned differently, when a keyframe it looks at has another digest,
    or when it carries a frame of an affected window. The chain ends at the first window that has a
    keyframe of its own in its first slot, since that one carries nothing.
    """
    affected: set[int] = set()
    for index in prediction_order(new_windows):
        window = new_windows[index]
        is_same = index < len(old_windows) and old_windows[index] == window
        is_edited = any(old.get(frame) != new.get(frame) for frame in window.keyframes)
        if not is_same or is_edited or carried_from(new_windows, index) in affected:
            affected.add(index)
    return sorted(affected)


def frames_of(windows: Sequence[Window], indices: Iterable[int]) -> list[FrameSpan]:
    """The frames these windows put out, the blended ones they share with others included."""
    return spans_of(frame for index in indices for frame in windows[index].span)


def chunks_touching(chunks: Sequence[FrameSpan], frames: Sequence[FrameSpan]) -> list[FrameSpan]:
    """The chunks (in order, disjoint) that hold any of these frames."""
    starts = [chunk.start for chunk in chunks]
    touched = {
        index
        for span in frames
        for index in range(max(bisect_right(starts, span.start) - 1, 0), bisect_left(starts, span.stop))
        if chunks[index].intersection(span)
    }
    return [chunks[index] for index in sorted(touched)]
