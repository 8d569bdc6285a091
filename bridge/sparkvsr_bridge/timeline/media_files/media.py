"""From a clip's reference to the medium the engine opens, and to how the reference counts it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union

from ...errors import ConnectionFailed, SparkVSRError
from ...media import MediaInfo
from ..library import otio
from ..records import KEY, ClipLeftOut, Counting, Medium
from ..timing import exact_rate, seconds_of, timecode_seconds
from .numbered import NumberedName, is_picture, numbers_in, split_number, split_pattern
from .paths import Finder, native_path

Describe = Callable[[str, Optional[int]], MediaInfo]
"""Path and, where the medium has gaps, the one frame to look at -> the engine's description of it."""

_PADDED = 3


@dataclass(frozen=True)
class Located:
    """A medium's file as it was found. first: the number that a reference's origin shows, None: the lowest.

    numbers: of a sequence's pictures; empty for anything else.
    """

    path: str
    first: Optional[int] = None
    is_still: bool = False
    numbers: Tuple[int, ...] = ()


class MediaShelf:
    """Every medium of a timeline, each described once however many clips use it."""

    def __init__(self, describe: Describe) -> None:
        self._describe = describe
        self._media: Dict[Tuple[str, bool], Union[Medium, SparkVSRError]] = {}

    def medium(self, located: Located) -> Medium:
        """The medium; raises ClipLeftOut with the engine's reason where it cannot be read.

        Args:
            located: the file that was found for a reference.
        """
        key = (located.path, located.is_still)
        if key not in self._media:
            self._media[key] = self._look(located)
        medium = self._media[key]
        if isinstance(medium, SparkVSRError):
            raise ClipLeftOut(f"its medium cannot be read: {medium.message}")
        return medium

    def _look(self, located: Located) -> Union[Medium, SparkVSRError]:
        gaps = _gaps(located.numbers)
        try:
            info = self._describe(located.path, located.numbers[0] if gaps else None)
        except ConnectionFailed:
            raise
        except SparkVSRError as error:
            return error
        if gaps:
            info = replace(info, first_frame=located.numbers[0], last_frame=located.numbers[-1])
        is_still = located.is_still or (is_picture(located.path) and info.frames == 1)
        return Medium(located.path, info, is_still, gaps)


def base_key(clip: Any) -> str:
    """The key of the reference to conform: the active one, or the source of an earlier result.

    Args:
        clip: the clip, an object of OpenTimelineIO.
    """
    references = clip.media_references()
    key = clip.active_media_reference_key or otio.schema.Clip.DEFAULT_MEDIA_KEY
    reference = references.get(key)
    if reference is not None and KEY in reference.metadata:
        return str(dict(reference.metadata[KEY]).get("source_key", otio.schema.Clip.DEFAULT_MEDIA_KEY))
    return key


def reference_of(clip: Any) -> Any:
    """A copy of the reference that is to be conformed, None where the clip has none.

    Args:
        clip: the clip, an object of OpenTimelineIO.
    """
    reference = clip.media_references().get(base_key(clip))
    return None if reference is None else reference.clone()


def locate(reference: Any, finder: Finder, frames: int) -> Optional[Located]:
    """The file of a reference; None where there is none.

    Args:
        reference: the media reference, an object of OpenTimelineIO.
        finder: looks for files.
        frames: how many the clip shows, about.

    Raises:
        ClipLeftOut: for a sequence that is not whole numbers in steps of one.
    """
    if isinstance(reference, otio.schema.ImageSequenceReference):
        return _locate_sequence(reference, finder)
    text = text_of(reference)
    for path in finder.candidates(text) if text else ():
        located = _locate_file(path, reference, frames)
        if located is not None:
            return located
    return None


def text_of(reference: Any) -> str:
    """What a reference calls its medium; DaVinci Resolve keeps the name of one that was offline.

    Args:
        reference: the media reference, an object of OpenTimelineIO.
    """
    if isinstance(reference, otio.schema.ImageSequenceReference):
        base = reference.target_url_base.rstrip("/\\")
        place = "#" * max(reference.frame_zero_padding, 1)
        return f"{base}/{reference.name_prefix}{place}{reference.name_suffix}"
    if isinstance(reference, otio.schema.ExternalReference):
        return reference.target_url or ""
    if isinstance(reference, otio.schema.MissingReference):
        block = reference.metadata.get("Resolve_OTIO")
        return str(block.get("Media Url") or "") if hasattr(block, "get") else ""
    return ""


