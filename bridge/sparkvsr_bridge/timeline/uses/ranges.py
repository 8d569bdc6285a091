"""Which frames of a medium a clip uses: trimmed, retimed, widened by dissolves and handles, clamped.

OpenTimelineIO's own ranges know no time effects. `source_range` starts in media time and lasts record time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Dict, Iterator, Optional, Tuple

from ..library import otio
from ..records import ClipLeftOut, Counting, Medium, UsedRange
from ..timing import exact_rate, frame_of, frames_until, seconds_of
from .walking import ClipUse

_OFF = ("false", "0", "none", "")
_CURVES = ("timewarp", "timeremap", "timeremapping", "speedchange", "retime", "velocity")


@dataclass(frozen=True)
class Trim:
    """What a clip takes: from `start` in media time, for `duration` of record time, in seconds.

    rate: of the record. speed: media time per record time, negative in reverse, 0 for a freeze.
    """

    start: Fraction
    duration: Fraction
    rate: Fraction
    speed: Fraction

    @property
    def media_range(self) -> Tuple[Fraction, Fraction]:
        """The media time it names, from and up to; of a reversed clip the end is shown first."""
        return self.start, self.start + abs(self.speed) * self.duration

    def media_time(self, offset: Fraction) -> Fraction:
        """What is shown `offset` after the clip's start.

        Args:
            offset: seconds.
        """
        if self.speed >= 0:
            return self.start + self.speed * offset
        return self.start - self.speed * (self.duration - 1 / self.rate - offset)


def speed_of(clip: Any) -> Fraction:
    """The constant speed a clip is shown at; raises ClipLeftOut for a curve.

    Args:
        clip: the clip, an object of OpenTimelineIO.
    """
    speed = Fraction(1)
    for effect in clip.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp):
            if not math.isfinite(effect.time_scalar):
                raise ClipLeftOut(f"its speed of {effect.time_scalar} cannot be counted with.")
            speed *= Fraction(effect.time_scalar).limit_denominator(10_000_000)
        elif isinstance(effect, otio.schema.TimeEffect) or _is_curve(effect):
            name = effect.effect_name or effect.name or type(effect).__name__
            raise ClipLeftOut(
                f"its speed follows a curve ({name}), which is not conformed; bake it into the medium, or"
                " make the speed constant."
            )
    return speed


def trim_of(clip: Any, whole: Optional[Tuple[Fraction, Fraction, Fraction]]) -> Trim:
    """What a clip takes.

    Args:
        clip: the clip, an object of OpenTimelineIO.
        whole: start, duration and rate of its medium where neither clip nor reference has them.

    Raises:
        ClipLeftOut: where the clip cannot be conformed.
    """
    source = clip.source_range
    if source is not None:
        start, duration = seconds_of(source.start_time), seconds_of(source.duration)
        rate = exact_rate(source.duration.rate)
    elif whole is not None:
        start, duration, rate = whole
    else:
        raise ClipLeftOut("neither it nor its medium has a length.")
    if duration <= 0:
        raise ClipLeftOut("it has no length.")
    return Trim(start, duration, rate, speed_of(clip))


def shown_stretch(trim: Trim, use: ClipUse) -> Tuple[Fraction, Fraction]:
    """The media time a clip shows, from and up to; dissolves included.

    Args:
        trim: what the clip takes of its medium.
        use: the clip's use in the timeline.
    """
    speed = abs(trim.speed)
    low, high = trim.media_range
    if trim.speed > 0:
        return low - speed * use.head, high + speed * use.tail
    # Nobody defines which end of its range a reversed clip starts at: some programs write the range that is
    # shown backwards, others the frame that is shown first. Both are in.
    return trim.start - speed * (trim.duration + use.tail), high + speed * use.head


def shown_frames(trim: Trim, use: ClipUse, counting: Counting) -> Tuple[int, int]:
    """The first frame the record shows and the one after the last, before clamping; dissolves included.

    Args:
        trim: what the clip takes of its medium.
        use: the clip's use in the timeline.
        counting: how the reference counts the medium's frames.
    """
    if trim.speed == 0:
        frame = _number(trim.start, counting)
        return frame, frame + 1
    return _frames_between(*shown_stretch(trim, use), trim, counting)


def core_frames(trim: Trim, counting: Counting) -> Tuple[int, int]:
    """The first frame of the clip's own range and the one after its last, before anything widens it.

    Args:
        trim: what the clip takes of its medium.
        counting: how the reference counts the medium's frames.
    """
    return _frames_between(*trim.media_range, trim, counting)


def _frames_between(low: Fraction, high: Fraction, trim: Trim, counting: Counting) -> Tuple[int, int]:
    """The first frame of a stretch of media time and the one after its last.

    The length is counted from the first frame, so that the noise of its start adds no frame at its end.
    """
    first = _number(low, counting)
    stop = first + max(frames_until(high - low, counting.rate), 1)
    sampled = _number(high - abs(trim.speed) / trim.rate, counting)
    return first, max(stop, sampled + 1)


def used_range(trim: Trim, use: ClipUse, counting: Counting, medium: Medium, handles: int) -> UsedRange:
    """The frames to render for a clip; raises ClipLeftOut where the medium has none of those it shows.

    Args:
        trim: what the clip takes of its medium.
        use: the clip's use in the timeline.
        counting: how the reference counts the medium's frames.
        medium: the medium as the engine describes it.
        handles: frames to add on either side.
    """
    first, stop = shown_frames(trim, use, counting)
    info = medium.info
    if medium.is_still:
        return UsedRange(info.first_frame, info.first_frame, info.first_frame, info.first_frame)
    shown_first, shown_last = max(first, info.first_frame), min(stop - 1, info.last_frame)
    if shown_first > shown_last:
        raise ClipLeftOut(
            f"it shows frames {first}-{stop - 1} of {medium.path}, which has"
            f" {info.first_frame}-{info.last_frame}."
        )
    _require_whole(medium, shown_first, shown_last)
    margin = _margin(trim, counting, handles)
    wanted_last = max(shown_last + margin, _spare_frame(trim, use, counting, shown_last))
    low, high = _within(medium, shown_first - margin, wanted_last, (shown_first, shown_last))
    return UsedRange(
        first=low,
        last=high,
        shown_first=shown_first,
        shown_last=shown_last,
        short_head=shown_first - first,
        short_tail=stop - 1 - shown_last,
        short_handles=max(2 * margin - (shown_first - low) - (high - shown_last), 0),
    )


def _number(seconds: Fraction, counting: Counting) -> int:
    return counting.first + frame_of(seconds - counting.origin, counting.rate)


def _spare_frame(trim: Trim, use: ClipUse, counting: Counting, shown_last: int) -> int:
    """The frame after the last that a retimed clip samples: without it some programs end in black."""
    if trim.speed in (-1, 0, 1):
        return shown_last
    _, high = shown_stretch(trim, use)
    return _number(high - abs(trim.speed) / trim.rate, counting) + 1


def _margin(trim: Trim, counting: Counting, handles: int) -> int:
    """Handles in frames of the medium: as many of its own, and enough for as many of the record's."""
    if trim.speed == 0:
        return 0
    of_record = Fraction(handles) / trim.rate * counting.rate
    return math.ceil(abs(trim.speed) * max(Fraction(handles), of_record))


