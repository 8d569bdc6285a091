"""From a timeline to what is to be rendered: the plan, made before a single frame is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Tuple

from .library import otio
from .media_files.linking import MediaFolder
from .media_files.media import (
    Describe,
    Located,
    MediaShelf,
    choose_counting,
    countings,
    locate,
    reference_of,
    text_of,
    whole_of,
)
from .media_files.paths import Finder, is_absolute, readings
from .records import ClipLeftOut, ClipPlan, ConformPlan, ConformWishes, Counting, Medium, SkippedClip
from .timing import TimeUnusable, timecode_seconds
from .uses.keyframes import ConformedClip, keyframes_of
from .uses.ranges import Trim, core_frames, speed_of, trim_of, used_range
from .uses.shots import merge
from .uses.walking import ClipUse, is_warped, nests, walk

_MANY_FRAMES = 2


@dataclass
class _Draft:
    """A plan as it grows; clips by their index in the walk."""

    uses: Dict[int, ClipPlan] = field(default_factory=dict[int, ClipPlan])
    clips: Dict[int, ConformedClip] = field(default_factory=dict[int, ConformedClip])
    without: List[Any] = field(default_factory=list[Any])
    skipped: List[SkippedClip] = field(default_factory=list[SkippedClip])
    notes: List[str] = field(default_factory=list[str])


def plan_conform(root: Any, folder: str, wishes: ConformWishes, describe: Describe) -> ConformPlan:
    """Everything to render for a timeline, and every clip without a result.

    Raises ConnectionFailed when the engine went away; all else is a reason of a clip.

    Args:
        root: what a file held.
        folder: where the file lies.
        wishes: how to conform.
        describe: asks the engine for a medium's MediaInfo.
    """
    planner = _ClipPlanner(folder, wishes, describe)
    draft = _Draft()
    silent = {"generator": 0, "disabled clip": 0}
    for index, use in enumerate(walk(root)):
        kind = _without_picture(use)
        if kind:
            silent[kind] += 1
            draft.without.append(use.clip)
            continue
        planner.take(index, use, draft)
    _add_keyframes(root, wishes, draft)
    warped = [f"'{nest.name}'" for nest in nests(root) if is_warped(nest)]
    if warped:
        draft.notes.append(f"the speed of nests only chooses among their clips' frames: {', '.join(warped)}")
    counted = [f"{count} {kind}{'s' * (count > 1)}" for kind, count in silent.items() if count]
    if counted:
        draft.notes.append(f"left as they are: {' and '.join(counted)}")
    return ConformPlan(merge(draft.uses.values()), tuple(draft.skipped), tuple(draft.notes))


class _ClipPlanner:
    """Plans one clip after the other."""

    def __init__(self, folder: str, wishes: ConformWishes, describe: Describe) -> None:
        self._finder = Finder(folder, wishes.maps)
        self._shelf = MediaShelf(describe)
        self._media = MediaFolder(wishes.media) if wishes.media else None
        self._wishes = wishes

    def take(self, index: int, use: ClipUse, draft: _Draft) -> None:
        """Plan a clip, or note why it is left out."""
        name = use.clip.name or f"clip {index + 1}"
        try:
            conformed = self._conformed(use, name)
        except ClipLeftOut as problem:
            draft.skipped.append(SkippedClip(name, problem.reason))
            draft.without.append(use.clip)
            return
        except TimeUnusable as problem:
            draft.skipped.append(SkippedClip(name, f"{problem}."))
            draft.without.append(use.clip)
            return
        medium, clip = conformed
        draft.uses[index] = ClipPlan(
            index, name, medium, clip.counting, clip.used, is_relative=self._is_relative(use.clip)
        )
        draft.clips[index] = clip
        draft.notes += _notes_of(clip, self._wishes.handles)

    def _conformed(self, use: ClipUse, name: str) -> Tuple[Medium, ConformedClip]:
        # A curve is the reason to name, wherever the medium lies.
        speed_of(use.clip)
        reference = reference_of(use.clip)
        located = self._located(use, reference)
        medium = self._shelf.medium(located)
        trim = trim_of(use.clip, whole_of(reference, medium))
        source = use.clip.source_range
        rate = None if source is None else float(source.start_time.rate)
        linked = reference if reference is not None and _leads_somewhere(reference) else None
        ways = countings(linked, located, medium, rate)
        has_range = linked is not None and linked.available_range is not None
        counting = choose_counting(ways, medium, lambda way: core_frames(trim, way), has_range)
        used = used_range(trim, use, counting, medium, self._wishes.handles)
        return medium, ConformedClip(use, trim, counting, used, name)

    def _located(self, use: ClipUse, reference: Any) -> Located:
        text = "" if reference is None else text_of(reference)
        located = None if reference is None else locate(reference, self._finder, _frames_about(use.clip))
        if located is not None:
            return located
        if self._media is not None:
            trim = trim_of(use.clip, whole_of(reference, None))
            return self._media.link(use.clip, text, lambda candidate: self._holds(candidate, trim, use))
        if not text:
            raise ClipLeftOut("its medium is missing: the timeline names no file; link it with --media DIR.")
        raise ClipLeftOut(
            f"its medium {text} is not there; name where it lies with --map FROM=TO or --media DIR."
        )

    def _is_relative(self, clip: Any) -> bool:
        reference = reference_of(clip)
        texts = readings(text_of(reference)) if reference is not None else []
        return bool(texts) and not any(is_absolute(text) for text in texts)

    def _holds(self, candidate: Located, trim: Trim, use: ClipUse) -> bool:
        """Whether a medium has the clip's frames under its own timecode; without one, under its numbers."""
        try:
            medium = self._shelf.medium(candidate)
            rate = float(use.clip.source_range.start_time.rate) if use.clip.source_range else None
            ways = countings(None, candidate, medium, rate)
        except (ClipLeftOut, TimeUnusable):
            return False
        timecoded = [way for way in ways if timecode_seconds(medium.info.timecode, way.rate) == way.origin]
        return any(_contains(medium, trim, way) for way in timecoded[:1] or ways)