def whole_of(reference: Any, medium: Optional[Medium]) -> Optional[Tuple[Fraction, Fraction, Fraction]]:
    """(start, duration, rate) of all of a medium, for a clip without a range of its own.

    Args:
        reference: the media reference, an object of OpenTimelineIO.
        medium: as the engine describes it, None where it is not known.
    """
    available = None if reference is None else reference.available_range
    if available is not None and available.duration.value > 0:
        return (
            seconds_of(available.start_time),
            seconds_of(available.duration),
            exact_rate(available.duration.rate),
        )
    if medium is None or not medium.info.rate[0]:
        return None
    rate = exact_rate(medium.info.rate[0] / medium.info.rate[1])
    start = timecode_seconds(medium.info.timecode, rate) or Fraction(0)
    if available is not None:
        start = seconds_of(available.start_time)
    return start, medium.info.frames / rate, rate


def countings(reference: Any, located: Located, medium: Medium, clip_rate: Optional[float]) -> List[Counting]:
    """The ways a reference may count its medium, likeliest first.

    The reference's own range comes first; then the medium's timecode, 0 and the number of its first picture.

    Args:
        reference: the media reference, an object of OpenTimelineIO.
        located: the file that was found for a reference.
        medium: the medium as the engine describes it.
        clip_rate: of the clip, frames per second; None where it has none.
    """
    info = medium.info
    rate, unit = _rate_of(reference, located, medium, clip_rate)
    first = _first_of(reference, located, info)
    timecode = timecode_seconds(info.timecode, rate)
    base = Counting(Fraction(0), first, rate, unit)
    available = None if reference is None else reference.available_range
    stated = [] if available is None else _own_countings(base, seconds_of(available.start_time), timecode)
    return [*stated, *_countings_of_medium(base, info, timecode, has_range=available is not None)]


def _own_countings(base: Counting, origin: Fraction, timecode: Optional[Fraction]) -> List[Counting]:
    """By the reference's own range, and as if that left out the timecode or held it twice."""
    if not timecode:
        return [replace(base, origin=origin)]
    note = "its reference leaves out the medium's timecode, which its times count from"
    return [
        replace(base, origin=origin),
        replace(base, origin=origin + timecode, note=note),
        replace(base, origin=origin - timecode, note=note),
    ]


def _countings_of_medium(
    base: Counting, info: MediaInfo, timecode: Optional[Fraction], has_range: bool
) -> List[Counting]:
    """By the medium's timecode, from 0, and by the numbers of its pictures."""
    ways: List[Counting] = []
    if timecode is not None:
        note = "its reference counts otherwise than its times, which fit the medium's timecode"
        ways.append(replace(base, origin=timecode, first=info.first_frame, note=note if has_range else ""))
    note = "its reference counts otherwise than its times, which fit the medium counted from 0"
    ways.append(replace(base, note=note if has_range else ""))
    if base.first:
        note = "its times fit the numbers of the medium's pictures"
        ways.append(replace(base, origin=base.first / base.rate, note=note))
    return ways


def _first_of(reference: Any, located: Located, info: MediaInfo) -> int:
    """The picture at a reference's origin: the one it names; else the lowest, or its range's own number."""
    if located.first is not None:
        return located.first
    available = None if reference is None else reference.available_range
    if available is None or not located.numbers:
        return info.first_frame
    start, count = round(available.start_time.value), round(available.duration.value)
    is_part = 0 < count < len(located.numbers) and start + count - 1 <= located.numbers[-1]
    return start if is_part and start in located.numbers else info.first_frame


def choose_counting(
    ways: Iterable[Counting],
    medium: Medium,
    own_range: Callable[[Counting], Tuple[int, int]],
    has_range: bool,
) -> Counting:
    """The first way in which the clip lies in the medium, all of it; else the first in which some of it does.

    Args:
        ways: likeliest first.
        medium: the medium as the engine describes it.
        own_range: gives (first, stop) in frames for a way.
        has_range: the first way is the reference's own, which holds wherever it shows anything at all.

    Raises:
        ClipLeftOut: where the clip cannot be conformed.
    """
    ways = list(ways)
    info = medium.info
    if medium.is_still:
        return replace(ways[0], note="")
    partial: Optional[Counting] = None
    for index, way in enumerate(ways):
        first, stop = own_range(way)
        touches = first <= info.last_frame and stop > info.first_frame
        fits = first >= info.first_frame and stop - 1 <= info.last_frame
        if fits or (touches and has_range and index == 0):
            return way
        if touches and partial is None and not has_range:
            partial = way
    if partial is not None:
        return partial
    first, stop = own_range(ways[0])
    raise ClipLeftOut(
        f"it shows frames {first}-{stop - 1} of {medium.path}, which has"
        f" {info.first_frame}-{info.last_frame}; neither its timecode nor its numbers bring them there."
    )


