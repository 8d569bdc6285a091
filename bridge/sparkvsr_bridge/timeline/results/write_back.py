"""Results put into a timeline as further references of their clips; everything else stays as it was.

An alternate counts in its source's own time base, so that activating it moves nothing. Every reference that
is set is a copy: OpenTimelineIO 0.18.1 crashes on writing where a clip's own are put back while one is held.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, List, Optional

from ...system.windows_names import without_prefix
from ..library import otio
from ..media_files.media import base_key
from ..records import KEY, ClipPlan, ConformWishes
from ..timing import exact_rate
from ..uses.walking import walk


@dataclass(frozen=True)
class ShotResult:
    """Where a job's frames lie: `head`, the number padded to `digits`, `tail` in `folder`; or a movie.

    first, last: in the source's own numbers, inclusive. movie: its path, empty for numbered pictures.
    """

    folder: str
    head: str
    digits: int
    tail: str
    first: int
    last: int
    movie: str = ""

    def path_of(self, number: int) -> str:
        """The file of a frame.

        Args:
            number: the frame's number.
        """
        return self.movie or os.path.join(self.folder, f"{self.head}{number:0{self.digits}d}{self.tail}")


@dataclass(frozen=True)
class ClipResult:
    """A clip's use with the job's frames it may show, and what was asked for."""

    use: ClipPlan
    result: ShotResult


def write_back(root: Any, results: Dict[int, ClipResult], wishes: ConformWishes) -> None:
    """Put results into the clips of a timeline, by their index in its walk; changed in place.

    Args:
        root: a timeline or another object of OpenTimelineIO.
        results: by the clip's index in the walk.
        wishes: how to conform.
    """
    clips = [use.clip for use in walk(root)]
    for index, entry in results.items():
        add_alternate(clips[index], entry, wishes.activate)


def add_alternate(clip: Any, entry: ClipResult, is_active: bool) -> None:
    """One more reference of a clip, under the name of this program.

    Args:
        clip: the clip, an object of OpenTimelineIO.
        entry: the clip's result.
        is_active: whether the clip shows it.
    """
    source_key = base_key(clip)
    references = copies_of(clip)
    references[KEY] = result_reference(references.get(source_key), entry, source_key)
    # An empty or absent active key means the default one; it is left so unless the result is to be active.
    active = clip.active_media_reference_key
    if is_active:
        active = KEY
    elif active not in references:
        references.setdefault(active or otio.schema.Clip.DEFAULT_MEDIA_KEY, otio.schema.MissingReference())
    clip.set_media_references(references, active or otio.schema.Clip.DEFAULT_MEDIA_KEY)


def copies_of(clip: Any) -> Dict[str, Any]:
    """A clip's references, each a copy.

    Args:
        clip: the clip, an object of OpenTimelineIO.
    """
    return {key: reference.clone() for key, reference in clip.media_references().items()}


def result_reference(source: Optional[Any], entry: ClipResult, source_key: str, is_bare: bool = False) -> Any:
    """The reference to a result.

    Args:
        source: the reference it was made from.
        entry: the clip's result.
        source_key: key of the source's reference in the clip.
        is_bare: paths instead of URLs.
    """
    use, result = entry.use, entry.result
    common = {
        "metadata": _metadata(entry, source_key),
        "available_image_bounds": None if source is None else source.available_image_bounds,
    }
    spell = str if is_bare else url_of
    if use.medium.is_still:
        common["available_range"] = None if source is None else source.available_range
        return otio.schema.ExternalReference(target_url=spell(result.path_of(result.first)), **common)
    common["available_range"] = available_range(use, result)
    if result.movie:
        return otio.schema.ExternalReference(target_url=spell(result.movie), **common)
    return _sequence_reference(entry, spell(result.folder) + ("" if is_bare else "/"), common)


def _metadata(entry: ClipResult, source_key: str) -> Dict[str, Any]:
    use, result = entry.use, entry.result
    values = {
        "source": use.medium.path,
        "source_key": source_key,
        "first_frame": result.first,
        "last_frame": result.last,
        "keyframes": list(use.keyframes),
    }
    return {KEY: values}


def _sequence_reference(entry: ClipResult, url_base: str, common: Dict[str, Any]) -> Any:
    result = entry.result
    return otio.schema.ImageSequenceReference(
        target_url_base=url_base,
        name_prefix=result.head,
        name_suffix=result.tail,
        start_frame=result.first,
        frame_step=1,
        rate=float(entry.use.counting.rate),
        frame_zero_padding=result.digits,
        missing_frame_policy=otio.schema.ImageSequenceReference.MissingFramePolicy.error,
        **common,
    )


def available_range(use: ClipPlan, result: ShotResult) -> Any:
    """The result's frames in the time base of the source's reference, spelt as that spells it.

    Args:
        use: the clip's plan.
        result: files and frames of the shot.
    """
    counting = use.counting
    start = counting.origin + Fraction(result.first - counting.first) / counting.rate
    length = Fraction(result.last - result.first + 1) / counting.rate
    unit = _unit_of(use, start)
    exact = exact_rate(unit)
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(float(start * exact), unit),
        otio.opentime.RationalTime(float(length * exact), unit),
    )


def _unit_of(use: ClipPlan, start: Fraction) -> float:
    """The source's own rate; the medium's where its frames fall between those of the source's times."""
    unit, rate = use.counting.unit, use.counting.rate
    if exact_rate(unit) == rate or (start * exact_rate(unit)).denominator == 1:
        return unit
    return float(rate) if (start * rate).denominator == 1 else unit


def url_of(path: str) -> str:
    """A file's URL, escaped.

    Args:
        path: of the file.
    """
    return Path(without_prefix(path)).as_uri()


def parent_tracks(root: Any) -> List[Any]:
    """Every track that holds clips of the walk directly, each once, in order.

    Args:
        root: a timeline or another object of OpenTimelineIO.
    """
    tracks: List[Any] = []
    for use in walk(root):
        holder = use.places[-1].composition if use.places else None
        if isinstance(holder, otio.schema.Track) and not any(holder is track for track in tracks):
            tracks.append(holder)
    return tracks
