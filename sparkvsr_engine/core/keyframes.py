"""Choosing keyframes: the policies, what all of them respect, and the reasons in words.

All policies keep inside the range and to the budget, treat every shot by itself, keep a least distance
between keyframes of a shot, and give every shot that is long enough its own keyframe before any
gets a second (longer shots first where the budget ends). Frames the artist named are kept as they are and
count. The same input gives the same answer.

Without a budget each policy has its own measure: `manual` the named frames, `iframe` every I-frame,
`shot` one per shot, `uniform` and `random` one per shot and no more than 48 frames per keyframe,
`adaptive` one per shot and each further one that is worth 6 frames of full trust.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bridge.errors import InvalidSettings, KeyframeRejected
from sparkvsr_engine.core import spread
from sparkvsr_engine.core.coverage import Contribution, Ground, contributions, next_best, place
from sparkvsr_engine.core.frames import FrameSpan, describe_frames
from sparkvsr_engine.core.propagation import PropagationField, Values
from sparkvsr_engine.core.shots import shot_of
from sparkvsr_engine.core.signals import FrameSignals

SHORTEST_SHOT = 4
"""Shots with fewer frames get no keyframe of their own: they are over before one would be missed."""

LEAST_SPACING = 4
"""Frames between two keyframes of a shot at least; the published model has one slot per four frames."""

DEFAULT_STRIDE = 48
"""Frames per keyframe of `uniform` and `random` where no budget is given."""

_WORTH_FRAMES = 6.0
_NEIGHBOURHOOD = 6
# Of what a keyframe carries, sharpness relative to its neighbourhood decides by about the tenth power
# where the keyframe is a true frame (measured); an image model makes less of a blurred frame than that.
_SHARPNESS_POWER = 0.25
_BLURRED = 0.5


@dataclass(frozen=True)
class ChosenKeyframe:
    """A frame to make a keyframe.

    gain: what it adds to the other keyframes, in frames of full trust. reason: why, for people.
    """

    frame: int
    reason: str
    gain: float = 0.0


@dataclass(frozen=True, eq=False)
class _Request:
    """What a policy is given. room: keyframes that may be added, None for the policy's own measure."""

    ground: Ground
    signals: FrameSignals
    manual: tuple[int, ...]
    room: int | None
    seed: int

    @property
    def terms(self) -> spread.Terms:
        """The same for policies that go by distance."""
        ground = self.ground
        return spread.Terms(
            ground.shots, self.manual, self.room, ground.shortest, ground.spacing, DEFAULT_STRIDE
        )


_Reasons = dict[int, str]


def choose_keyframes(
    policy: str,
    budget: int,
    shots: Sequence[FrameSpan],
    signals: FrameSignals,
    manual: Sequence[int] = (),
    seed: int = 0,
    spacing: int = LEAST_SPACING,
) -> tuple[ChosenKeyframe, ...]:
    """Keyframes for a range, in frame order.

    budget: the most keyframes there may be, named ones included, which are kept even where they are
        more; 0 leaves it to the policy.
    shots: contiguous, in order; together the range, which `signals` covers frame by frame.
    manual: frames the artist named. seed: for `random`.
    Raises InvalidSettings for an unknown policy, `none` with named frames, or `iframe` where the source
    has no I-frames; KeyframeRejected for a named frame outside the range.
    """
    if policy not in _POLICIES:
        raise InvalidSettings(
            f"there is no keyframe policy {policy}; use one of {', '.join(_POLICIES)}.", policy=policy
        )
    named = _checked(manual, FrameSpan(shots[0].start, shots[-1].stop))
    room = max(0, budget - len(named)) if budget > 0 else None
    request = _Request(_ground_of(shots, signals, spacing), signals, named, room, seed)
    reasons = dict.fromkeys(named, "named by the artist") | _POLICIES[policy](request)
    added = _added_by(request.ground, named, [frame for frame in reasons if frame not in named])
    return tuple(_with_gain(frame, reasons[frame], added[frame]) for frame in sorted(reasons))


def suggest_next(
    shots: Sequence[FrameSpan],
    signals: FrameSignals,
    keyframes: Sequence[int],
    measured_trust: Values | None = None,
    spacing: int = LEAST_SPACING,
) -> ChosenKeyframe | None:
    """The one keyframe to add next, None where none would help.

    measured_trust: float64 [F], 0..1, how far the render trusted its keyframes on each frame; None
        before there is a render, when the expected trust is taken.
    """
    ground = _ground_of(shots, signals, spacing, measured_trust)
    expected = list(keyframes) if measured_trust is None else []
    frame = next_best(ground, expected, keyframes)
    if frame is None:
        return None
    added = _added_by(ground, expected, [frame])[frame]
    return _with_gain(frame, _reason(ground, signals, frame, added), added)


def _checked(manual: Sequence[int], span: FrameSpan) -> tuple[int, ...]:
    outside = [frame for frame in manual if frame not in span]
    if outside:
        raise KeyframeRejected(
            f"keyframe {describe_frames(outside)} lies outside the frames {span.first}-{span.last}; "
            "name a frame inside, or widen the range.",
            frames=outside,
        )
    return tuple(sorted(set(manual)))


