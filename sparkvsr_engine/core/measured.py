"""Trust as a render measured it, and what it tells about a keyframe that is not there yet.

A restorer's gates are open part of the way even where a keyframe fits perfectly (flat areas need none), so
the measured figure is divided by what it reaches right beside keyframes. Trust then falls with distance
faster or slower than was expected from the source alone: with e expected and m measured,
    m = e^g,  g = sum(ln e * ln m) / sum(ln e)^2
over the frames keyframes reach. Trust is exp(-sqrt(cost)), so a power of it is the same law with cost
times g^2, and step confidences to the power g^2: what a further keyframe would reach is expected by that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.propagation import PropagationField, Values
from sparkvsr_engine.core.signals import FrameSignals

# Frames this near to a keyframe are where trust is as full as the restorer ever has it on this source.
_NEAR = 2
_FULL_PERCENTILE = 90.0
# Where not even that is reached, keyframes disagree with the source and more of them may well help.
_LEAST_FULL = 0.3
_LEAST_TRUST = 0.02
# Blur, in source pixels, beyond which detail is what an enlargement cannot know.
_DETAIL_BLUR = 1.0
# How far the measured fall of trust may lie from the expected one before it is taken for noise.
_POWERS = (0.02, 3.0)


@dataclass(frozen=True, eq=False)
class MeasuredTrust:
    """signals: of the range, step confidences as the render bears them out. reached: float64 [F], 0..1."""

    signals: FrameSignals
    reached: Values


def weigh(
    shots: Sequence[FrameSpan],
    signals: FrameSignals,
    keyframes: Sequence[int],
    measured: Mapping[int, float],
) -> MeasuredTrust:
    """What a render tells about a range.

    keyframes: those it had, of this range. measured: mean gate, 0..1, per frame, as far as it is known;
    frames outside the range are passed over. Unmeasured frames are expected to be reached as measured ones.
    """
    full = full_trust(keyframes, measured)
    inside = {at: min(value / full, 1.0) for at, value in measured.items() if at in signals.span}
    expected = PropagationField.of(shots, signals.propagation_confidence).best(dict.fromkeys(keyframes, 1.0))
    power = _power(expected, inside, keyframes, signals.span)
    borne_out = replace(signals, propagation_confidence=signals.propagation_confidence ** (power * power))
    reached = expected**power
    for at, value in inside.items():
        reached[at - signals.span.start] = value
    return MeasuredTrust(borne_out, reached)


def full_trust(keyframes: Sequence[int], measured: Mapping[int, float]) -> float:
    """What counts as full: the most that is measured right beside keyframes, else anywhere."""
    beside = [
        value
        for frame, value in measured.items()
        if any(0 < abs(frame - keyframe) <= _NEAR for keyframe in keyframes)
    ]
    values = beside or list(measured.values())
    return max(float(np.percentile(values, _FULL_PERCENTILE)), _LEAST_FULL) if values else 1.0


def expected_error(trust: NDArray[np.float32], source: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where a rendered frame is likely to be wrong: detail that is there and was not taken from keyframes.

    trust: float32 [h, w], 0..1. source: float32 [H, W, 3], the source frame in model space. Returns
    (1 - trust) * detail, float32 [h, w], model space; detail is the source's own high frequencies. By
    rank it goes with the true error by 0.73 to 0.85 inside frames, where trust alone goes against it: gates
    open where there is detail, and errors are where there is detail (two clips, first weights).
    """
    import cv2

    grey = np.asarray(cv2.cvtColor(np.clip(source, 0, 1), cv2.COLOR_RGB2GRAY), np.float32)
    fine = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), _DETAIL_BLUR))
    detail = cv2.resize(fine, (trust.shape[1], trust.shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray((1 - trust) * cv2.GaussianBlur(detail, (0, 0), 1.0), np.float32)


def _power(
    expected: Values, measured: Mapping[int, float], keyframes: Sequence[int], span: FrameSpan
) -> float:
    """The power of the expected trust that fits the measured one best; 1 where nothing tells."""
    told = [at for at in measured if at not in keyframes and expected[at - span.start] > _LEAST_TRUST]
    falls = -np.log([min(expected[at - span.start], 1.0) for at in told])
    fell = -np.log([max(measured[at], _LEAST_TRUST) for at in told])
    weight = float((falls * falls).sum())
    return float(np.clip((falls * fell).sum() / weight, *_POWERS)) if weight > 0 else 1.0
