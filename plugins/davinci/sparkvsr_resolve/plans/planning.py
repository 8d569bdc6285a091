# SPDX-License-Identifier: Apache-2.0
"""From a timeline and what is asked to a plan. Nothing is rendered, nothing in Resolve is changed.

A clip that cannot be done exactly is left out with its reason: none is placed as if it ran at 100 %.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Callable, Mapping, Optional, Tuple

from ..exchange.facts import ItemFacts, MediaFacts, TimelineFacts
from ..runs.memory import Memory
from . import framing
from .clip_plans import ClipPlan, RunPlan
from .kinds import RENDERED, kind_of, reason_to_leave_out
from .markers import marked_frames
from .rates import rate_of
from .scopes import items_in, marked_range
from .source_files import SourceFile, source_file
from .spans import NORMAL, Retime, Span, first_shown, original_media, retime_of, span_of
from .speeds import Place, Speed, speed_of
from .wishes import Wishes

NO_TAKE = "a take cannot hold that; place the result on a track or as a timeline"


@dataclasses.dataclass(frozen=True)
class MediumFacts:
    """The engine's description of a file. frames: all of it. problem: why it cannot open it."""

    frames: int = 0
    width: int = 0
    height: int = 0
    problem: str = ""


Describe = Callable[[str], MediumFacts]


@dataclasses.dataclass(frozen=True)
class Knowledge:
    """Where a plan looks things up. describe: the engine's word on a file. export: speeds by the timeline's
    export.
    """

    describe: Describe
    export: Callable[[], Mapping[Place, Speed]]
    memory: Memory


def plan_run(timeline: TimelineFacts, wishes: Wishes, knowledge: Knowledge) -> RunPlan:
    """The plan of a run. Raises Refused where its scope is empty or cannot be read."""
    if wishes.place == "timeline":
        # A new timeline holds every clip.
        wishes = dataclasses.replace(wishes, scope="timeline")
    items = items_in(timeline, wishes.scope, wishes.track)
    clips = tuple(plan_clip(item, timeline, wishes, knowledge) for item in items)
    return RunPlan(timeline, clips, wishes.place, _run_warnings(wishes, clips))


def plan_clip(item: ItemFacts, timeline: TimelineFacts, wishes: Wishes, knowledge: Knowledge) -> ClipPlan:
    """The plan of one clip."""
    kind = kind_of(item)
    media = original_media(item)
    reason = reason_to_leave_out(kind) or _reason_by_medium(item, media, knowledge)
    if reason or media is None:
        return ClipPlan(item, kind, "skip", reason)
    if kind in RENDERED:
        return _rendered(item, kind, f"is a {kind} clip without a file", timeline, wishes)
    source = source_file(media)
    if source.is_missing:
        return ClipPlan(item, kind, "skip", source.reason)
    return _with_file(item, kind, media, source, timeline, wishes, knowledge)


def _reason_by_medium(item: ItemFacts, media: Optional[MediaFacts], knowledge: Knowledge) -> str:
    if media is None:
        return "has no medium"
    if knowledge.memory.is_result(media.path) and not item.takes:
        return "is a result already; upscale the clip that it was made of"
    return ""


def _with_file(
    item: ItemFacts,
    kind: str,
    media: MediaFacts,
    source: SourceFile,
    timeline: TimelineFacts,
    wishes: Wishes,
    knowledge: Knowledge,
) -> ClipPlan:
    retime: Optional[Retime] = None
    unfit = source.reason or _retimed(item, media, timeline, knowledge)
    if unfit and wishes.place == "take" and not source.reason:
        retime, unfit = _take_retime(item, media, timeline, knowledge, unfit)
    if unfit and wishes.place == "timeline" and not source.reason:
        return ClipPlan(item, kind, "path", unfit, item.start, item.duration, source)
    medium = MediumFacts() if unfit else knowledge.describe(source.path)
    if medium.problem:
        unfit = f"cannot be opened by the engine ({medium.problem})"
    if unfit:
        return _rendered(item, kind, unfit, timeline, wishes)
    return _by_path(_Clip(item, kind, media, source, medium, retime), timeline, wishes, knowledge)


@dataclasses.dataclass(frozen=True)
class _Clip:
    item: ItemFacts
    kind: str
    media: MediaFacts
    source: SourceFile
    medium: MediumFacts
    retime: Optional[Retime] = None

    @property
    def begin(self) -> int:
        """Frame of the medium, from 0, at the clip's start."""
        return self.retime.begin if self.retime is not None else first_shown(self.item)

    def frames(self, duration: int) -> int:
        """How many frames of the medium it runs over in this many of the timeline."""
        return self.retime.frames(duration) if self.retime is not None else duration


def _take_retime(
    item: ItemFacts, media: MediaFacts, timeline: TimelineFacts, knowledge: Knowledge, unfit: str
) -> Tuple[Optional[Retime], str]:
    """The retime that a take can hold, or why it cannot: then as `unfit` has it."""
    media_rate, record_rate = rate_of(media.get("FPS")), rate_of(timeline.rate)
    if media_rate is None or media_rate != record_rate:
        return None, unfit
    speed = speed_of(item, media_rate, media_rate, knowledge.export)
    retime = retime_of(item, speed, knowledge.export(), knowledge.memory)
    return (retime, "") if isinstance(retime, Retime) else (None, retime)


def _retimed(item: ItemFacts, media: MediaFacts, timeline: TimelineFacts, knowledge: Knowledge) -> str:
    """Why a clip does not show its medium frame by frame; empty where it does."""
    media_rate, record_rate = rate_of(media.get("FPS")), rate_of(timeline.rate)
    if media_rate is None or record_rate is None:
        return "has no frame rate"
    speed = speed_of(item, media_rate, record_rate, knowledge.export)
    if not speed.is_normal:
        return speed.sentence
    if media_rate != record_rate:
        return f"runs at {float(media_rate):g} frames per second in a timeline of {float(record_rate):g}"
    return ""


