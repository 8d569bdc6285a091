"""What a source is: size, frames, rate, depth, colour, identity, from headers and packets.

One frame of a movie is decoded, because only the decoder knows some of it for sure (rotation, colour tags).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sparkvsr_bridge.errors import InvalidSettings, MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.core.frames import FrameSpan, spans_of
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.file_names import require_text_name
from sparkvsr_engine.media.sequences.host_spelling import require_known_spelling
from sparkvsr_engine.media.sequences.numbering import (
    PICTURE_EXTENSIONS,
    NumberedPattern,
    require_no_gap,
    sequence_in,
)

# Chunks before a PNG's pixels, its profile included, seldom take more.
_HEAD_BYTES = 1 << 16
_ANIMATED = {"png": "PNG", "webp": "WebP"}


def probe(source: SourceMedia) -> ClipInfo:
    """Look at a source.

    Raises MediaUnreadable when it is missing, damaged at its head, ambiguous or has a gap in the range,
    InvalidSettings when the range lies outside.
    """
    pattern = _pattern_of(source.path)
    require_text_name(str(pattern) if pattern else source.path)
    return _probe_movie(source) if pattern is None else _probe_sequence(source, pattern)


def identity_of(info: ClipInfo, span: FrameSpan | None = None) -> str:
    """The identity of some frames of a source as its files are now; all available ones when `span` is None.

    Compared with `info.identity` it shows whether the source changed.
    Raises MediaUnreadable when a file is gone.
    """
    if info.pattern is None:
        return _identity([Path(info.path)])
    return _identity(info.pattern.path_of(number) for number in span or info.available)


def _pattern_of(path: str) -> NumberedPattern | None:
    """How the source's pictures are named; None for a movie."""
    target = Path(path)
    if target.is_dir():
        return sequence_in(target)
    is_picture = target.suffix.lower() in PICTURE_EXTENSIONS
    if target.is_file() and is_picture:
        return None if animation_of(target) == "png" else _pattern_of_one(target)
    if is_picture:
        return _named_pattern(path)
    if not target.exists():
        _refuse_unread(path)
    return None


def _named_pattern(path: str) -> NumberedPattern | None:
    pattern = NumberedPattern.parse(path)
    if pattern is None:
        require_known_spelling(path)
    return pattern


def animation_of(path: Path) -> str:
    """`png` or `webp` for a file of several pictures, empty for any other."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return ""
    if head.startswith(b"\x89PNG"):
        animated = 0 <= head.find(b"acTL") < (head.find(b"IDAT") if b"IDAT" in head else _HEAD_BYTES)
        return "png" if animated else ""
    is_webp = head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X"
    return "webp" if is_webp and head[20] & 2 else ""


def _refuse_animated(path: Path) -> None:
    """Raise for a numbered picture of many, of which the first alone would be read, and for any such WebP."""
    kind = animation_of(path)
    if kind:
        raise MediaUnreadable(
            f"{path} is an animated {_ANIMATED[kind]}, of which the first picture alone could be read;"
            " save it as numbered pictures or as a movie.",
            path=str(path),
        )


def _refuse_unread(path: str) -> None:
    """Raise for numbered files of a kind that is not read, and for frames named in another program's way."""
    pattern = NumberedPattern.parse(path)
    if pattern is not None and pattern.folder.is_dir() and _ends_in_a_format(pattern):
        count = len(pattern.numbers())
        raise MediaUnreadable(
            f"{path} names {count} {pattern.extension} files, a format that is not read as a sequence;"
            " convert them to .png, .tif or .exr.",
            path=path,
        )
    require_known_spelling(path)


def _ends_in_a_format(pattern: NumberedPattern) -> bool:
    """Whether a pattern's end is a file extension, rather than a range of frames behind one."""
    return pattern.extension[1:].isalnum()


def _pattern_of_one(path: Path) -> NumberedPattern:
    """A single picture is a sequence of one frame: its own number, or 0 when it has none."""
    head = path.stem.rstrip("0123456789")
    digits = len(path.stem) - len(head)
    if digits and (head == "-" or head.endswith((".-", "_-", " -"))):
        head = head[:-1]
    return NumberedPattern(path.parent, head, digits, path.suffix, only=path.name)


def _probe_sequence(source: SourceMedia, pattern: NumberedPattern) -> ClipInfo:
    from sparkvsr_engine.media.sequences.describing import describe_sequence

    pattern = pattern.as_spelled()
    numbers = pattern.numbers()
    available = FrameSpan.from_inclusive(numbers[0], numbers[-1])
    span = _requested(source, available, str(pattern))
    require_no_gap(pattern, numbers, span)
    # What lies behind a gap is never read, not even to look around a cut.
    available = next(run for run in spans_of(numbers) if span.first in run)
    _refuse_animated(pattern.path_of(span.first))
    identity = _identity(pattern.path_of(number) for number in numbers)
    info = describe_sequence(source.path, pattern, available, span, identity)
    is_whole = source.first_frame is None or source.last_frame is None
    note = pattern.unread_note(set(numbers)) if is_whole else ""
    return replace(info, notes=(*info.notes, note)) if note else info


def _probe_movie(source: SourceMedia) -> ClipInfo:
    from sparkvsr_engine.media.movies.describing import describe_movie

    with media_faults(source.path, writing=False):
        identity = _identity([Path(source.path)])
        info = describe_movie(source.path, identity)
    return replace(info, span=_requested(source, info.available, source.path))


def _requested(source: SourceMedia, available: FrameSpan, name: str) -> FrameSpan:
    first = available.first if source.first_frame is None else source.first_frame
    last = available.last if source.last_frame is None else source.last_frame
    if first < available.first or last > available.last or first > last:
        raise InvalidSettings(
            f"frames {first}-{last} are not all in {name}, which has {available.first}-{available.last};"
            " choose --frames inside that.",
            first_frame=available.first,
            last_frame=available.last,
        )
    return FrameSpan.from_inclusive(first, last)


def _identity(files: Iterable[Path]) -> str:
    state = hashlib.sha256()
    for file in files:
        with media_faults(file, writing=False):
            status = file.stat()
        state.update(f"{file.absolute()}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return state.hexdigest()[:32]