def _contains(medium: Medium, trim: Trim, way: Counting) -> bool:
    first, stop = core_frames(trim, way)
    return medium.is_still or (first >= medium.info.first_frame and stop - 1 <= medium.info.last_frame)


def _leads_somewhere(reference: Any) -> bool:
    """A missing reference's range may be invented; one that names a file counts it."""
    return not isinstance(reference, otio.schema.MissingReference) or bool(text_of(reference))


def _without_picture(use: ClipUse) -> str:
    """What kind of clip it is where it cannot have a result, and nothing is wrong with that."""
    if not use.is_enabled:
        return "disabled clip"
    reference = reference_of(use.clip)
    return "generator" if isinstance(reference, otio.schema.GeneratorReference) else ""


def _frames_about(clip: Any) -> int:
    source = clip.source_range
    return max(round(source.duration.value), 1) if source is not None else _MANY_FRAMES


def _add_keyframes(root: Any, wishes: ConformWishes, draft: _Draft) -> None:
    tally = keyframes_of(root, draft.clips, draft.without, wishes.keys)
    for index, frames in tally.keyframes.items():
        draft.uses[index] = replace(draft.uses[index], keyframes=tuple(sorted(set(frames))))
    if tally.missed:
        draft.notes.append(
            "keyframe markers outside what their clips show are ignored: " + ", ".join(tally.missed)
        )
    if tally.ignored:
        keys = ", ".join(wishes.keys)
        are = "marker is no keyframe" if tally.ignored == 1 else "markers are no keyframes"
        draft.notes.append(f"{tally.ignored} {are} (--keys {keys}); ignored")


def _notes_of(clip: ConformedClip, handles: int) -> List[str]:
    notes: List[str] = []
    used = clip.used
    for short, end in ((used.short_head, "start"), (used.short_tail, "end")):
        if short:
            frames = "frame" if short == 1 else "frames"
            notes.append(
                f"{clip.name}: the medium is {short} {frames} short at the {end} of what the clip shows"
            )
    if used.short_handles:
        notes.append(
            f"{clip.name}: the medium ends within the {handles} handles: {used.short_handles} frames fewer"
        )
    if clip.counting.note:
        notes.append(f"{clip.name}: {clip.counting.note}")
    return notes


def total_frames(plan: ConformPlan) -> int:
    """Frames of all jobs.

    Args:
        plan: the conform's plan.
    """
    return sum(shot.frames for shot in plan.shots)
