"""Windows on the grid of a causal video autoencoder, for the published model.

Such a model restores 8n+1 frames at a time and sees a keyframe only in a window that holds it. Windows
here start on multiples of 8 from the start of their shot, so that the latent grids of neighbours
agree, overlap by 8m+1 frames and are blended there; and none runs blind where the shot has a keyframe:

* A window whose first slot has no keyframe carries the first of its frames as the window before
  restored it, as in training, where slot 0 is always filled.
* Ahead of the shot's first keyframe there is no past to carry from, and a keyframe from further on
  has no slot in the window (in another's slot it would be out of step with the picture). These windows
  are predicted backwards: each carries the last of its frames as the window after restored it.

Not here: what depends on what through carried frames (`dependency`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from sparkvsr_engine.core.dependency import keyframes_behind
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.intervals import Interval, grid_length, plan_intervals
from sparkvsr_engine.core.windows import Chunk, Window

GRID = 8
"""Frames the autoencoder takes per step; windows start on multiples of it and are one frame longer."""

SLOT_FRAMES = 4
"""Frames per latent slot."""


class SlotMap(Enum):
    """Which latent slot a keyframe is put in.

    CAUSAL: where the autoencoder puts the frame: slot 0 is frame 0, slot k frames 4k-3 to 4k.
    TRAINED: where the published weights learnt to look for it, one slot early unless 4 divides the index.
    """

    CAUSAL = "causal"
    TRAINED = "trained"

    def slot(self, local: int) -> int:
        """The slot of a window's frame, counted from the window's first."""
        return (local + 3) // SLOT_FRAMES if self is SlotMap.CAUSAL else local // SLOT_FRAMES


@dataclass(frozen=True)
class GridLayout:
    """length: frames per window, 8n+1. overlap: frames neighbours share at least, 8m+1."""

    length: int = 33
    overlap: int = 9

    def __post_init__(self) -> None:
        if self.length % GRID != 1 or self.overlap % GRID != 1 or not 1 <= self.overlap < self.length:
            raise ValueError(f"{self}: length must be 8n+1, overlap 8m+1 and the lesser of the two")


def run_length(window: Window, layout: GridLayout) -> int:
    """Frames the model is run on for a window: those it reads, padded at the end to 8n+1."""
    return grid_length(len(window.context), layout.length, GRID)


def keyframe_slots(context: FrameSpan, keyframes: Sequence[int], slot_map: SlotMap) -> dict[int, int]:
    """Slot -> keyframe for a window that reads `context`, in ascending order of slots.

    Of several keyframes that fall into one slot the one nearest to the slot's last frame (4 x slot, the
    frame on which both maps agree) is kept, of two as near the earlier one; the others reach
    the window through nothing, and the caller warns of it.

    Args:
        context: the frames that the window reads.
        keyframes: frames of the keyframes.
        slot_map: which slot of a window a frame falls into.
    """
    slots: dict[int, int] = {}
    for frame in sorted(keyframe for keyframe in keyframes if keyframe in context):
        slot = slot_map.slot(frame - context.start)
        agreed = context.start + SLOT_FRAMES * slot
        if slot not in slots or abs(frame - agreed) < abs(slots[slot] - agreed):
            slots[slot] = frame
    return slots


def plan_windows(
    shot: FrameSpan,
    keyframes: Sequence[int],
    layout: GridLayout | None = None,
    slot_map: SlotMap = SlotMap.TRAINED,
) -> list[Window]:
    """The windows of a whole shot, in order of time.

    Their spans depend on the shot and the layout alone; keyframes outside the shot are ignored.
    A window's `keyframes` are those that have a slot in it.

    Args:
        shot: the frames of the shot.
        keyframes: frames of the keyframes.
        layout: length and overlap of windows; None for one window a shot.
        slot_map: which slot of a window a frame falls into.
    """
    layout = layout or GridLayout()
    intervals = plan_intervals(len(shot), layout.length, layout.overlap, GRID)
    bare = [_window_of(interval, shot) for interval in intervals]
    seen = [keyframe_slots(window.context, keyframes, slot_map) for window in bare]
    anchor = next((index for index, slots in enumerate(seen) if slots), None)
    return [
        replace(window, keyframes=tuple(slots.values()), carries=_carried(window, slots, index, anchor))
        for index, (window, slots) in enumerate(zip(bare, seen, strict=True))
    ]


def _window_of(interval: Interval, shot: FrameSpan) -> Window:
    at = shot.start
    return Window(
        span=FrameSpan(at + interval.start, at + interval.stop),
        context=FrameSpan(at + interval.read_start, min(at + interval.read_stop, shot.stop)),
        fade_in=interval.fade_in,
        fade_out=interval.fade_out,
    )


def _carried(window: Window, slots: dict[int, int], index: int, anchor: int | None) -> int | None:
    """The frame a window carries: its last ahead of `anchor`, the first window with a keyframe; none there;
    its first after it, unless a keyframe of its own lies in its first slot.
    """
    if anchor is None or index == anchor:
        return None
    if index < anchor:
        return window.context.last
    return None if 0 in slots else window.context.first


def chunks_of(windows: Sequence[Window], frames: FrameSpan | None = None) -> list[Chunk]:
    """One chunk per window: the frames no later window has a part in, and the windows they need.

    The frames a window shares with the next belong to the next one's chunk, which needs both. Carried
    frames come from windows of other chunks; `dependency.prediction_order` puts them in order.
    `index` is the window's own, whatever is wanted.
    """
    behind = keyframes_behind(windows)
    borders = [*(window.span.start for window in windows), windows[-1].span.stop]
    chunks: list[Chunk] = []
    for index in range(len(windows)):
        span: FrameSpan | None = FrameSpan(borders[index], borders[index + 1])
        span = span.intersection(frames) if frames else span
        if span is None:
            continue
        blends = index > 0 and span.start < windows[index - 1].span.stop
        needed = range(index - 1 if blends else index, index + 1)
        keyframes = sorted({keyframe for i in needed for keyframe in behind[i]})
        chunks.append(Chunk(index, span, tuple(windows[i] for i in needed), tuple(keyframes)))
    return chunks