def _require_whole(medium: Medium, first: int, last: int) -> None:
    missing = sorted(number for number in medium.missing if first <= number <= last)
    if missing:
        named = ", ".join(str(number) for number in missing[:8]) + (" and more" if len(missing) > 8 else "")
        raise ClipLeftOut(f"pictures {named} of {medium.path} are missing; supply them.")


def _within(medium: Medium, low: int, high: int, clip_range: Tuple[int, int]) -> Tuple[int, int]:
    """The handles that are there: up to the medium's ends, and up to a missing picture."""
    low, high = max(low, medium.info.first_frame), min(high, medium.info.last_frame)
    before = [number for number in medium.missing if low <= number < clip_range[0]]
    after = [number for number in medium.missing if clip_range[1] < number <= high]
    return max(before, default=low - 1) + 1, min(after, default=high + 1) - 1


def _is_curve(effect: Any) -> bool:
    """Whether an effect of no time schema changes the speed nevertheless, as FCP 7's Time Remap does."""
    names = [effect.effect_name, effect.name]
    for block in blocks_of(effect):
        names += [block.get("effectid"), block.get("name")]
        if _plain(block.get("effectid")) in _CURVES and _is_still_speed(block):
            return False
    return any(_plain(name) in _CURVES for name in names)


def _plain(name: Any) -> str:
    return str(name or "").lower().replace(" ", "").replace("_", "")


def _is_still_speed(block: Any) -> bool:
    """Whether a Time Remap changes nothing: DaVinci Resolve writes one on every clip."""
    parameters: Any = block.get("parameter") or ()
    values: Dict[str, str] = {}
    for parameter in (parameters,) if hasattr(parameters, "get") else parameters:
        if hasattr(parameter, "get"):
            values[_plain(parameter.get("parameterid"))] = str(parameter.get("value")).lower()
    moves = [values.get(name, "false") for name in ("variablespeed", "reverse")]
    return values.get("speed") in ("100", "100.0") and all(value in _OFF for value in moves)


def blocks_of(item: Any) -> Iterator[Any]:
    """The parts of an object's metadata that are tables.

    Args:
        item: an object of OpenTimelineIO.
    """
    for block in dict(item.metadata).values():
        if hasattr(block, "get"):
            yield block