def _rendered(item: ItemFacts, kind: str, reason: str, timeline: TimelineFacts, wishes: Wishes) -> ClipPlan:
    """A clip through the Deliver page; only a track can take it."""
    if wishes.place == "take":
        return ClipPlan(item, kind, "skip", f"{reason}; {NO_TAKE}")
    if wishes.place == "timeline":
        return ClipPlan(item, kind, "skip", f"{reason}; it stays as it is")
    first, last = _record_span(item, timeline, wishes)
    frames = Span(0, item.duration - 1, 0, item.duration - 1)
    # Its own markers count in its medium, which is not what is rendered.
    unmarked = dataclasses.replace(item, markers=())
    keyframes = marked_frames(unmarked, timeline, frames, wishes.keys).keyframes
    warnings = [f"{item.name} is rendered as it is seen: its grade and effects are part of the result."]
    if item.markers:
        warnings.append(f"Markers on {item.name} itself are ignored; set them on the timeline.")
    return ClipPlan(
        item,
        kind,
        "render",
        reason,
        record=first,
        frames=last - first,
        keyframes=tuple(item.start + frame for frame in keyframes if first <= item.start + frame < last),
        warnings=tuple(warnings),
    )


def _by_path(clip: _Clip, timeline: TimelineFacts, wishes: Wishes, knowledge: Knowledge) -> ClipPlan:
    item, source, retime = clip.item, clip.source, clip.retime
    speed = retime.speed if retime is not None else NORMAL
    record, stop = _record_span(item, timeline, wishes)
    begin = clip.begin + record - item.start
    handles = math.ceil(wishes.handles * speed)
    span = span_of(begin, clip.frames(stop - record), clip.medium.frames, handles)
    marked = marked_frames(item, timeline, _whole(clip), wishes.keys, retime)
    keyframes = tuple(
        source.first + frame for frame in marked.keyframes if span.shown_first <= frame <= span.shown_last
    )
    size = (clip.medium.width, clip.medium.height)
    after = result_size(size, wishes.options)
    is_reframed = wishes.place == "take" and framing.reframes(item, timeline, size, after)
    takes = [take.media.path for take in item.takes if take.media is not None]
    return ClipPlan(
        item,
        clip.kind,
        "path",
        record=record,
        frames=stop - record,
        source=source,
        span=span,
        keyframes=keyframes,
        speed=speed,
        scaling=framing.FIT if is_reframed and wishes.fit else -1,
        warnings=_clip_warnings(clip, span, marked.ignored, is_reframed and not wishes.fit, (size, after)),
        earlier=knowledge.memory.latest_of(item.uid, takes, source.path),
    )


def _whole(clip: _Clip) -> Span:
    first, last = clip.begin, clip.begin + clip.frames(clip.item.duration) - 1
    return Span(first, last, first, last)


def _record_span(item: ItemFacts, timeline: TimelineFacts, wishes: Wishes) -> Tuple[int, int]:
    """Record frames that get a result, the end exclusive: a take is a whole clip, a track holds a part."""
    if wishes.scope != "range" or wishes.place == "take":
        return item.start, item.end
    first, last = marked_range(timeline)
    return max(first, item.start), min(last, item.end)


def _clip_warnings(
    clip: _Clip,
    span: Span,
    ignored: Tuple[str, ...],
    is_reframed: bool,
    sizes: Tuple[framing.Size, framing.Size],
) -> Tuple[str, ...]:
    name, warnings = clip.item.name, []
    if clip.retime is not None:
        warnings.append(
            f"{name} is retimed ({clip.retime.percent}): its take must run at the same speed, which is read"
            " back. Where Resolve does not keep the speed, the take is removed and its result stays a file."
        )
    if is_reframed:
        warnings.append(framing.warning(name, *sizes))
    if span.missing:
        warnings.append(f"{name}: its medium is {span.missing} frames short of what the clip shows.")
    if ignored:
        listed = ", ".join(ignored)
        warnings.append(f"{name}: markers outside of what it shows are ignored: {listed}.")
    level = clip.media.get("Data Level")
    if level not in ("", "Auto"):
        warnings.append(f"{name}: its Data Level is set to {level}; the engine goes by the file's own tag.")
    if clip.media.get("Super Scale") not in ("", "0", "1", "None"):
        warnings.append(f"{name}: Super Scale is on; switch it off for the result.")
    return tuple(warnings)


def _run_warnings(wishes: Wishes, clips: Tuple[ClipPlan, ...]) -> Tuple[str, ...]:
    warnings = []
    if wishes.place == "timeline":
        warnings.append(
            "Grades do not travel into an imported timeline; copy them with ColorTrace, or use takes."
        )
    if wishes.place == "track" and not wishes.copies_grades:
        warnings.append("Clips on the new track have no grade.")
    if wishes.place == "take" and wishes.scope == "range" and any(clip.route == "path" for clip in clips):
        warnings.append("A take is a whole clip: frames outside of the marked range are rendered, too.")
    return tuple(warnings)


def result_size(size: framing.Size, options: Mapping[str, Any]) -> framing.Size:
    """The size of a result in pixels."""
    width, height = int(options.get("width", 0) or 0), int(options.get("height", 0) or 0)
    if width and height:
        return width, height
    scale = float(options.get("scale", 4.0))
    return round(size[0] * scale), round(size[1] * scale)
