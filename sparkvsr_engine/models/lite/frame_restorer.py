"""One frame restored at home's size, band by band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.base import FrameReader
from sparkvsr_engine.models.lite.bands import Band, bands_of, joined, joined_planes
from sparkvsr_engine.models.lite.motion.keyframe_warping import KeyframeWarper, LiteKeyframe, tensor_of
from sparkvsr_engine.models.lite.motion.motion_walk import StepFlows
from sparkvsr_engine.models.lite.motion.warping import grow_flow, warp
from sparkvsr_engine.models.lite.networks.network import NEIGHBOURS, LiteNetwork
from sparkvsr_engine.models.lite.networks.stages import Blind, Keyed, Target, restore_blind, restore_keyed
from sparkvsr_engine.models.lite.pixels.colour_edges import luma_shares, with_luma_shares
from sparkvsr_engine.models.lite.pixels.drawn import DrawnEstimator
from sparkvsr_engine.models.lite.pixels.extremes import warped_extremes
from sparkvsr_engine.models.lite.pixels.planes import CELL, Planes, planes_of
from sparkvsr_engine.models.lite.pixels.source_planes import SourcePlanes
from sparkvsr_engine.models.lite.weight_mixer import DamageEstimator, WeightMixer
from sparkvsr_engine.models.lite.working_size import is_native_scale
from sparkvsr_engine.models.precision import Precision
from sparkvsr_engine.models.source_bound import SourceRange

# Cells; a constant picture stays constant, as well at its edge as inside.
MARGIN = 2


@dataclass(frozen=True, eq=False)
class KeyedPart:
    """What a keyframe changes, how far it is trusted per cell [1, 1, Hc/4, Wc/4], the flow to it
    [1, 2, Hc/2, Wc/2], and the extremes of its cells brought onto the frame, [3, Hc/4, Wc/4].
    """

    change: Planes
    trust: Tensor
    flow: Tensor
    extremes: SourceRange


@dataclass(frozen=True, eq=False)
class Restored:
    """A frame on home's canvas: the blind residual, and a part for each keyframe."""

    residual: Planes
    keyed: tuple[KeyedPart, ...]


