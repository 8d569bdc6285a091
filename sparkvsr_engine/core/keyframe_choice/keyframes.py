"""Choosing keyframes: the policies, what all of them respect, and the reasons in words.

All policies keep inside the range and to the budget, treat every shot by itself, keep a least distance
between keyframes of a shot, and give every shot that is long enough its own keyframe before any
gets a second (longer shots first where the budget ends). Frames the artist named are kept as they are and
count. The same input gives the same answer.

Without a budget each policy has its own measure: `manual` the named frames, `iframe` every I-frame,
`shot` one per shot, `uniform` and `random` one per shot and no more than 48 frames per keyframe,
`adaptive` one per shot and each further one that is worth 6 frames as good as keyframes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sparkvsr_bridge.errors import InvalidSettings, KeyframeRejected
from sparkvsr_engine.core.frames import FrameSpan, describe_frames
from sparkvsr_engine.core.keyframe_choice import spread
from sparkvsr_engine.core.keyframe_choice.keyframe_value import SUGGESTED
from sparkvsr_engine.core.keyframe_choice.placement import (
    Contribution,
    PlacementInput,
    contribution,
    next_best,
    place,
)
from sparkvsr_engine.core.keyframe_choice.signals import FrameSignals
from sparkvsr_engine.core.shots import shot_of

SHORTEST_SHOT = 4
"""Shots with fewer frames get no keyframe of their own: they are over before one would be missed."""

LEAST_SPACING = 4
"""Frames between two keyframes of a shot at least; the published model has one slot per four frames."""

DEFAULT_STRIDE = 48
"""Frames per keyframe of `uniform` and `random` where no budget is given."""

_WORTH_FRAMES = 6.0
_NEIGHBOURHOOD = 6
_BLURRED = 0.5


@dataclass(frozen=True)
class ChosenKeyframe:
    """A frame to make a keyframe.

    gain: what it adds to the other keyframes, in frames as good as keyframes. reason: why, for people.
    """

    frame: int
    reason: str
    gain: float = 0.0


@dataclass(frozen=True, eq=False)
class _Request:
    """What a policy is given. limit: keyframes that may be added, None for the policy's own measure."""

    placement: PlacementInput
    signals: FrameSignals
    manual: tuple[int, ...]
    limit: int | None
    seed: int

    @property
    def spacing_rules(self) -> spread.SpacingRules:
        """The same for policies that go by distance."""
        placement = self.placement
        return spread.SpacingRules(
            placement.shots, self.manual, self.limit, placement.shortest, placement.spacing, DEFAULT_STRIDE
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

    Args:
        policy: name of the policy.
        budget: the most keyframes there may be, named ones included, which are kept even where they are more;
            0 leaves it to the policy.
        shots: contiguous, in order; together the range, which `signals` covers frame by frame.
        signals: what was measured on the frames.
        manual: frames the artist named.
        seed: for `random`.
        spacing: frames between two chosen ones at least.

    Raises:
        InvalidSettings: for an unknown policy, `none` with named frames, or `iframe` where the source has no
            I-frames.
        KeyframeRejected: for a named frame outside the range.
    """
    if policy not in POLICIES:
        raise InvalidSettings(
            f"there is no keyframe policy {policy}; use one of {', '.join(POLICIES)}.", policy=policy
        )
    named = _checked(manual, FrameSpan(shots[0].start, shots[-1].stop))
    limit = max(0, budget - len(named)) if budget > 0 else None
    placement = PlacementInput(shots, signals.propagation, SHORTEST_SHOT, spacing)
    request = _Request(placement, signals, named, limit, seed)
    reasons = dict.fromkeys(named, "named by the artist") | POLICIES[policy].choose(request)
    frames = sorted(reasons)
    return tuple(_with_gain(at, reasons[at], contribution(placement, at, frames)) for at in frames)


def suggest_next(
    shots: Sequence[FrameSpan],
    signals: FrameSignals,
    keyframes: Sequence[int],
    among: Sequence[int] = (),
) -> ChosenKeyframe | None:
    """The one keyframe to add next, None where none would help: the frame that raises the others most.

    What a render measured (the trust it had in its keyframes) takes no part: weighing frames by it was tried
    six ways and was right no more often than measured propagation alone.

    Args:
        shots: frames of each shot.
        signals: what was measured on the frames.
        keyframes: frames of the keyframes.
        among: frames to choose from, such as those there are pictures of; all where there are none.

    Raises:
        KeyframeRejected: for a frame of `among` outside the shots.
    """
    placement = PlacementInput(shots, signals.propagation, SHORTEST_SHOT, LEAST_SPACING, SUGGESTED)
    frame = next_best(placement, keyframes, _checked(among, FrameSpan(shots[0].start, shots[-1].stop)))
    if frame is None:
        return None
    # Named as it is for keyframes that a policy places.
    placement = PlacementInput(shots, signals.propagation, SHORTEST_SHOT, LEAST_SPACING)
    added = contribution(placement, frame, [*keyframes, frame])
    return _with_gain(frame, _reason(placement, signals, frame, added), added)


def _checked(manual: Sequence[int], span: FrameSpan) -> tuple[int, ...]:
    outside = [frame for frame in manual if frame not in span]
    if outside:
        raise KeyframeRejected(
            f"keyframe {describe_frames(outside)} lies outside the frames {span.first}-{span.last}; "
            "name a frame inside, or widen the range.",
            frames=outside,
        )
    return tuple(sorted(set(manual)))


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
            "the source has no I-frames (a numbered sequence never has); choose another keyframe policy."
        )
    frames = spread.spread_among(request.spacing_rules, request.signals.iframes)
    return dict.fromkeys(frames, "an I-frame of the source, stored whole by its codec")


def _random(request: _Request) -> _Reasons:
    frames = spread.spread_randomly(request.spacing_rules, request.seed)
    return dict.fromkeys(frames, f"drawn at random with seed {request.seed}")


def _uniform(request: _Request) -> _Reasons:
    return {
        frame: f"evenly spread over a shot of {len(shot_of(frame, request.placement.shots))} frames"
        for frame in spread.spread_evenly(request.spacing_rules)
    }


def _shot(request: _Request) -> _Reasons:
    shots = request.spacing_rules.bare_shots()[: request.limit]
    return dict(_first_sharp_frame(shot, request.signals) for shot in shots)


def _first_sharp_frame(shot: FrameSpan, signals: FrameSignals) -> tuple[int, str]:
    """The first frame of a shot, or the first sharp one where a fade or blur leaves that below half of
    the sharpest nearby.
    """
    start = shot.start - signals.span.start
    near = signals.sharpness[start : start + min(len(shot), 2 * _NEIGHBOURHOOD + 1)]
    offset = int(np.argmax(near >= 0.9 * near.max())) if near[0] < _BLURRED * near.max() else 0
    if offset == 0:
        return shot.start, "first frame of its shot"
    return shot.start + offset, f"first sharp frame of its shot, {offset} after its start"


def _adaptive(request: _Request) -> _Reasons:
    frames = place(request.placement, request.manual, request.limit, _WORTH_FRAMES)
    every = [*request.manual, *frames]
    return {
        at: _reason(request.placement, request.signals, at, contribution(request.placement, at, every))
        for at in frames
    }


def _reason(placement: PlacementInput, signals: FrameSignals, frame: int, added: Contribution) -> str:
    """Why a frame is worth a keyframe, in words and figures."""
    shot = shot_of(frame, placement.shots)
    if added.is_alone:
        covers = f"the only keyframe of its shot of {len(shot)} frames"
    elif added.rescued:
        covers = f"covers {added.rescued} frames the others reach with trust below 0.5"
    else:
        covers = f"raises trust on {added.covered} frames by {added.raised:.2f}"
    near = FrameSpan(frame, frame + 1).widened(_NEIGHBOURHOOD, shot)
    around = signals.sharpness[near.start - signals.span.start : near.stop - signals.span.start]
    is_sharpest = around.size > 1 and around[frame - near.start] >= around.max() > around.min()
    return f"{covers}; sharpest of its neighbourhood" if is_sharpest else covers


@dataclass(frozen=True)
class Policy:
    """How a policy chooses, and what it looks at.

    reads_frames: it goes by what an analysis measured on the frames. reads_packets: it goes by the I-frames
    of the source's codec. drops_needless: keyframes that add nothing to the result are not made unless a
    number of them is asked for.
    """

    choose: Callable[[_Request], _Reasons]
    reads_frames: bool = True
    reads_packets: bool = False
    drops_needless: bool = False


POLICIES: dict[str, Policy] = {
    "none": Policy(_none, reads_frames=False),
    "manual": Policy(_manual, reads_frames=False),
    "iframe": Policy(_iframe, reads_packets=True),
    "random": Policy(_random),
    "uniform": Policy(_uniform),
    "shot": Policy(_shot),
    "adaptive": Policy(_adaptive, drops_needless=True),
}
"""By the names of `sparkvsr_bridge.policies`."""
