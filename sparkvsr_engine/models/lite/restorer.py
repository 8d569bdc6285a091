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
    ShotSettings,
)
from sparkvsr_engine.models.lite import parts
from sparkvsr_engine.models.lite.experts import Experts, LiteWeights
from sparkvsr_engine.models.lite.home_size import WayOut, home_of
from sparkvsr_engine.models.lite.home_work import HomeWork, KeyedPart
from sparkvsr_engine.models.lite.keyframe_warping import LiteKeyframe
from sparkvsr_engine.models.lite.planes import Planes, add_planes, planes_of
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.precision import Precision
from sparkvsr_engine.models.lite.source_planes import canvas_of


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
        settings: ShotSettings,
        is_cancelled: Callable[[], bool],  # noqa: ARG002 - a window is one frame, the caller asks between them
    ) -> LiteShot:
        """See `models.base.Restorer.open_shot`; keyframes come locked or not, and nothing is random."""
        return LiteShot(self._experts, self._precision, reader, geometry, settings.damage)

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
        damage: float | None,
    ) -> None:
        self._precision = precision
        self._home = home_of(geometry)
        self._way_out = WayOut(self._home, geometry)
        self._reader = reader
        self._work = HomeWork(experts, precision, reader, self._home, damage)

    @torch.inference_mode()
    def encode_source(self, window: Window) -> LiteSource:
        """The target frame on the canvas; its neighbours are looked at when a prediction is made of it."""
        return LiteSource(canvas_of(self._reader.read(window.span.start), self._way_out.output))

    @torch.inference_mode()
    def encode_keyframe(self, keyframe: KeyframePicture) -> LiteKeyframe:
        """The residual the keyframe adds to its own upsampled source frame."""
        picture = canvas_of(keyframe.pixels, self._way_out.output)
        at_home = picture if self._way_out.is_short else canvas_of(keyframe.pixels, self._home)
        return self._work.keyframe(keyframe.frame, picture, at_home)

    @torch.inference_mode()
    def predict(self, window: Window, source: LiteSource, keyframes: Sequence[LiteKeyframe]) -> Prediction:
        """Blind residual, and per keyframe what it changes against it."""
        frame = window.span.start
        own = [keyframe for keyframe in keyframes if keyframe.frame == frame]
        at_home = source.canvas if self._way_out.is_short else None
        with self._precision.running():
            restored = self._work.restored(frame, at_home, () if own else keyframes)
            residual = self._brought_out(frame, source.canvas, restored.residual)
            found = parts.pack_blind(residual)
            if own:
                # The artist's picture itself: nothing a network could add to it on its own frame.
                found |= parts.pack_exact(own[0].picture - add_planes(source.canvas, _on_cpu(residual)))
            for index, keyed in enumerate(restored.keyed):
                found |= self._packed(index, keyed)
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

    def _brought_out(self, frame: int, output: Tensor, residual: Planes) -> Planes:
        """The blind residual on the output's canvas, against the source upsampled to it."""
        if self._way_out.is_short:
            return residual
        restored = add_planes(self._work.canvas(frame), _on_cpu(residual))
        return planes_of(self._way_out.picture(restored) - output)

    def _packed(self, index: int, keyed: KeyedPart) -> dict[str, NDArray[np.generic]]:
        out = self._way_out
        change, flow, trust = out.planes(keyed.change), out.flow(keyed.flow), out.trust(keyed.trust)
        return parts.pack_keyed(index, change, flow, trust)


def _on_cpu(planes: Planes) -> Planes:
    return Planes(planes.luma.cpu(), planes.chroma.cpu())
