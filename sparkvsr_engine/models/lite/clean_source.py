"""Whether a shot looks clean, judged by a few of its frames before anything is planned."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch

from sparkvsr_engine.models.base import FrameReader
from sparkvsr_engine.models.lite.damage import DamageJudge, judged_plane, statistics_of
from sparkvsr_engine.models.lite.loading import load_weights
from sparkvsr_engine.models.lite.weight_mixer import damage_of

_FRAMES = 5


@torch.inference_mode()
def looks_clean(weights: Path, identity: str, reader: FrameReader) -> bool:
    """Whether frames all over a shot look like reductions of larger pictures; False where nobody judges.

    Args:
        weights: the judge's file.
        identity: of what is in the weights' file, which is read once for all shots of a source.
        reader: reads the shot's frames, see `FrameReader`.

    Raises:
        ModelMissing: where the judge is missing or damaged; and what the reader raises.
    """
    judge = _judge_of(weights, identity)
    if judge is None:
        return False
    span = reader.span
    frames = sorted({span.start + (2 * i + 1) * len(span) // (2 * _FRAMES) for i in range(_FRAMES)})
    planes = [judged_plane(reader.read(frame)) for frame in frames]
    logits = torch.stack([judge(statistics_of(plane)[None])[0] for plane in planes])
    return damage_of(logits) < 0.5


@lru_cache(maxsize=1)
def _judge_of(weights: Path, identity: str) -> DamageJudge | None:  # noqa: ARG001 - distinguishes files
    """The judge of one file."""
    return load_weights(weights).judge
