"""What the steps of packing share: the source opened, and what was decided on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.plans.footage import Footage
from sparkvsr_engine.jobs.plans.session import frames_at_hand
from sparkvsr_engine.media.buffering.prefetch import PrefetchedSource
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.streams.encodings import TrackQuality
from sparkvsr_engine.streams.planning import StreamPlan
from sparkvsr_engine.streams.reducing import ReducedFrames


@dataclass(frozen=True)
class StreamChoice:
    """What is decided on the material: keyframes in the source's numbers, and quality."""

    keyframes: tuple[int, ...]
    quality: TrackQuality


@dataclass(frozen=True, eq=False)
class PackContext:
    """What the steps of packing share. pictures: frames of the source for both tracks."""

    config: EngineConfig
    plan: StreamPlan
    footage: Footage
    pictures: ReducedFrames
    folder: Path
    control: Control


@contextmanager
def opened(config: EngineConfig, plan: StreamPlan, folder: Path, control: Control) -> Iterator[PackContext]:
    """The source of a plan, open; frames that cannot be decoded show their neighbours, with a warning.

    Args:
        config: the engine's folders and limits.
        plan: what is packed and how.
        folder: an existing folder where finished parts of the tracks are kept.
        control: stops the work and takes its progress and warnings.
    """
    ahead, behind = frames_at_hand(plan.info)
    source = PrefetchedSource(open_source(plan.info, conceals=True), ahead, behind)
    with Footage(plan.info, source, plan.colour.to_model) as footage:
        pictures = ReducedFrames(footage, plan.colour, *plan.size, plan.encodings.base.sample)
        yield PackContext(config, plan, footage, pictures, folder, control)
        if footage.concealed:
            control.warn(
                f"{len(footage.concealed)} frames of {plan.info.path} cannot be decoded; they show their"
                " neighbours."
            )
