"""What is upscaled: the plan of a source, made from facts about its nodes before a pixel is read. No Nuke.

A plain Read goes by path: the engine opens the artist's own files. Everything else is rendered to EXR first
(`branch_render`). Either way the plan has which and why.
"""

from __future__ import annotations

import dataclasses
from typing import Callable, Dict, FrozenSet, Mapping, Optional, Sequence, Tuple

from ..frame_text import format_frames
from .frame_mapping import ReadTiming, UnclearMapping
from .numbered_files import MOVIE_SHIFT, is_movie, is_picture, missing_frames, pattern_of

PATH, RENDER = "path", "render"


class NeedsRender(Exception):
    """The source cannot go by path; the message completes 'The source is rendered first: ...'."""


class BadSource(Exception):
    """The source cannot be upscaled at all; one sentence: why and what to do."""


@dataclasses.dataclass(frozen=True)
class PictureFacts:
    """Format of a source: pixels, width over height of one, and pixels outside the format per side."""

    width: int
    height: int
    pixel_aspect: float = 1.0
    overscan: int = 0


@dataclasses.dataclass(frozen=True)
class ReadFacts:
    """A Read as the script evaluates it.

    paths: per view, file frame -> path of the file. colour: its colour space; None where unknown.
    """

    name: str
    timing: ReadTiming
    paths: Mapping[str, Mapping[int, str]]
    colour: Optional[str]
    premultiplied: bool = False
    auto_alpha: bool = False


@dataclasses.dataclass(frozen=True)
class Source:
    """A planned source.

    route: `path` or `render`. reason: one sentence for people. patterns: per view, what the engine opens.
    first, last: the engine's frame numbers, inclusive. timing: how the result's Read maps script frames.
    numbers: script frame -> engine frame, for the script frames that were asked for.
    colour: colour space of the files.
    """

    route: str
    reason: str
    patterns: Mapping[str, str]
    first: int
    last: int
    timing: ReadTiming
    numbers: Mapping[int, int]
    colour: str
    picture: PictureFacts
    premultiplied: bool = False
    auto_alpha: bool = False
    warnings: Tuple[str, ...] = ()


def plan_path(
    facts: ReadFacts,
    frames: Sequence[int],
    picture: PictureFacts,
    names_in: Callable[[str], FrozenSet[str]],
) -> Source:
    """The plan of a Read by path.

    frames: script frames, ascending. names_in: the file names of a folder.
    Raises NeedsRender, BadSource.
    """
    numbers = numbers_of(facts.timing, frames)
    if facts.colour is None:
        raise NeedsRender("the Read's colour space is 'default', and the script does not name which that is")
    patterns = {}
    is_any_movie = False
    for view, paths in facts.paths.items():
        patterns[view], is_any_movie = _pattern(facts.name, paths, set(numbers.values()), names_in)
    shift = MOVIE_SHIFT if is_any_movie else 0
    engine_numbers = {frame: number + shift for frame, number in numbers.items()}
    return Source(
        PATH,
        f"Read by path from {facts.name}.",
        patterns,
        min(engine_numbers.values()),
        max(engine_numbers.values()),
        facts.timing.shifted(shift),
        engine_numbers,
        facts.colour,
        picture,
        facts.premultiplied,
        facts.auto_alpha,
        overscan_warnings(picture),
    )


def plan_render(
    reason: str, frames: Sequence[int], available: Tuple[int, int], patterns: Mapping[str, str],
    colour: str, picture: PictureFacts,
) -> Source:  # fmt: skip
    """The plan of a source that is rendered to EXR in the working space.

    available: first and last frame of the branch. patterns: where it is rendered, per view.
    Raises BadSource for frames below 0, which no file can be numbered with.
    """
    if frames[0] < 0:
        raise BadSource(f"Frame {frames[0]} is below 0; move the branch with a TimeOffset and its range.")
    first, last = min(available[0], frames[0]), max(available[1], frames[-1])
    return Source(
        RENDER,
        f"Rendered first, because {reason}.",
        patterns,
        frames[0],
        frames[-1],
        ReadTiming(max(first, 0), last, "expression", ""),
        {frame: frame for frame in frames},
        colour,
        picture,
        warnings=overscan_warnings(picture),
    )


def numbers_of(timing: ReadTiming, frames: Sequence[int]) -> Dict[int, int]:
    """Script frame -> file frame, black ones left out. Raises NeedsRender, BadSource."""
    try:
        pairs = [(frame, timing.file_frame(frame)) for frame in frames]
    except UnclearMapping as error:
        raise NeedsRender(str(error)) from error
    numbers = {frame: number for frame, number in pairs if number is not None}
    if not numbers:
        raise BadSource(
            f"The Read has no frame in {format_frames(frames)}; change the range of the node or of the Read."
        )
    file_numbers = sorted(set(numbers.values()))
    if file_numbers[-1] - file_numbers[0] + 1 != len(file_numbers):
        raise NeedsRender("the Read's frame expression leaves frames out")
    return numbers


def overscan_warnings(picture: PictureFacts) -> Tuple[str, ...]:
    """A sentence about pixels outside the format."""
    if picture.overscan <= 0:
        return ()
    return (
        f"{picture.overscan} pixels of overscan are outside the format and not upscaled; put a Reformat or"
        " Crop with 'reformat' before the node to keep them.",
    )


def _pattern(
    name: str, paths: Mapping[int, str], numbers: set[int], names_in: Callable[[str], FrozenSet[str]]
) -> Tuple[str, bool]:
    """What the engine opens for one view, and whether it is a movie."""
    needed = {number: path for number, path in paths.items() if number in numbers}
    distinct = set(needed.values())
    sample = next(iter(distinct))
    if len(distinct) == 1 and is_movie(sample):
        if sample.rpartition("/")[2] not in names_in(sample.rpartition("/")[0]):
            raise BadSource(f"{name}'s movie {sample} is not there; correct the Read.")
        return sample, True
    if not is_picture(sample):
        raise NeedsRender(f"the engine does not read {sample.rpartition('/')[2]}")
    pattern = pattern_of(needed)
    if pattern is None:
        raise NeedsRender("the Read's files are not numbered by frame")
    folders = {path.rpartition("/")[0] for path in distinct}
    missing = missing_frames(needed, {folder: names_in(folder) for folder in folders})
    if missing:
        raise BadSource(
            f"{name} has no file for frame {format_frames(missing)} ({needed[missing[0]]});"
            " render the missing frames or shorten the range."
        )
    return pattern, False
