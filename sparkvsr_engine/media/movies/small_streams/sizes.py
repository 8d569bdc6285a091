"""The size a small stream is brought to where a request names none. Light: no library is loaded for other
files.
"""

from __future__ import annotations

from pathlib import Path

from sparkvsr_engine.media.movies.small_streams.tag import STREAM_SUFFIXES


def full_size_of(path: str) -> tuple[int, int]:
    """Width and height that a small stream was made from; zeros for any other source."""
    if Path(path).suffix.lower() not in STREAM_SUFFIXES:
        return 0, 0
    from sparkvsr_engine.media.movies.small_streams.keyframe_track import stream_tag

    tag = stream_tag(path)
    return (tag.width, tag.height) if tag else (0, 0)
