"""Windows: the stretches of frames a restorer predicts in one go, and the chunks jobs record.

A *window* is predicted as a whole and owns its frames with a weight per frame; where two windows
overlap their weights add up to one. A *chunk* is a run of windows whose finished frames are recorded
together: the unit of resume, reuse and fan-out. Both are plain data; plans are made before any pixel
is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from sparkvsr_engine.core.frames import FrameSpan


@dataclass(frozen=True)
class Window:
    """Frames predicted together.

    span: frames this window puts out, with `fade_in` frames at its start blended with the window before
        and `fade_out` at its end with the one after.
    context: source frames that are read for it, at least `span`, never across a cut.
    keyframes: keyframes it looks at, in frame order.
    carries: frame of the window before whose restored picture serves as an extra keyframe of low trust;
        None when the window needs none.
    """

    span: FrameSpan
    context: FrameSpan
    keyframes: tuple[int, ...] = ()
    fade_in: int = 0
    fade_out: int = 0
    carries: int | None = None


@dataclass(frozen=True)
class Chunk:
    """A run of windows recorded together.

    span: the frames that are finished once the chunk is.
    keyframes: every keyframe a change of which changes these frames, carried ones included.
    """

    index: int
    span: FrameSpan
    windows: tuple[Window, ...]
    keyframes: tuple[int, ...]