def _rate_of(
    reference: Any, located: Located, medium: Medium, clip_rate: Optional[float]
) -> Tuple[Fraction, float]:
    """The rate frames are counted at, and the spelling of the reference's own times."""
    info = medium.info
    if info.variable_rate:
        raise ClipLeftOut(
            f"the rate of {medium.path} varies, so that no time names its frame; make it constant, for"
            " example with: ffmpeg -i IN -vf fps=24 OUT.mov"
        )
    media_rate = exact_rate(info.rate[0] / info.rate[1]) if info.rate[0] else None
    available = None if reference is None else reference.available_range
    if available is None:
        stated = _reference_rate(reference)
        spelt = stated or clip_rate
        rate = media_rate or (exact_rate(spelt) if spelt else None)
        if rate is None:
            raise ClipLeftOut(f"{medium.path} has no rate; give its reference an available range.")
        unit = clip_rate if clip_rate and exact_rate(clip_rate) == rate else float(rate)
        return rate, unit
    unit = available.start_time.rate
    named = exact_rate(unit)
    if media_rate is None or media_rate == named:
        return _counted_rate(reference, located, available, named, info.frames), unit
    counts_frames = round(available.duration.value) == info.frames
    return (named if counts_frames or located.numbers else media_rate), unit


def _counted_rate(reference: Any, located: Located, available: Any, named: Fraction, frames: int) -> Fraction:
    """Of pictures without a rate: the reference's own rate where its range is written in another's frames."""
    stated = _reference_rate(reference)
    if not located.numbers or not stated or exact_rate(stated) == named:
        return named
    if round(available.duration.value) == frames:
        return named
    counted = seconds_of(available.duration) * exact_rate(stated)
    return exact_rate(stated) if abs(counted - frames) < 1 else named


def _reference_rate(reference: Any) -> Optional[float]:
    """The rate of a sequence's reference, which many programs leave at 1."""
    rate = getattr(reference, "rate", 0.0)
    return float(rate) if rate and rate > 1 else None


def _locate_sequence(reference: Any, finder: Finder) -> Optional[Located]:
    if reference.frame_step != 1:
        raise ClipLeftOut(
            f"its pictures are in steps of {reference.frame_step}; only steps of 1 are conformed."
        )
    inner, head = os.path.split(reference.name_prefix)
    for base in finder.candidates(reference.target_url_base or "."):
        folder = native_path(os.path.join(base, inner)) if inner else base
        name, numbers = numbers_in(folder, head, reference.name_suffix)
        if name is not None:
            return Located(name.pattern, reference.start_frame, numbers=tuple(numbers))
    return None


def _locate_file(path: str, reference: Any, frames: int) -> Optional[Located]:
    pattern = split_pattern(path)
    if pattern is not None and not os.path.isfile(path):
        folder, head, tail, first = pattern
        return _sequence(numbers_in(folder, head, tail), first)
    if os.path.isdir(path):
        return Located(path)
    if is_picture(path):
        return _locate_picture(path, reference, frames)
    return Located(path) if os.path.isfile(path) else None


def _locate_picture(path: str, reference: Any, frames: int) -> Optional[Located]:
    """One picture, held; or the sequence that it stands for: EDLs name one picture of it."""
    available = reference.available_range
    is_long = available is None or round(available.duration.value) > 1
    parts = split_number(path)
    if parts is not None and is_long and frames > 1:
        folder, head, number, tail = parts
        name, numbers = numbers_in(folder, head, tail)
        following = _run_from(numbers, number)
        stem = os.path.splitext(os.path.basename(path))[0]
        digits = len(stem) - len(head) - (len(tail) - len(os.path.splitext(tail)[1]))
        if name is not None and following > 1 and (following >= frames or digits >= _PADDED):
            return _sequence((name, numbers), number)
    return Located(path, is_still=True) if os.path.isfile(path) else None


def _sequence(listed: Tuple[Optional[NumberedName], List[int]], first: Optional[int]) -> Optional[Located]:
    name, numbers = listed
    return None if name is None else Located(name.pattern, first, numbers=tuple(numbers))


def _run_from(numbers: List[int], start: int) -> int:
    """How many pictures follow each other from `start` on."""
    present, count = set(numbers), 0
    while start + count in present:
        count += 1
    return count


def _gaps(numbers: Tuple[int, ...]) -> frozenset[int]:
    if not numbers or numbers[-1] - numbers[0] + 1 == len(numbers):
        return frozenset()
    present = set(numbers)
    return frozenset(number for number in range(numbers[0], numbers[-1]) if number not in present)
