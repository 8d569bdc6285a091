"""`lite` behind the restorer interface: one frame is one window.

Not here: the network (`network`), how keyframes reach other frames (`keyframe_warping`), what windows there
are (`planner`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.windows import Chunk, Window
from sparkvsr_engine.models.base import (
    LOCK,
    FrameReader,
    Geometry,
    Guidance,
    KeyframePicture,
    Prediction,
    RestoredFrame,
    RestorerTraits,
    ShotSettings,
)
from sparkvsr_engine.models.display_range import bring_into_range
from sparkvsr_engine.models.learnt import LearningBudget, Learnt
from sparkvsr_engine.models.lite import parts
from sparkvsr_engine.models.lite.frame_restorer import FrameRestorer, KeyedPart, PassesOf
from sparkvsr_engine.models.lite.motion.keyframe_warping import LiteKeyframe
from sparkvsr_engine.models.lite.networks.torch_passes import TorchPasses
from sparkvsr_engine.models.lite.painted.laying import painted_parts, pixels_of, without_painted
from sparkvsr_engine.models.lite.painted.painted_keyframe import PaintedKeyframe
from sparkvsr_engine.models.lite.pixels.extremes import cell_extremes
from sparkvsr_engine.models.lite.pixels.light_edges import with_edges_placed
from sparkvsr_engine.models.lite.pixels.planes import (
    Planes,
    add_planes,
    added_channels,
    planes_of,
    without_colour,
)
from sparkvsr_engine.models.lite.pixels.source_planes import canvas_of
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights, WeightMixer
from sparkvsr_engine.models.lite.working_size import OutputResampler, working_geometry
from sparkvsr_engine.models.precision import Precision
from sparkvsr_engine.models.source_bound import SourceRange, grey_of, is_grey, limit


@dataclass(frozen=True, eq=False)
class LiteSource:
    """A target frame on its canvas [1, 3, Hc, Wc] and the extremes of its neighbourhoods: all decoding needs.

    is_grey: whether its three channels are equal.
    """

    canvas: Tensor
    extremes: SourceRange
    is_grey: bool


class LiteRestorer:
    """The networks on a device, for any number of shots one after the other.

    passes_of: what runs a network there; how_it_runs: of it, for people.
    """

    def __init__(
        self,
        weights: LiteWeights,
        planner: LitePlanner,
        precision: Precision,
        passes_of: PassesOf = TorchPasses,
        how_it_runs: tuple[str, ...] = (),
    ) -> None:
        self._planner = planner
        self._precision = precision
        self._passes_of = passes_of
        self._how_it_runs = how_it_runs
        self._mixer = WeightMixer(weights, precision)
        self._taught: tuple[bytes, WeightMixer] | None = None

    @property
    def traits(self) -> RestorerTraits:
        """What it is."""
        return self._planner.traits

    def plan(
        self, shot: FrameSpan, span: FrameSpan, keyframes: Sequence[int], geometry: Geometry
    ) -> list[Chunk]:
        """See `models.base.Restorer.plan`."""
        return self._planner.plan(shot, span, keyframes, geometry)

    def open_shot(
        self,
        reader: FrameReader,
        geometry: Geometry,
        settings: ShotSettings,
        is_cancelled: Callable[[], bool],  # noqa: ARG002 - a window is one frame, the caller asks between them
    ) -> LiteShot:
        """See `models.base.Restorer.open_shot`; keyframes come locked or not, and nothing is random."""
        mixer = self._experts_of(settings.learnt)
        return LiteShot(mixer, self._passes_of, self._precision, reader, geometry, settings)

    def learn(
        self,
        reader: FrameReader,
        geometry: Geometry,
        settings: ShotSettings,
        frames: Sequence[int],
        keyframe: Callable[[int], KeyframePicture],
        budget: LearningBudget,
        checkpoint: Path,
        on_step: Callable[[int, int, float], None],
    ) -> Learnt:
        """See `models.base.LearningRestorer.learn`."""
        from sparkvsr_engine.models.lite.learning.teaching import teach

        bare = replace(settings, learnt=None)
        shot = LiteShot(self._mixer, self._passes_of, self._precision, reader, geometry, bare)
        return teach(shot, frames, keyframe, budget, self._precision, checkpoint, on_step, settings.learnt)

    def read_learnt(self, content: bytes) -> Learnt:
        """See `models.base.LearningRestorer.read_learnt`."""
        from sparkvsr_engine.models.lite.learning.learnt_file import unpack_learnt

        return unpack_learnt(content)[1]

    def _experts_of(self, learnt: bytes | None) -> WeightMixer:
        """The weights that ship, or with what was learnt added; the latest are kept for the next shot."""
        if learnt is None:
            return self._mixer
        if self._taught is None or self._taught[0] != learnt:
            from sparkvsr_engine.models.lite.learning.learnt_file import unpack_learnt

            changes, _ = unpack_learnt(learnt)
            self._taught = (learnt, self._mixer.taught(changes) if changes else self._mixer)
        return self._taught[1]

    def how_it_runs(self) -> tuple[str, ...]:
        """What runs the networks, where it is not torch."""
        return self._how_it_runs

    def close(self) -> None:
        """Nothing is held outside Python."""


class LiteShot:
    """`lite` at work on one shot."""

    def __init__(
        self,
        mixer: WeightMixer,
        passes_of: PassesOf,
        precision: Precision,
        reader: FrameReader,
        geometry: Geometry,
        settings: ShotSettings,
    ) -> None:
        self._precision = precision
        self._settings = settings
        self._home = working_geometry(geometry)
        self._way_out = OutputResampler(self._home, geometry, settings.curve)
        self._reader = reader
        # At the source's own size edges are as they are to come out.
        self._seen = with_edges_placed(reader, settings.curve) if geometry.scale > 1 else reader
        self._mixer = mixer
        is_light = settings.curve is not None
        self._work = FrameRestorer(
            mixer, passes_of, precision, self._seen, self._home, settings.damage, is_light=is_light
        )

    @property
    def work(self) -> FrameRestorer:
        """The network's passes and what they see, at home's size."""
        return self._work

    @property
    def look(self) -> str:
        """Whose colour the result has, see `models.base.ShotSettings`."""
        return self._settings.look

    @property
    def way_out(self) -> OutputResampler:
        """From home's size to the output's."""
        return self._way_out

    @torch.inference_mode()
    def encode_source(self, window: Window) -> LiteSource:
        """The target frame on the canvas; its neighbours are looked at when a prediction is made of it."""
        frame = window.span.start
        picture, seen = self._reader.read(frame), self._seen.read(frame)
        return LiteSource(canvas_of(seen, self._way_out.output), SourceRange.of(picture), is_grey(picture))

    @torch.inference_mode()
    def encode_keyframe(self, keyframe: KeyframePicture) -> LiteKeyframe:
        """The residual the keyframe adds to its own upsampled source frame."""
        pixels = keyframe.pixels
        if self._settings.look == LOCK and is_grey(self._reader.read(keyframe.frame)):
            pixels = grey_of(pixels)
        picture = canvas_of(pixels, self._way_out.output)
        at_home = picture if self._way_out.is_short else canvas_of(pixels, self._home)
        output = self._way_out.output
        extremes = cell_extremes(picture[..., : output.height, : output.width], self._home)
        if keyframe.painted is not None:
            at_home = self._without_painted(keyframe.frame, at_home, keyframe.painted)
        encoded = self._work.keyframe(keyframe.frame, picture, at_home, extremes)
        return replace(encoded, painted=self._painted(keyframe, pixels))

    def prefetch(self, window: Window) -> None:
        """Make ready what a window needs of the source while the next prediction's network runs.

        Args:
            window: the one that will follow.
        """
        self._work.prefetch(window.span.start)

    @torch.inference_mode()
    def predict(self, window: Window, source: LiteSource, keyframes: Sequence[LiteKeyframe]) -> Prediction:
        """Blind residual, and per keyframe what it changes against it.

        Args:
            window: the frames to predict, and their keyframes.
            source: what `encode_source` gave for the window.
            keyframes: the keyframes made ready.
        """
        frame = window.span.start
        own_shares = self._shares_of_own(frame, keyframes)
        noise = self._work.noise(frame)
        at_home = source.canvas if self._way_out.is_short and noise is None else None
        with self._precision.running():
            restored = self._work.restored(frame, at_home, () if own_shares else keyframes)
            residual = self._resampled_blind(frame, source, restored.residual, noise)
            packed = parts.pack_blind(residual)
            if own_shares:
                packed |= _exact_parts(add_planes(source.canvas, _on_cpu(residual)), keyframes, own_shares)
            if restored.keyed:
                packed |= self._keyed_parts(source, keyframes, restored.keyed)
        prediction = Prediction(window, packed)
        if not restored.keyed or all(keyframe.painted is None for keyframe in keyframes):
            return prediction
        laid = self._painted_parts(prediction, source, keyframes, restored.keyed)
        return Prediction(window, packed | laid)

    @torch.inference_mode()
    def decode(self, prediction: Prediction, source: LiteSource, guidance: Guidance) -> list[RestoredFrame]:
        """Blind result plus each keyframe's part times its influence.

        Args:
            prediction: what `predict` gave for the window.
            source: what `encode_source` gave for the window.
            guidance: how far keyframes count, in all and one by one.
        """
        frame, keyframes = prediction.window.span.start, prediction.window.keyframes
        mixture = parts.mix(prediction.parts, keyframes, guidance)
        out = add_planes(source.canvas, mixture.residual)
        out += parts.own_part(prediction.parts, keyframes, guidance)
        height, width = self._way_out.output.height, self._way_out.output.width
        inside = out[0, :, :height, :width]
        if self._settings.curve is None:
            bring_into_range(inside)
        extremes = parts.joint_extremes(prediction.parts, mixture.shares, source.extremes, self._home)
        limited = limit(inside, extremes.limits(self._settings.curve))
        # OpenCV brings planes together three times as fast as torch.
        pixels = np.asarray(cv2.merge([plane.numpy() for plane in inside]), np.float32)
        return [RestoredFrame(frame, pixels, mixture.trust, limited)]

    def carried(self, prediction: Prediction, source: LiteSource, frame: int) -> KeyframePicture:
        """Never asked for: no window carries a frame from its neighbour.

        Args:
            prediction: what `predict` gave for the window.
            source: what `encode_source` gave for the window.
            frame: number of the frame.
        """
        raise NotImplementedError(f"lite carries no frames ({prediction.window.span}, {source}, {frame})")

    def close(self) -> None:
        """Nothing is held outside Python."""

    def _shares_of_own(self, frame: int, keyframes: Sequence[LiteKeyframe]) -> dict[int, float]:
        """Which keyframes show this very picture, by their place, and the share of each; they add up to 1.

        A still picture is the keyframe's on all of its frames: on the keyframe's own alone it would blink.
        Between two keyframes of a still it goes over from one to the other.
        """
        distances = {index: abs(frame - keyframe.frame) for index, keyframe in enumerate(keyframes)}
        for index, distance in distances.items():
            if distance == 0:
                return {index: 1.0}
        same = [
            index
            for index, keyframe in enumerate(keyframes)
            if self._work.shows_same_picture(keyframe, frame)
        ]
        if len(same) < 2:
            return dict.fromkeys(same, 1.0)
        total = sum(distances[index] for index in same)
        return {index: 1 - distances[index] / total for index in same}

    def _painted(self, keyframe: KeyframePicture, pixels: Picture) -> PaintedKeyframe | None:
        """What goes past the network."""
        if keyframe.painted is None:
            return None
        luma = np.ascontiguousarray(grey_of(self._reader.read(keyframe.frame))[..., 0])
        return PaintedKeyframe.of(pixels, keyframe.painted, luma)

    def _without_painted(self, frame: int, at_home: Tensor, painted: NDArray[np.float32]) -> Tensor:
        """A keyframe at home [1, 3, Hc, Wc] as the network sees it: without what is painted on it."""
        with self._precision.running():
            residual = _on_cpu(self._work.restored(frame, None, ()).residual)
        if is_grey(self._reader.read(frame)):
            residual = without_colour(residual)
        return without_painted(at_home, painted, add_planes(self._work.canvas(frame), residual), self._home)

    def _painted_parts(
        self,
        prediction: Prediction,
        source: LiteSource,
        keyframes: Sequence[LiteKeyframe],
        keyed: Sequence[KeyedPart],
    ) -> dict[str, NDArray[np.generic]]:
        """What is painted on keyframes, laid over the result under all of them."""
        frame = prediction.window.span.start
        mixture = parts.mix(prediction.parts, prediction.window.keyframes, Guidance())
        result = pixels_of(add_planes(source.canvas, mixture.residual), self._way_out.output)
        luma = np.ascontiguousarray(grey_of(self._reader.read(frame))[..., 0])
        return painted_parts(result, luma, frame, keyframes, keyed, self._home)

    def _resampled_blind(
        self, frame: int, source: LiteSource, residual: Planes, noise: Picture | None
    ) -> Planes:
        """The blind residual on the output's canvas, against the source upsampled to it, noise and all."""
        if not self._way_out.is_short:
            restored = added_channels(self._work.channels(frame), _on_cpu(residual))
            residual = planes_of(self._way_out.restored(restored) - source.canvas)
        elif noise is not None:
            residual = _on_cpu(residual) - planes_of(canvas_of(noise, self._way_out.output))
        return without_colour(residual) if source.is_grey else residual

    def _keyed_parts(
        self, source: LiteSource, keyframes: Sequence[LiteKeyframe], keyed: Sequence[KeyedPart]
    ) -> dict[str, NDArray[np.generic]]:
        packed: dict[str, NDArray[np.generic]] = {}
        for index, (keyframe, part) in enumerate(zip(keyframes, keyed, strict=True)):
            packed |= self._packed(index, part, stays_grey=source.is_grey and keyframe.is_grey)
        return packed

    def _packed(self, index: int, keyed: KeyedPart, stays_grey: bool) -> dict[str, NDArray[np.generic]]:
        out = self._way_out
        change, flow, trust = out.planes(keyed.change), out.flow(keyed.flow), out.trust(keyed.trust)
        if stays_grey:
            change = without_colour(change)
        return parts.pack_keyed(index, change, flow, trust) | parts.pack_extremes(index, keyed.extremes)


def _exact_parts(
    blind: Tensor, keyframes: Sequence[LiteKeyframe], shares: Mapping[int, float]
) -> dict[str, NDArray[np.generic]]:
    """Keyframes' pictures themselves: nothing a network could add to them on their own frames.

    Args:
        blind: the blind result, [1, 3, Hc, Wc].
        keyframes: the keyframes made ready, by their place.
        shares: of each keyframe, by its place.
    """
    packed: dict[str, NDArray[np.generic]] = {}
    for index, share in shares.items():
        keyframe = keyframes[index]
        packed |= parts.pack_exact(index, (keyframe.picture - blind) * share)
        packed |= parts.pack_extremes(index, keyframe.extremes)
    return packed


def _on_cpu(planes: Planes) -> Planes:
    return Planes(planes.luma.cpu(), planes.chroma.cpu())
