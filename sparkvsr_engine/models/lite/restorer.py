"""`lite` behind the restorer interface: one frame is one window.

Not here: the network (`network`), how keyframes reach other frames (`keyframe_warping`), what windows there
are (`planner`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.windows import Chunk, Window
from sparkvsr_engine.models.base import (
    FrameReader,
    Geometry,
    Guidance,
    KeyframePicture,
    Prediction,
    RestoredFrame,
    RestorerTraits,
)
from sparkvsr_engine.models.lite import parts
from sparkvsr_engine.models.lite.experts import DamageMeter, Experts, LiteWeights
from sparkvsr_engine.models.lite.home_size import WayOut, home_of, is_home
from sparkvsr_engine.models.lite.keyframe_warping import KeyframeWarper, LiteKeyframe, tensor_of
from sparkvsr_engine.models.lite.motion_walk import StepFlows
from sparkvsr_engine.models.lite.network import NEIGHBOURS, LiteNetwork
from sparkvsr_engine.models.lite.planes import Planes, add_planes, planes_of
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.precision import Precision
from sparkvsr_engine.models.lite.source_planes import SourcePlanes, canvas_of
from sparkvsr_engine.models.lite.stages import Blind, Target, restore_blind, restore_keyed
from sparkvsr_engine.models.lite.warping import grow_flow, warp

# Cells; a constant picture stays constant, as well at its edge as inside.
MARGIN = 2


@dataclass(frozen=True, eq=False)
class LiteSource:
    """A target frame on its canvas [1, 3, Hc, Wc], all that decoding needs of it."""

    canvas: Tensor


class LiteRestorer:
    """The networks on a device, for any number of shots one after the other."""

    def __init__(self, weights: LiteWeights, planner: LitePlanner, precision: Precision) -> None:
        self._planner = planner
        self._precision = precision
        self._experts = Experts(weights, precision)

    @property
    def traits(self) -> RestorerTraits:
        """What it is."""
        return self._planner.traits

    def plan(
        self, shot: FrameSpan, wanted: FrameSpan, keyframes: Sequence[int], geometry: Geometry
    ) -> list[Chunk]:
        """See `models.base.Restorer.plan`."""
        return self._planner.plan(shot, wanted, keyframes, geometry)

    def open_shot(
        self,
        reader: FrameReader,
        geometry: Geometry,
        look: str,  # noqa: ARG002 - keyframes come locked or not
        seed: int,  # noqa: ARG002 - nothing is random here
        is_cancelled: Callable[[], bool],  # noqa: ARG002 - a window is one frame, the caller asks between them
    ) -> LiteShot:
        """See `models.base.Restorer.open_shot`."""
        return LiteShot(self._experts, self._precision, reader, geometry)

    def how_it_runs(self) -> tuple[str, ...]:
        """Nothing: it fits wherever it is used."""
        return ()

    def close(self) -> None:
        """Nothing is held outside Python."""


class LiteShot:
    """`lite` at work on one shot."""

    def __init__(
        self,
        experts: Experts,
        precision: Precision,
        reader: FrameReader,
        geometry: Geometry,
    ) -> None:
        self._experts = experts
        self._precision = precision
        self._home = home_of(geometry)
        self._way_out = WayOut(self._home, geometry)
        self._reader = reader
        self._planes = SourcePlanes(reader, self._home)
        # The weights for clean sources know no other size than home: at 6 they lose 4 dB of a keyframe's 5.
        judge = experts.judge if is_home(self._home) else None
        self._damage = DamageMeter(judge, self._planes, precision)
        self._steps = StepFlows(self._planes)
        self._warper = KeyframeWarper(self._planes, self._home, precision)

    @torch.inference_mode()
    def encode_source(self, window: Window) -> LiteSource:
        """The target frame on the canvas; its neighbours are looked at when a prediction is made of it."""
        return LiteSource(canvas_of(self._reader.read(window.span.start), self._way_out.output))

    @torch.inference_mode()
    def encode_keyframe(self, keyframe: KeyframePicture) -> LiteKeyframe:
        """The residual the keyframe adds to its own upsampled source frame."""
        picture = canvas_of(keyframe.pixels, self._way_out.output)
        at_home = picture if self._way_out.is_short else canvas_of(keyframe.pixels, self._home)
        return self._warper.keyframe(keyframe.frame, picture, at_home)

    @torch.inference_mode()
    def predict(self, window: Window, source: LiteSource, keyframes: Sequence[LiteKeyframe]) -> Prediction:
        """Blind residual, and per keyframe what it changes against it."""
        frame = window.span.start
        neighbours = torch.cat([self._neighbour(frame, offset) for offset in NEIGHBOURS], 1)
        network = self._experts.at(self._damage.damage(frame))
        with self._precision.running():
            at_home = source.canvas if self._way_out.is_short else self._planes.canvas(frame)
            target = self._target(frame, at_home, neighbours)
            blind = restore_blind(network, target, MARGIN)
            residual = self._brought_out(source.canvas, at_home, blind.residual)
            found = parts.pack_blind(residual)
            own = [keyframe for keyframe in keyframes if keyframe.frame == frame]
            if own:
                # The artist's picture itself: nothing a network could add to it on its own frame.
                restored = add_planes(source.canvas, _on_cpu(residual))
                found |= parts.pack_exact(own[0].picture - restored)
            elif keyframes:
                found |= self._keyed(network, frame, target, blind, keyframes)
        return Prediction(window, found)

    @torch.inference_mode()
    def decode(self, prediction: Prediction, source: LiteSource, guidance: Guidance) -> list[RestoredFrame]:
        """Blind result plus each keyframe's part times its influence."""
        frame = prediction.window.span.start
        total, confidence = parts.mix(prediction.parts, prediction.window.keyframes, guidance)
        out = add_planes(source.canvas, total)
        if parts.is_exact(prediction.parts):
            out += parts.exact_part(prediction.parts, frame, guidance)
        size = (self._way_out.output.height, self._way_out.output.width)
        pixels = out[0, :, : size[0], : size[1]].permute(1, 2, 0).contiguous().numpy()
        return [RestoredFrame(frame, pixels, confidence)]

    def carried(self, prediction: Prediction, source: LiteSource, frame: int) -> KeyframePicture:
        """Never asked for: no window carries a frame from its neighbour."""
        raise NotImplementedError(f"lite carries no frames ({prediction.window.span}, {source}, {frame})")

    def close(self) -> None:
        """Nothing is held outside Python."""

    def _brought_out(self, output: Tensor, at_home: Tensor, residual: Planes) -> Planes:
        """The blind residual on the output's canvas, against the source upsampled to it."""
        if self._way_out.is_short:
            return residual
        restored = add_planes(at_home, _on_cpu(residual))
        return planes_of(self._way_out.picture(restored) - output)

    def _target(self, frame: int, at_home: Tensor, neighbours: Tensor) -> Target:
        """What the network sees; neighbours: luma of four frames brought onto this one [1, 4, Hc/2, Wc/2]."""
        place = self._precision.place
        half = self._planes.planes(frame).half
        planes = planes_of(at_home)
        scale = torch.tensor([self._home.scale], dtype=torch.float32, device=self._precision.device)
        on_device = Planes(place(planes.luma), place(planes.chroma))
        return Target(on_device, place(half), place(neighbours), scale, self._warper.samples(frame))

    def _keyed(
        self,
        network: LiteNetwork,
        frame: int,
        target: Target,
        blind: Blind,
        keyframes: Sequence[LiteKeyframe],
    ) -> dict[str, NDArray[np.generic]]:
        """The keyed parts under up to two keyframes, none of them the frame's own."""
        flows = [self._warper.flow(frame, keyframe.frame) for keyframe in keyframes]
        references = [
            self._warper.reference(frame, keyframe, flow, target.samples)
            for keyframe, flow in zip(keyframes, flows, strict=True)
        ]
        keyed = restore_keyed(network, target, blind, references)
        found: dict[str, NDArray[np.generic]] = {}
        for index, change in enumerate(keyed.changes):
            gate = self._way_out.gate(keyed.gates[index])
            found |= parts.pack_keyed(
                index, self._way_out.planes(change), self._way_out.flow(flows[index]), gate
            )
        return found

    def _neighbour(self, frame: int, offset: int) -> Tensor:
        other = self._reader.span.clamp(frame + offset)
        half = self._planes.planes(other).half
        if other == frame:
            return half
        flow = self._steps.path(frame, other)
        return warp(half, grow_flow(tensor_of(flow), 2), cubic=True)


def _on_cpu(planes: Planes) -> Planes:
    return Planes(planes.luma.cpu(), planes.chroma.cpu())
