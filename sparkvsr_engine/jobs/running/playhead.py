"""What to render first: what the artist looks at, then onwards from there, then what lies before."""

from __future__ import annotations

from sparkvsr_engine.core.frames import FrameSpan


def in_playback_order(span: FrameSpan, playhead: int | None) -> tuple[int, int]:
    """A sort key: the stretch under the playhead and those after it in order, then the rest in order."""
    if playhead is None or span.last >= playhead:
        return (0, span.start)
    return (1, span.start)
