"""The network's weights for the footage at hand: from those for clean sources to those for damaged ones.

One set that serves both is torn: grain of a clean frame is detail to be kept, of a damaged one noise to be
taken away, and a few pixels do not show which. How damaged a frame looks is judged on the whole of it and
of its neighbours (`damage`), and the network runs with weights mixed by it, which works because one set was
trained on from the other (network interpolation, Wang et al., arXiv:1811.10515).

A third set is for pictures drawn without anti-aliasing (`drawn`), trained on from that for clean sources.
At other sizes than four times the source one set serves all footage.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor

from sparkvsr_engine.models.lite.damage import DamageJudge, judged_plane, statistics_of
from sparkvsr_engine.models.lite.networks.network import NEIGHBOURS, LiteNetwork
from sparkvsr_engine.models.lite.pixels.source_planes import KEPT_FRAMES, SourcePlanes
from sparkvsr_engine.models.precision import Precision
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# Steps from clean to damaged: one is far too small to be seen from frame to frame.
_STEPS = 16
# In detail drawn into noise frames agree least: a little less of it flickers less, and is no worse.
_WITHHELD_OF_DAMAGED = 0.04
# Beyond this a logit is as sure as any; one odd frame is not to outvote its neighbours.
_SURE = 4.0


@dataclass(frozen=True, eq=False)
class LiteWeights:
    """What a weights file holds, on the CPU, float32.

    network: for all footage at any size. clean: for clean sources, with the judge that separates them. drawn:
    for pictures drawn without anti-aliasing. damaged: for damaged footage of display values; None for the
    first one. The last three are for four times the source alone.
    """

    network: LiteNetwork
    clean: LiteNetwork | None = None
    judge: DamageJudge | None = None
    drawn: LiteNetwork | None = None
    damaged: LiteNetwork | None = None


class WeightMixer:
    """Networks ready to run on a device, by how damaged the footage is.

    weights: owned by the mixer from then on.
    """

    def __init__(self, weights: LiteWeights, precision: Precision) -> None:
        self._precision = precision
        self._network = precision.prepare(weights.network)
        self._damaged = self._network if weights.damaged is None else precision.prepare(weights.damaged)
        self._clean = None if weights.clean is None else precision.prepare(weights.clean)
        self._drawn = None if weights.drawn is None else precision.prepare(weights.drawn)
        self.judge = None if weights.judge is None else weights.judge.eval().to(precision.device)
        self._mixtures: BoundedDict[tuple[int, int, bool], LiteNetwork] = BoundedDict(_STEPS)

    @property
    def has_drawn(self) -> bool:
        """Whether there are weights for drawn pictures."""
        return self._drawn is not None

    def taught(self, changes: Mapping[str, Tensor]) -> WeightMixer:
        """These with changes added to all of their weights; the judge judges as before.

        changes: by the names of a network's weights; whatever is mixed, they are added to the mix.
        """
        clean = None if self._clean is None else _changed(self._clean, changes)
        drawn = None if self._drawn is None else _changed(self._drawn, changes)
        damaged = None if self._damaged is self._network else _changed(self._damaged, changes)
        weights = LiteWeights(_changed(self._network, changes), clean, self.judge, drawn, damaged)
        return WeightMixer(weights, self._precision)

    def at(
        self, damage: float, drawn: float = 0.0, *, is_native: bool = True, is_light: bool = False
    ) -> LiteNetwork:
        """The network for a damage, 0..1, and for how far frames are drawn, 0..1, which outweighs it.

        Args:
            damage: how damaged frames are taken to be.
            drawn: how far they are drawn without anti-aliasing.
            is_native: whether the network works at four times the source; elsewhere one serves all footage.
            is_light: whether frames are codes of scene-linear light, which the weights for damaged footage
                never saw: they take glints for noise.
        """
        if not is_native:
            return self._network
        step = _STEPS if self._clean is None else round(damage * _STEPS)
        drawn_step = 0 if self._drawn is None else round(drawn * _STEPS)
        if self._drawn is not None and drawn_step >= _STEPS:
            return self._drawn
        damaged = self._network if is_light else self._damaged
        if drawn_step <= 0 and step >= _STEPS:
            return damaged
        if self._clean is not None and drawn_step <= 0 and step <= 0:
            return self._clean
        key = (step, drawn_step, is_light)
        return self._mixtures.get_or_make(key, lambda: self._mix(step, drawn_step, damaged))

    def used_share(self, damage: float) -> float:
        """How much of what the network adds to a frame is used, for a damage, 0..1."""
        return 1.0 if self._clean is None else 1 - _WITHHELD_OF_DAMAGED * _in_steps(damage)

    def _mix(self, step: int, drawn_step: int, damaged: LiteNetwork) -> LiteNetwork:
        footage = damaged
        if self._clean is not None and step < _STEPS:
            footage = _mixed(self._clean, damaged, step / _STEPS)
        if self._drawn is None or drawn_step <= 0:
            return footage
        return _mixed(footage, self._drawn, drawn_step / _STEPS)


class DamageEstimator:
    """How damaged the frames of one shot look, 0..1, each judged once while it is near.

    judge: None where nobody can judge, and all is taken for damaged. user_damage: set by the artist; replaces
    the judge's estimate.
    """

    def __init__(
        self, judge: DamageJudge | None, user_damage: float | None, planes: SourcePlanes, precision: Precision
    ) -> None:
        self._judge = judge
        self._user_damage = user_damage
        self._planes = planes
        self._precision = precision
        self._logits: BoundedDict[int, Tensor] = BoundedDict(KEPT_FRAMES)

    @torch.inference_mode()
    def damage(self, frame: int) -> float:
        """Of a frame with its neighbours; 1 where nobody judges."""
        if self._judge is None:
            return 1.0
        if self._user_damage is not None:
            return self._user_damage
        judge, around = self._judge, [self._planes.inside(frame + offset) for offset in (0, *NEIGHBOURS)]
        logits = [self._logits.get_or_make(at, lambda at=at: self._judged(judge, at)) for at in around]
        return damage_of(torch.stack(logits))

    def step(self, frame: int) -> float:
        """The same in the steps in which weights are mixed; 0 where nobody judges, as what is noise is not
        known there.
        """
        return 0.0 if self._judge is None else _in_steps(self.damage(frame))

    def _judged(self, judge: DamageJudge, frame: int) -> Tensor:
        # In float32 whoever asks: from within a network's passes it would be another verdict, and a frame's
        # result would depend on which frames were restored before it.
        with torch.autocast(self._precision.device.type, enabled=False):
            statistics = statistics_of(self._precision.place(judged_plane(self._planes.whole(frame))))
            return judge(statistics[None])[0].cpu()


def damage_of(logits: Tensor) -> float:
    """How damaged frames look together, 0..1. logits: the judge's, of each [N]."""
    return float(logits.clamp(-_SURE, _SURE).mean().sigmoid())


def _in_steps(damage: float) -> float:
    """A damage, 0..1, as weights are mixed for it."""
    return round(damage * _STEPS) / _STEPS


def _changed(network: LiteNetwork, changes: Mapping[str, Tensor]) -> LiteNetwork:
    changed = deepcopy(network)
    changed.origins = (network,)
    with torch.no_grad():
        for name, value in changed.state_dict().items():
            if name in changes:
                value.add_(changes[name].to(value.device))
    return changed


def _mixed(first: LiteNetwork, second: LiteNetwork, share: float) -> LiteNetwork:
    """share: of the second's weights."""
    mixture, ends = deepcopy(second), first.state_dict()
    mixture.origins = (first, second)
    with torch.no_grad():
        for name, value in mixture.state_dict().items():
            value.copy_(torch.lerp(ends[name], value, share))
    return mixture
