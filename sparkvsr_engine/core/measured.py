"""Trust as a render measured it, on the scale of the trust that is expected before one.

A restorer's gates are open part of the way even where a keyframe fits perfectly (flat areas need none), so
the measured figure is divided by what it reaches right beside keyframes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sparkvsr_engine.core.propagation import PropagationField, Values

# Frames this near to a keyframe are where trust is as full as the restorer ever has it on this source.
_NEAR = 2
_FULL_PERCENTILE = 90.0
# Where not even that is reached, keyframes disagree with the source and more of them may well help.
_LEAST_FULL = 0.3


def reached_trust(field: PropagationField, keyframes: Sequence[int], measured: Mapping[int, float]) -> Values:
    """Trust per frame of the field's range, float64 [F], 0..1: measured where it is known, else expected.

    measured: mean gate, 0..1, per frame; frames outside the range are passed over.
    """
    reached = field.best(dict.fromkeys(keyframes, 1.0))
    full = full_trust(keyframes, measured)
    for frame, value in measured.items():
        if frame in field.span:
            reached[frame - field.span.start] = min(value / full, 1.0)
    return reached


def full_trust(keyframes: Sequence[int], measured: Mapping[int, float]) -> float:
    """What counts as full: the most that is measured right beside keyframes, else anywhere."""
    beside = [
        value
        for frame, value in measured.items()
        if any(0 < abs(frame - keyframe) <= _NEAR for keyframe in keyframes)
    ]
    values = beside or list(measured.values())
    return max(float(np.percentile(values, _FULL_PERCENTILE)), _LEAST_FULL) if values else 1.0
