"""Keyframes brought onto other frames of a shot: motion is walked, registered and warped along."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.lite.bands import Band
from sparkvsr_engine.models.lite.motion import registration
from sparkvsr_engine.models.lite.motion.motion_walk import KeyframeWalk, Searches
from sparkvsr_engine.models.lite.motion.warping import grow_flow, warp
from sparkvsr_engine.models.lite.networks.network import MOST_KEYFRAMES
from sparkvsr_engine.models.lite.networks.stages import Reference
from sparkvsr_engine.models.lite.painted.painted_keyframe import PaintedKeyframe
from sparkvsr_engine.models.lite.pixels.consistency import SourceSamples
from sparkvsr_engine.models.lite.pixels.filters import halved, missing_of
from sparkvsr_engine.models.lite.pixels.planes import Planes, in_file, luma_of, planes_of
from sparkvsr_engine.models.lite.pixels.source_planes import SeenPlanes, SourcePlanes
from sparkvsr_engine.models.precision import Precision
from sparkvsr_engine.models.source_bound import SourceRange
from sparkvsr_engine.storage.mapped_array import MappedArrays


@dataclass(frozen=True, eq=False)
class LiteKeyframe:
    """A keyframe: what it adds to its own upsampled source frame at home, and that frame's half-size luma.

    picture: itself, on the output's canvas. detail: its luma to register frames with, [1, 1, H, W].
    missing: what it lacks of its source, [1, 1, h, w]. Neither where the source is as fine as the output.
    extremes: of its cells and those around them, [3, h, w]. own_luma: its source frame's luma, [1, 1, h, w].
    is_grey: whether its three channels are equal. painted: what goes past the network, None for nothing.
    mapped: those of its largest planes that lie in files.
    """

    frame: int
    picture: Tensor
    residual: Planes
    half: Tensor
    detail: Tensor | None
    missing: Tensor | None
    extremes: SourceRange
    own_luma: Tensor
    is_grey: bool
    painted: PaintedKeyframe | None = None
    mapped: MappedArrays = field(default_factory=MappedArrays)


class KeyframeWarper:
    """Brings keyframes onto frames of one shot, on the canvas of `home`.

    planes: of its source frames. seen: of what they are restored from.
    """

    def __init__(self, planes: SourcePlanes, seen: SeenPlanes, home: Geometry, precision: Precision) -> None:
        self._planes = planes
        self._seen = seen
        self._home = home
        self._precision = precision
        # Of a frame in bands, searches and keyframes are the largest part of what a process holds.
        self._is_large = planes.is_large
        self._searches = Searches(seen, one_at_a_time=self._is_large)
        self._walks: dict[tuple[int, bool], KeyframeWalk] = {}

    def keyframe(self, frame: int, picture: Tensor, at_home: Tensor, extremes: SourceRange) -> LiteKeyframe:
        """A keyframe made ready; picture, at_home: [1, 3, Hc, Wc] on the output's and on home's canvas.

        Args:
            frame: its number.
            picture: [1, C, H, W].
            at_home: the picture at working size, [1, 3, Hc, Wc].
            extremes: of its cells, see `LiteKeyframe`.
        """
        seen = self._seen.of(frame)
        planes = seen.planes(frame)
        residual = planes_of(at_home) - planes_of(seen.canvas(frame))
        detail, missing = self._against(planes.luma, at_home)
        red, green, blue = at_home[0]
        is_grey = bool(torch.equal(red, green) and torch.equal(red, blue))
        own_luma = self._planes.planes(frame).whole
        keyframe = LiteKeyframe(
            frame, picture, residual, planes.half, detail, missing, extremes, own_luma, is_grey
        )
        return _in_files(keyframe) if self._is_large else keyframe

    def shows_same_picture(self, keyframe: LiteKeyframe, frame: int) -> bool:
        """Whether a frame's source picture is exactly that of the keyframe's own frame."""
        planes = self._planes
        return torch.equal(planes.planes(frame).whole, keyframe.own_luma) and planes.is_same(
            frame, keyframe.frame
        )

    def samples(self, frame: int, band: Band) -> SourceSamples | None:
        """A frame's own samples in a band; none where the source is as fine as the output."""
        size, place = self._home, self._precision.place
        if not registration.applies(size.width, size.source_width):
            return None
        present = torch.ones(1, dtype=torch.bool, device=self._precision.device)
        luma = band.of_source(self._seen.of(frame).planes(frame).luma)
        return SourceSamples(place(luma), band.geometry.height, size.width, present)

    def flow(self, frame: int, keyframe: int) -> Tensor:
        """From a frame to a keyframe, [1, 2, Hc/2, Wc/2], as the search leaves it."""
        return tensor_of(self._walk(frame, keyframe).flow_from(frame))

    def release_buffers(self) -> None:
        """Give back the flow searches' buffers."""
        self._searches.release_buffers()

    def reference(
        self, frame: int, keyframe: LiteKeyframe, flow: Tensor, samples: SourceSamples | None, band: Band
    ) -> Reference:
        """The keyframe warped onto a band of the frame along `flow` (half grid), once that is registered.

        Args:
            frame: its number.
            keyframe: the keyframe made ready.
            flow: [1, 2, h, w] on the half grid, pixels.
            samples: the source's own samples, None where they are not compared.
            band: the rows.
        """
        place = self._precision.place
        residual = keyframe.residual
        at_full = grow_flow(place(band.of_canvas(flow, 2)), 2)
        # From the band's own rows into the whole keyframe.
        at_full[:, 1] += band.top
        at_full = self._registered(keyframe, at_full, samples)
        at_half = halved(at_full) / 2
        return Reference(
            Planes(
                warp(place(residual.luma), at_full, cubic=True),
                warp(place(residual.chroma), at_half),
            ),
            warp(place(keyframe.half), at_half),
            torch.tensor([abs(frame - keyframe.frame)], device=self._precision.device),
            None
            if samples is None or keyframe.missing is None
            else samples.brought(place(keyframe.missing), at_full),
        )

    def _against(self, source: Tensor, at_home: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """What a keyframe is registered with, and what it lacks of its source's luma."""
        size = self._home
        if not registration.applies(size.width, size.source_width):
            return None, None
        luma = luma_of(at_home)[..., : size.height, : size.width]
        missing = missing_of(luma, source)
        return registration.consistent_detail(luma, missing), missing

    def _registered(self, keyframe: LiteKeyframe, flow: Tensor, samples: SourceSamples | None) -> Tensor:
        """The flow on the whole canvas, exact to a fraction of a pixel inside the picture."""
        if samples is None or keyframe.detail is None:
            return flow
        inside = samples.inside(flow)
        inside.copy_(registration.register(self._precision.place(keyframe.detail), samples.luma, inside))
        return flow

    def _walk(self, frame: int, keyframe: int) -> KeyframeWalk:
        side = (keyframe, frame > keyframe)
        if side not in self._walks:
            far = [key for key in self._walks if key[0] != keyframe]
            for key in far[: max(0, len(self._walks) - 2 * MOST_KEYFRAMES)]:
                del self._walks[key]
            self._walks[side] = KeyframeWalk(keyframe, self._searches)
        return self._walks[side]


def _in_files(keyframe: LiteKeyframe) -> LiteKeyframe:
    """The keyframe with its largest planes in files."""
    mapped = MappedArrays()

    def moved(plane: Tensor) -> Tensor:
        return in_file(plane, mapped)

    return replace(
        keyframe,
        picture=moved(keyframe.picture),
        residual=Planes(moved(keyframe.residual.luma), moved(keyframe.residual.chroma)),
        half=moved(keyframe.half),
        detail=None if keyframe.detail is None else moved(keyframe.detail),
        extremes=SourceRange(moved(keyframe.extremes.low), moved(keyframe.extremes.high)),
        mapped=mapped,
    )


def tensor_of(flow: NDArray[np.float32]) -> Tensor:
    """A flow [h, w, 2] as the network's warps take it, [1, 2, h, w]."""
    return torch.from_numpy(np.ascontiguousarray(flow.transpose(2, 0, 1)))[None]
