"""The index of a movie, read once per state of the file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.movies.frame_index.index import MovieIndex
from sparkvsr_engine.media.movies.frame_index.indexing import make_index


def read_index(path: Path | str) -> MovieIndex:
    """The index of a movie; read once per state of the file.

    Raises MediaUnreadable.
    """
    with media_faults(path, writing=False):
        state = Path(path).stat()
        return _index_of_state(str(path), state.st_size, state.st_mtime_ns)


def keyframe_packets(path: Path | str) -> list[int]:
    """The frames that are codec I-frames where decoding can start, in the order they are shown.

    Raises MediaUnreadable.
    """
    return [int(number) for number in read_index(path).keyframes]


@lru_cache(maxsize=16)
def _index_of_state(path: str, size: int, modified_ns: int) -> MovieIndex:  # noqa: ARG001 - part of the cache key
    return make_index(path)