class FrameRestorer:
    """The network at work on one shot.

    damage: see `models.base.ShotSettings`. is_light: whether frames are codes of scene-linear light.
    """

    def __init__(
        self,
        mixer: WeightMixer,
        precision: Precision,
        reader: FrameReader,
        home: Geometry,
        damage: float | None,
        *,
        is_light: bool = False,
    ) -> None:
        self._mixer = mixer
        self._precision = precision
        self._home = home
        self._is_light = is_light
        self._planes = SourcePlanes(reader, home)
        self._warper = KeyframeWarper(self._planes, home, precision)
        self._bands = bands_of(home)
        # The weights for clean sources know no other size than home: at 6 they lose 4 dB of a keyframe's 5.
        judge = mixer.judge if is_native_scale(home) else None
        self._damage = DamageEstimator(judge, damage, self._planes, precision)
        # Stated damage holds for drawn pictures too: their weights stand in for the clean ones alone.
        self._clean_share = 1.0 - (damage or 0.0)
        # Of light the weights for drawn pictures saw nothing: renderers anti-alias it.
        takes_drawn = mixer.has_drawn and is_native_scale(home) and not is_light and self._clean_share > 0
        self._drawn = DrawnEstimator(self._planes) if takes_drawn else None
        self._steps = StepFlows(self._planes)

    def keyframe(self, frame: int, picture: Tensor, at_home: Tensor, extremes: SourceRange) -> LiteKeyframe:
        """See `KeyframeWarper.keyframe`."""
        return self._warper.keyframe(frame, picture, at_home, extremes)

    def shows_same_picture(self, keyframe: LiteKeyframe, frame: int) -> bool:
        """See `KeyframeWarper.shows_same_picture`."""
        return self._warper.shows_same_picture(keyframe, frame)

    @property
    def bands(self) -> tuple[Band, ...]:
        """The bands a frame is restored in."""
        return self._bands

    @property
    def warper(self) -> KeyframeWarper:
        """Brings keyframes onto frames of the shot."""
        return self._warper

    def damage(self, frame: int) -> float:
        """How damaged a frame is taken to be, 0..1."""
        return self._damage.damage(frame)

    def drawn(self, frame: int) -> float:
        """How far the weights for drawn pictures are used, 0..1; stated damage takes their place."""
        return 0.0 if self._drawn is None else self._drawn.share(frame) * self._clean_share

    def canvas(self, frame: int) -> Tensor:
        """A source frame upsampled to home's canvas, float32 [1, 3, Hc, Wc]."""
        return self._planes.canvas(frame)

    def restored(self, frame: int, canvas: Tensor | None, keyframes: Sequence[LiteKeyframe]) -> Restored:
        """The frame under up to two keyframes that are not its own.

        Args:
            frame: its number.
            canvas: the frame at home [1, 3, Hc, Wc] where it is at hand.
            keyframes: the keyframes made ready.
        """
        network = self._mixer.at(self.damage(frame), self.drawn(frame))
        shares = None if self._is_light else luma_shares(self._planes.picture(frame))
        around = self.around(frame)
        self._rested(self._steps)
        flows = [self._warper.flow(frame, keyframe.frame) for keyframe in keyframes]
        self._rested(self._warper)
        residuals: list[Planes] = []
        changes: list[list[Planes]] = [[] for _ in keyframes]
        trusts: list[list[Tensor]] = [[] for _ in keyframes]
        for band in self._bands:
            target = self.target(frame, canvas, around, band)
            blind = restore_blind(network, target, MARGIN)
            if shares is not None:
                blind = replace(blind, residual=with_luma_shares(blind.residual, shares, band))
            residuals.append(_own_rows(band, blind.residual))
            keyed_part = self._keyed(network, frame, target, blind, keyframes, flows, band)
            for index, (change, gate) in enumerate(zip(keyed_part.changes, keyed_part.gates, strict=True)):
                changes[index].append(_own_rows(band, change))
                trusts[index].append(band.own_rows(gate.mean(1, keepdim=True), CELL))
        keyed = [
            KeyedPart(joined_planes(change), joined(trust), flow, warped_extremes(keyframe.extremes, flow))
            for keyframe, change, trust, flow in zip(keyframes, changes, trusts, flows, strict=True)
        ]
        return Restored(joined_planes(residuals), tuple(keyed))

    def around(self, frame: int) -> Tensor:
        """Half-size luma of a frame's four neighbours brought onto it, [1, 4, Hc/2, Wc/2]."""
        return torch.cat([self._neighbour(frame, offset) for offset in NEIGHBOURS], 1)

    def target(self, frame: int, canvas: Tensor | None, around: Tensor, band: Band) -> Target:
        """What the network sees of a frame in a band.

        Args:
            frame: its number.
            canvas: the frame's luma at working size, None where it is not needed.
            around: see there, canvas: see `restored`.
            band: the rows.
        """
        place = self._precision.place
        planes = planes_of(self._planes.canvas(frame, band) if canvas is None else band.of_canvas(canvas))
        scale = torch.tensor([self._home.scale], dtype=torch.float32, device=self._precision.device)
        half = band.of_canvas(self._planes.planes(frame).half, 2)
        on_device = Planes(place(planes.luma), place(planes.chroma))
        samples = self._warper.samples(frame, band)
        return Target(on_device, place(half), place(band.of_canvas(around, 2)), scale, samples)

    def _rested(self, searches: StepFlows | KeyframeWarper) -> None:
        """Of a large frame flow searches hold more than a band takes."""
        if len(self._bands) > 1:
            searches.release_buffers()

    def _keyed(
        self,
        network: LiteNetwork,
        frame: int,
        target: Target,
        blind: Blind,
        keyframes: Sequence[LiteKeyframe],
        flows: Sequence[Tensor],
        band: Band,
    ) -> Keyed:
        """What keyframes change in a band."""
        if not keyframes:
            return Keyed((), ())
        references = [
            self._warper.reference(frame, keyframe, flow, target.samples, band)
            for keyframe, flow in zip(keyframes, flows, strict=True)
        ]
        return restore_keyed(network, target, blind, references)

    def _neighbour(self, frame: int, offset: int) -> Tensor:
        neighbour = self._planes.inside(frame + offset)
        half = self._planes.planes(neighbour).half
        if neighbour == frame:
            return half
        flow = self._steps.path(frame, neighbour)
        return warp(half, grow_flow(tensor_of(flow), 2), cubic=True)


def _own_rows(band: Band, planes: Planes) -> Planes:
    return Planes(band.own_rows(planes.luma), band.own_rows(planes.chroma, 2))