def _ground_of(
    shots: Sequence[FrameSpan], signals: FrameSignals, spacing: int, reached: Values | None = None
) -> Ground:
    return Ground(
        shots,
        PropagationField.of(shots, signals.propagation_confidence),
        _qualities(shots, signals),
        np.zeros(len(signals.span)) if reached is None else np.asarray(reached, np.float64),
        SHORTEST_SHOT,
        spacing,
    )


def _qualities(shots: Sequence[FrameSpan], signals: FrameSignals) -> Values:
    """How much detail a keyframe on each frame has to give, float64 [F], 0..1: the fourth root of its
    sharpness over the sharpest within 6 frames of its shot."""
    found = np.ones(len(signals.span))
    for shot in shots:
        inside = slice(shot.start - signals.span.start, shot.stop - signals.span.start)
        sharpness = signals.sharpness[inside]
        sharpest = _sharpest_near(sharpness)
        np.divide(sharpness, sharpest, out=found[inside], where=sharpest > 0)
    return found**_SHARPNESS_POWER


def _sharpest_near(sharpness: Values) -> Values:
    padded = np.pad(sharpness, _NEIGHBOURHOOD, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEIGHBOURHOOD + 1).max(1)


def _added_by(ground: Ground, named: Sequence[int], chosen: Sequence[int]) -> dict[int, Contribution]:
    qualities = dict.fromkeys(named, 1.0) | {frame: ground.quality(frame) for frame in chosen}
    return contributions(ground, qualities)


def _with_gain(frame: int, reason: str, added: Contribution) -> ChosenKeyframe:
    return ChosenKeyframe(frame, reason, round(added.gain, 2))


def _none(request: _Request) -> _Reasons:
    if request.manual:
        raise InvalidSettings(
            f"the policy none contradicts the keyframe {describe_frames(request.manual)}; use manual."
        )
    return {}


def _manual(_: _Request) -> _Reasons:
    return {}


def _iframe(request: _Request) -> _Reasons:
    if not request.signals.iframes:
        raise InvalidSettings(
            "the source tells of no I-frames (a numbered sequence has none); choose another keyframe policy."
        )
    frames = spread.spread_among(request.terms, request.signals.iframes)
    return dict.fromkeys(frames, "an I-frame of the source, stored whole by its codec")


def _random(request: _Request) -> _Reasons:
    frames = spread.spread_randomly(request.terms, request.seed)
    return dict.fromkeys(frames, f"drawn at random with seed {request.seed}")


def _uniform(request: _Request) -> _Reasons:
    return {
        frame: f"evenly spread over a shot of {len(shot_of(frame, request.ground.shots))} frames"
        for frame in spread.spread_evenly(request.terms)
    }


def _shot(request: _Request) -> _Reasons:
    shots = request.terms.bare_shots()[: request.room]
    return dict(_first_sharp_frame(shot, request.signals) for shot in shots)


def _first_sharp_frame(shot: FrameSpan, signals: FrameSignals) -> tuple[int, str]:
    """The first frame of a shot, or the first sharp one where a fade or blur leaves that below half of
    the sharpest nearby."""
    start = shot.start - signals.span.start
    near = signals.sharpness[start : start + min(len(shot), 2 * _NEIGHBOURHOOD + 1)]
    offset = int(np.argmax(near >= 0.9 * near.max())) if near[0] < _BLURRED * near.max() else 0
    if offset == 0:
        return shot.start, "first frame of its shot"
    return shot.start + offset, f"first sharp frame of its shot, {offset} after its start"


def _adaptive(request: _Request) -> _Reasons:
    frames = place(request.ground, request.manual, request.room, _WORTH_FRAMES)
    added = _added_by(request.ground, request.manual, frames)
    return {frame: _reason(request.ground, request.signals, frame, added[frame]) for frame in frames}


def _reason(ground: Ground, signals: FrameSignals, frame: int, added: Contribution) -> str:
    """Why a frame is worth a keyframe, in words and figures."""
    shot = shot_of(frame, ground.shots)
    if added.rescued == len(shot):
        covers = f"the only keyframe of its shot of {len(shot)} frames"
    elif added.rescued:
        covers = f"covers {added.rescued} frames the others reach with trust below 0.5"
    else:
        covers = f"raises trust on {added.covered} frames by {added.gain / max(added.covered, 1):.2f}"
    near = FrameSpan(frame, frame + 1).widened(_NEIGHBOURHOOD, shot)
    around = signals.sharpness[ground.index(near.start) : ground.index(near.stop)]
    is_sharpest = around.size > 1 and signals.sharpness[ground.index(frame)] >= around.max() > around.min()
    return f"{covers}; sharpest of its neighbourhood" if is_sharpest else covers


_POLICIES: dict[str, Callable[[_Request], _Reasons]] = {
    "none": _none,
    "manual": _manual,
    "iframe": _iframe,
    "random": _random,
    "uniform": _uniform,
    "shot": _shot,
    "adaptive": _adaptive,
}
