"""How long a restorer learns a shot, and what it learnt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LearningBudget:
    """How long a shot is learnt.

    steps: at most. stops_early: whether it ends where tests on held-out parts show no gain. seed: of what is
    drawn. looks: files of the weights of learned losses of looks, none where they are not at hand. identity:
    of the way a restorer learns, part of every key of what is learnt.
    """

    steps: int
    stops_early: bool = False
    seed: int = 0
    looks: tuple[Path, ...] = ()
    identity: str = ""


@dataclass(frozen=True, eq=False)
class Learnt:
    """What was learnt of a shot.

    content: for `ShotSettings.learnt`. gain: share by which the error on held-out parts of keyframes fell, 0
    where the weights that ship are kept. step: the best tested one, of `steps` taken. share: of what was
    learnt until then that is used. reason: why no step was taken, a clause for people, else empty.
    begun_near: whether the first step was taken from what another shot had learnt.
    """

    content: bytes
    gain: float
    step: int
    share: float
    steps: int
    reason: str = ""
    begun_near: bool = False
