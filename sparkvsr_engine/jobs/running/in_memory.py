"""One shot of frames in memory, restored as a job restores it; nothing is read, written or kept.

Keyframes are checked, aligned, locked and weighed as supplied files are. What a job does beyond a shot (cuts,
choosing and making keyframes, colour of files) is not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sparkvsr_bridge.errors import KeyframeRejected
from sparkvsr_engine.core.arrays import Picture, Pixels
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.running.rendering import NoPredictionCache, ShotRenderer, windows_of
from sparkvsr_engine.media.buffering.frames_in_memory import FramesInMemory
from sparkvsr_engine.media.pixels import to_finite
from sparkvsr_engine.models.base import Guidance, KeyframePicture, RestoredFrame, Restorer, ShotSettings
from sparkvsr_engine.references.mattes import (
    is_nothing,
    matte_of,
    over_source,
    partial_alpha,
    warning_of_numbers,
)
from sparkvsr_engine.references.preparing import prepare_reference, require_usable_size


@dataclass(frozen=True, eq=False)
class ShotInMemory:
    """What is to be restored.

    Attributes:
        frames: the shot, [h, w, 3] each, all of one size.
        span: their numbers.
        geometry: sizes of source and output.
        keyframes: by frame number, [H, W, 3] or [H, W, 4] of any usable size; alpha sets where it counts.
        settings: see `models.base.ShotSettings`.
        guidance: 0 blind, 1 as trained, up to 2.
        strengths: of keyframes, 1 where not named.
    """

    frames: Sequence[Pixels] | Mapping[int, Pixels]
    span: FrameSpan
    geometry: Geometry
    keyframes: Mapping[int, Pixels] = field(default_factory=dict[int, Pixels])
    settings: ShotSettings = field(default_factory=ShotSettings)
    guidance: float = 1.0
    strengths: Mapping[int, float] = field(default_factory=dict[int, float])


def restore_shot(
    restorer: Restorer,
    shot: ShotInMemory,
    rendered: FrameSpan | None = None,
    warn: Callable[[str], None] = lambda _: None,
) -> Iterator[RestoredFrame]:
    """The frames of a shot, restored, in order; one is in memory at a time.

    Args:
        restorer: open on its device.
        shot: frames and keyframes.
        rendered: a part of the shot; None for all of it.
        warn: gets a sentence for everything to know about a keyframe, before the first frame.

    Raises:
        KeyframeRejected: for a keyframe that cannot be used.
    """
    yield from restore_parts(restorer, shot, [rendered or shot.span], warn)


def restore_parts(
    restorer: Restorer,
    shot: ShotInMemory,
    parts: Sequence[FrameSpan],
    warn: Callable[[str], None] = lambda _: None,
) -> Iterator[RestoredFrame]:
    """The frames of some parts of a shot; its keyframes are prepared once for all of them.

    Args:
        restorer: open on its device.
        shot: frames and keyframes.
        parts: in order, none overlapping another.
        warn: see `restore_shot`.

    Raises:
        KeyframeRejected: for a keyframe that cannot be used.
    """
    reader = FramesInMemory(shot.frames, shot.span)
    pictures: dict[int, KeyframePicture] = {}
    for frame in sorted(shot.keyframes):
        pictures[frame], warnings = prepared_keyframe(shot, frame, reader.read(frame))
        for warning in warnings:
            warn(warning)
    whole = restorer.plan(shot.span, shot.span, sorted(pictures), shot.geometry)
    chunks = [
        chunk for part in parts for chunk in restorer.plan(shot.span, part, sorted(pictures), shot.geometry)
    ]
    control = Control()
    opened = restorer.open_shot(reader, shot.geometry, shot.settings, control.is_stopped)
    windows = windows_of(whole)
    renderer = ShotRenderer(
        opened,
        windows,
        pictures.__getitem__,
        NoPredictionCache(),
        control,
        headroom=reader.headroom,
        shows_again=False,
    )
    guidance = _guidance(shot, pictures)
    try:
        for chunk in chunks:
            yield from renderer.render(chunk, guidance)
    finally:
        renderer.close()


def prepared_keyframe(
    shot: ShotInMemory, frame: int, source: Picture
) -> tuple[KeyframePicture, tuple[str, ...]]:
    """A keyframe of a shot as a job prepares a supplied file, and what to know about it.

    Args:
        shot: the shot in memory.
        frame: the keyframe's, from 0.
        source: its source frame, float32 [h, w, 3], model space.

    Raises:
        KeyframeRejected: where it is too small, of another shape, or transparent everywhere.
    """
    pixels = shot.keyframes[frame]
    require_usable_size(f"of frame {frame}", pixels.shape[1], pixels.shape[0], shot.geometry)
    if is_nothing(pixels):
        raise KeyframeRejected(
            f"The keyframe of frame {frame} is transparent everywhere; supply it without alpha, or opaque"
            " where it is to count."
        )
    picture = over_source(to_finite(pixels[..., :3]), partial_alpha(pixels), source)
    reference = prepare_reference(
        frame, picture, source, shot.geometry, shot.settings.look, is_supplied=True
    ).with_warning(warning_of_numbers(frame, pixels))
    # In half precision, as a job keeps it.
    rounded = reference.pixels.astype(np.float16).astype(np.float32)
    matte = matte_of(pixels, shot.geometry)
    report = reference.report
    painted = None if reference.painted is None else reference.painted.astype(np.float16).astype(np.float32)
    return KeyframePicture(frame, rounded, str(frame), matte, report.trust, painted), report.warnings


def _guidance(shot: ShotInMemory, pictures: Mapping[int, KeyframePicture]) -> Guidance:
    strengths = {frame: shot.strengths.get(frame, 1.0) * picture.trust for frame, picture in pictures.items()}
    mattes = {frame: picture.matte for frame, picture in pictures.items() if picture.matte is not None}
    return Guidance(shot.guidance, strengths, mattes)
