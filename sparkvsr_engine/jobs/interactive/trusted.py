"""What is known of a rendered version's trust in its keyframes: per frame, as a picture, where to add one.

Looks files up, renders nothing: safe for the daemon's helper threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import InvalidSettings, StateConflict
from sparkvsr_bridge.media import ImageRef, PixelFormat
from sparkvsr_bridge.pictures import image_ref
from sparkvsr_bridge.reports import KeyframeChoice
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.keyframe_choice.keyframes import ChosenKeyframe, suggest_next
from sparkvsr_engine.core.keyframe_choice.signals import FrameSignals
from sparkvsr_engine.core.shots import shots_of
from sparkvsr_engine.jobs.plans.analysis import stored_analysis
from sparkvsr_engine.jobs.plans.chunks import shot_chunks
from sparkvsr_engine.jobs.plans.footage import Footage
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.plans.planning import analysed_span
from sparkvsr_engine.jobs.plans.session import require_same_source
from sparkvsr_engine.jobs.storage.confidence import ChunkConfidence, ConfidenceStore, heat_map
from sparkvsr_engine.jobs.storage.records import JobVersion
from sparkvsr_engine.media.base import ClipInfo, ColourWish
from sparkvsr_engine.media.colour import plan_colour
from sparkvsr_engine.media.images import write_alone
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.models.registry import open_planner
from sparkvsr_engine.storage.disk_cache import DiskCache

_LONGEST_SIDE = 1920


@dataclass(frozen=True)
class FrameTrust:
    """Mean trust, 0..1, of the frames it is known of, in order."""

    frames: tuple[int, ...]
    trust: tuple[float, ...]


class RenderedVersion:
    """A version with a plan; raises StateConflict where there is none yet."""

    def __init__(self, config: EngineConfig, version: JobVersion) -> None:
        if version.plan is None:
            raise StateConflict(f"Job {version.job} has not settled its keyframes yet; ask once it renders.")
        self._config = config
        self._spec = version.spec
        self._job = version.job
        self.plan = JobPlan.from_dict(version.plan)
        self._confidence_store = ConfidenceStore(DiskCache(config.cache_folder, config.cache_budget_bytes))

    def trust(self) -> FrameTrust:
        """What was measured on frames rendered so far."""
        trust = {at: value for chunk in self._confidences() for at, value in chunk.trust.items()}
        return FrameTrust(tuple(sorted(trust)), tuple(round(trust[at], 4) for at in sorted(trust)))

    def heat(self, frame: int) -> NDArray[np.uint8]:
        """A source frame under colours of trust, uint8 [H, W, 3]; raises StateConflict without."""
        measured = self._confidence_at(frame)
        if measured is None:
            raise StateConflict(
                f"There is no trust stored for frame {frame} of job {self._job}; render the frame first."
            )
        with self._footage(self._info()) as footage:
            picture = footage.thumbnail(frame, _LONGEST_SIDE)
        return heat_map(picture, measured.maps.get(frame))

    def next_keyframes(self, count: int, among: Sequence[int] = ()) -> tuple[KeyframeChoice, ...]:
        """Frames where one more keyframe helps most, the best first; none where none would help.

        among: frames to choose from, all where there are none.
        Raises InvalidSettings for a count below one, KeyframeRejected for a frame outside the range.
        """
        if count < 1:
            raise InvalidSettings(f"the count is {count}; ask for one keyframe or more.")
        info = self._info()
        signals = self._signals(info)
        shots = shots_of(self.plan.span, [shot.start for shot in self.plan.shots])
        keyframes = [keyframe.frame for keyframe in self.plan.keyframes if keyframe.frame in self.plan.span]
        choices: list[KeyframeChoice] = []
        while len(choices) < count:
            chosen = suggest_next(shots, signals, keyframes, among=among)
            if chosen is None:
                break
            measured = self._confidence_at(chosen.frame)
            trust = None if measured is None else measured.trust[chosen.frame]
            choices.append(_choice_of(chosen, trust, info))
            keyframes = sorted([*keyframes, chosen.frame])
        return tuple(choices)

    def cuts(self) -> tuple[int, ...]:
        """First frames of the range's shots but the first."""
        return tuple(shot.start for shot in self.plan.shots if shot.start in self.plan.span)[1:]

    def _signals(self, info: ClipInfo) -> FrameSignals:
        """As the job's analysis found them; all frames alike where it was forgotten."""
        whole = analysed_span(info)
        analysis = stored_analysis(info, whole, self._config.cache_folder / "analysis")
        return (
            FrameSignals.unmeasured(self.plan.span)
            if analysis is None
            else analysis.signals.within(self.plan.span)
        )

    def _confidence_at(self, frame: int) -> ChunkConfidence | None:
        """What was measured of the chunk of one frame, None where the frame's trust is not known."""
        return next((chunk for chunk in self._confidences(frame) if frame in chunk.trust), None)

    def _confidences(self, frame: int | None = None) -> Iterator[ChunkConfidence]:
        """What was measured, chunk by chunk; of the chunk of one frame only where it is given."""
        planner = open_planner(self._spec.settings.model, self._config.models_folder, self.plan.options)
        for shot in shot_chunks(planner, self.plan):
            for chunk in shot.chunks:
                if frame is None or frame in chunk.span:
                    confidence = self._confidence_store.load(self.plan.chunk_key(chunk))
                    if confidence is not None:
                        yield confidence

    def _info(self) -> ClipInfo:
        info = probe(self._spec.source)
        require_same_source(self.plan, info)
        return replace(info, reading=self.plan.reading)

    def _footage(self, info: ClipInfo) -> Footage:
        colour = plan_colour(info, "seen.png", info.sample, ColourWish.of_source(self._spec.settings))
        return Footage(replace(info, span=info.available), open_source(info, conceals=True), colour.to_model)


def _choice_of(chosen: ChosenKeyframe, measured: float | None, info: ClipInfo) -> KeyframeChoice:
    """measured: trust of the render on this frame, None where it is not known."""
    here = "" if measured is None else f"keyframes are trusted by {measured:.2f} here; "
    seconds = float((chosen.frame - info.available.first) / info.rate) if info.rate else None
    return KeyframeChoice(chosen.frame, f"{here}{chosen.reason}", chosen.gain, seconds)


def heat_image(pixels: NDArray[np.uint8], target: str) -> ImageRef:
    """A heat map as a reply carries it: written to `target`, or in memory where that is empty."""
    if target:
        write_alone(target, pixels)
        return ImageRef(path=target)
    height, width, channels = pixels.shape
    return image_ref(pixels, PixelFormat(width, height, channels))
