"""Files that are given to `unpack` in place of a pipe: what came out of one, or something else by mistake."""

from __future__ import annotations

from pathlib import Path

from sparkvsr_bridge.errors import InvalidSettings, MediaUnreadable
from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.movies.frame_index.index import open_movie
from sparkvsr_engine.media.movies.small_streams.keyframe_track import is_small_stream
from sparkvsr_engine.streams.pipes.chain import is_header

_FIRST_BYTES = 1 << 12
# By FFmpeg's names. Others are left out: bytes of a piece may look like a stream without a container.
_CONTAINERS = {"mp4", "webm", "avi", "mxf", "ogg", "asf", "flv", "gif"}


def require_pieces(source: str, target: str) -> None:
    """Raise for a file that holds no pieces of a pipe, with what to do instead; only its start is read.

    A file that begins in the middle of a piece passes: it was joined late.

    Args:
        source: path of the file.
        target: path of the movie that is to be made.

    Raises:
        InvalidSettings: where the movie would be written over the file.
        MediaUnreadable: for a file that cannot be read, a small stream in an MP4 file, or any other movie.
    """
    if Path(target).exists() and Path(target).resolve() == Path(source).resolve():
        raise InvalidSettings(f"{target} would write over what is unpacked; choose another target.")
    with media_faults(source, writing=False), Path(source).open("rb") as file:
        start = file.read(_FIRST_BYTES)
    if is_header(start, 0) or not _is_movie(source):
        return
    if is_small_stream(source):
        raise MediaUnreadable(
            f"{source} is a small stream in an MP4 file, not what came out of a pipe; restore it with"
            f" 'sparkvsr upscale {source} -o TARGET'.",
            path=source,
        )
    raise MediaUnreadable(
        f"{source} is a movie but no small stream; make one of it with"
        f" 'sparkvsr pack {source} -o SMALL.mkv'.",
        path=source,
    )


def _is_movie(source: str) -> bool:
    """Whether a file is a whole movie in a container of another kind than pieces are."""
    try:
        with open_movie(source) as container:
            return bool(_CONTAINERS & set(container.format.name.split(",")))
    except MediaUnreadable:
        return False
