"""One frame restored at home's size, band by band."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.base import FrameReader
from sparkvsr_engine.models.lite.bands import Band, bands_of, joined, joined_planes
from sparkvsr_engine.models.lite.motion.denoising import DenoisedReader
from sparkvsr_engine.models.lite.motion.keyframe_warping import KeyframeWarper, LiteKeyframe, tensor_of
from sparkvsr_engine.models.lite.motion.motion_walk import StepFlows
from sparkvsr_engine.models.lite.motion.warping import grow_flow, warp
from sparkvsr_engine.models.lite.networks.network import NEIGHBOURS, LiteNetwork
from sparkvsr_engine.models.lite.networks.stages import (
    Blind,
    Keyed,
    NetworkPasses,
    Reference,
    Target,
    restore_blind,
    restore_keyed,
)
from sparkvsr_engine.models.lite.pixels.blind_use import BlindUse
from sparkvsr_engine.models.lite.pixels.drawn import DrawnEstimator
from sparkvsr_engine.models.lite.pixels.extremes import warped_extremes
from sparkvsr_engine.models.lite.pixels.planes import CELL, Planes, in_file, planes_of
from sparkvsr_engine.models.lite.pixels.source_planes import SeenPlanes, SourcePlanes
from sparkvsr_engine.models.lite.weight_mixer import DamageEstimator, WeightMixer
from sparkvsr_engine.models.lite.working_size import is_native_scale
from sparkvsr_engine.models.precision import Precision
from sparkvsr_engine.models.source_bound import SourceRange
from sparkvsr_engine.storage import process_memory
from sparkvsr_engine.storage.bounded_dict import BoundedDict
from sparkvsr_engine.storage.mapped_array import MappedArrays

PassesOf = Callable[[LiteNetwork], NetworkPasses]

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


class Flows:
    """Flows to a frame's keyframes, searched in a thread or at hand.

    search: gives them. searcher: the thread, None for none.
    """

    def __init__(self, search: Callable[[], list[Tensor]], searcher: Executor | None) -> None:
        self._search = search
        self._searcher = searcher
        self._flows = None if searcher is not None else search()
        self._future: Future[list[Tensor]] | None = None

    @contextmanager
    def searching(self) -> Generator[None]:
        """Search beside what is done meanwhile; at its end, also by an error, the search is over."""
        if self._searcher is not None and self._future is None:
            self._future = self._searcher.submit(self._search)
        try:
            yield
        finally:
            if self._future is not None:
                wait([self._future])

    def all(self) -> list[Tensor]:
        """All of them, once they were searched; raises what the search raised."""
        if self._flows is None:
            assert self._future is not None
            self._flows = self._future.result()
        return self._flows


class FrameRestorer:
    """The network at work on one shot.

    passes_of: what runs a network. damage: see `models.base.ShotSettings`. is_light: whether frames are codes
    of scene-linear light.
    """

    def __init__(
        self,
        mixer: WeightMixer,
        passes_of: PassesOf,
        precision: Precision,
        reader: FrameReader,
        home: Geometry,
        damage: float | None,
        *,
        is_light: bool = False,
    ) -> None:
        self._mixer = mixer
        self._passes_of = passes_of
        self._precision = precision
        self._home = home
        self._is_light = is_light
        self._planes = SourcePlanes(reader, home)
        self._steps = StepFlows(self._planes)
        self._bands = bands_of(home)
        # The weights for clean sources know no other size than home: at 6 they lose 4 dB of a keyframe's 5.
        judge = mixer.judge if is_native_scale(home) else None
        self._damage = DamageEstimator(judge, damage, self._planes, precision)
        denoised = DenoisedReader(reader, self._steps, home, self._noisiness)
        self._seen = SeenPlanes(self._planes, SourcePlanes(denoised, home), denoised.changes)
        self._warper = KeyframeWarper(self._planes, self._seen, home, precision)
        # Stated damage holds for drawn pictures too: their weights stand in for the clean ones alone.
        self._clean_share = 1.0 - (damage or 0.0)
        # Of light the weights for drawn pictures saw nothing: renderers anti-alias it.
        takes_drawn = mixer.has_drawn and is_native_scale(home) and not is_light and self._clean_share > 0
        self._drawn = DrawnEstimator(self._planes) if takes_drawn else None
        self._searcher = ThreadPoolExecutor(2, "lite motion")
        self._has_keyframes = False
        self._following: int | None = None
        # Of the frame in hand and the one that follows.
        self._around: BoundedDict[int, Tensor] = BoundedDict(0 if self._planes.is_large else 2)

    def keyframe(self, frame: int, picture: Tensor, at_home: Tensor, extremes: SourceRange) -> LiteKeyframe:
        """See `KeyframeWarper.keyframe`."""
        # From here on every frame is restored with features: graphs without them would be compiled for a few.
        self._has_keyframes = True
        keyframe = self._warper.keyframe(frame, picture, at_home, extremes)
        self._rested(self._steps)
        return keyframe

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

    def has_frame(self, frame: int) -> bool:
        """Whether a frame belongs to the shot."""
        return self._planes.inside(frame) == frame

    def damage(self, frame: int) -> float:
        """How damaged a frame is taken to be, 0..1."""
        return self._damage.damage(frame)

    def drawn(self, frame: int) -> float:
        """How far the weights for drawn pictures are used, 0..1; stated damage takes their place."""
        return 0.0 if self._drawn is None else self._drawn.share(frame) * self._clean_share

    def network(self, damage: float, drawn: float) -> LiteNetwork:
        """The network for frames that are so damaged, and so far drawn without anti-aliasing, 0..1 each."""
        is_native = is_native_scale(self._home)
        return self._mixer.at(damage, drawn, is_native=is_native, is_light=self._is_light)

    def prefetch(self, frame: int) -> None:
        """Make ready what a frame needs of the source beside the next frame's network. Of frames in bands
        nothing is: it would be held beside all of a band.
        """
        if not self._planes.is_large:
            self._following = frame

    def noise(self, frame: int) -> Picture | None:
        """What is taken for noise in a source frame, float32 [h, w, 3]; None where nothing is."""
        if not self._seen.is_denoised(frame):
            return None
        return self._planes.picture(frame) - self._picture(frame)

    def canvas(self, frame: int) -> Tensor:
        """A source frame without its noise, upsampled to home's canvas, float32 [1, 3, Hc, Wc]."""
        return self._seen.of(frame).canvas(frame)

    def channels(self, frame: int) -> Iterator[Tensor]:
        """The same, one channel after the other, float32 [1, 1, Hc, Wc]."""
        return self._seen.of(frame).channels(frame)

    def restored(self, frame: int, canvas: Tensor | None, keyframes: Sequence[LiteKeyframe]) -> Restored:
        """The frame under up to two keyframes that are not its own.

        Args:
            frame: its number.
            canvas: the frame at home [1, 3, Hc, Wc] where it is at hand.
            keyframes: the keyframes made ready.
        """
        passes = self._passes_of(self.network(self.damage(frame), self.drawn(frame)))
        use = None if self._is_light else self._use(frame)
        mapped = MappedArrays()
        for keyframe in keyframes:
            # Prepared before a search in a thread looks at them.
            self._seen.half(keyframe.frame)
        around = self._in_file(self.around(frame), mapped)
        self._rested(self._steps)
        flows = self._flows(frame, keyframes, mapped)
        residuals: list[Planes] = []
        changes: list[list[Planes]] = [[] for _ in keyframes]
        trusts: list[list[Tensor]] = [[] for _ in keyframes]
        for band in self._bands:
            target = self.target(frame, canvas, around, band)
            with flows.searching():
                blind = restore_blind(passes, target, MARGIN, with_features=self._has_keyframes)
            if use is not None:
                blind = replace(
                    blind, residual=use.used(blind.residual, self._seen_by(use, frame, band), band)
                )
            residuals.append(_own_rows(band, blind.residual))
            keyed_part = self._keyed(passes, frame, target, blind, keyframes, flows.all(), band)
            for index, (change, trust) in enumerate(zip(keyed_part.changes, keyed_part.trusts, strict=True)):
                changes[index].append(_own_rows(band, change))
                trusts[index].append(band.own_rows(trust, CELL))
            self._release_pages(mapped, *(keyframe.mapped for keyframe in keyframes))
            # The next band would begin beside all of this one.
            del target, blind, keyed_part
        keyed: list[KeyedPart] = []
        for keyframe, change, trust, flow in zip(keyframes, changes, trusts, flows.all(), strict=True):
            extremes = warped_extremes(keyframe.extremes, flow)
            keyed.append(KeyedPart(joined_planes(change), joined(trust), flow, extremes))
            # Of a large frame its rows are as much again.
            change.clear()
        residual = joined_planes(residuals)
        if self._planes.is_large:
            residuals.clear()
            process_memory.give_back()
        return Restored(residual, tuple(keyed))

    def around(self, frame: int) -> Tensor:
        """Half-size luma of a frame's four neighbours brought onto it, [1, 4, Hc/2, Wc/2]."""
        return self._around.get_or_make(
            frame, lambda: torch.cat([self._neighbour(frame, offset) for offset in NEIGHBOURS], 1)
        )

    def target(self, frame: int, canvas: Tensor | None, around: Tensor, band: Band) -> Target:
        """What the network sees of a frame in a band.

        Args:
            frame: its number.
            canvas: the frame's luma at working size, None where it is not needed.
            around: see there, canvas: see `restored`.
            band: the rows.
        """
        place = self._precision.place
        seen = self._seen.of(frame)
        planes = planes_of(seen.canvas(frame, band) if canvas is None else band.of_canvas(canvas))
        scale = torch.tensor([self._home.scale], dtype=torch.float32, device=self._precision.device)
        half = band.of_canvas(seen.planes(frame).half, 2)
        on_device = Planes(place(planes.luma), place(planes.chroma))
        samples = self._warper.samples(frame, band)
        return Target(on_device, place(half), place(band.of_canvas(around, 2)), scale, samples)

    def _noisiness(self, frame: int) -> float:
        """How far a frame is denoised, 0..1: as far as it is damaged, and not drawn."""
        return self._damage.step(frame) * (1 - self.drawn(frame))

    def _picture(self, frame: int) -> Picture:
        """A source frame without its noise, float32 [h, w, 3]."""
        return self._seen.of(frame).picture(frame)

    def _use(self, frame: int) -> BlindUse:
        """What is used of a frame's blind residual: of drawn and damaged frames not all, of waves nothing."""
        drawn, damage = self.drawn(frame), self.damage(frame)
        share = 1.0 if self._drawn is None or drawn <= 0 else 1 - drawn * (1 - self._drawn.used(frame))
        if is_native_scale(self._home):
            share *= self._mixer.used_share(damage)
        has_waves = is_native_scale(self._home) and drawn <= 0
        return BlindUse.of(self._picture(frame), share, damage if has_waves else None)

    def _seen_by(self, use: BlindUse, frame: int, band: Band) -> Tensor | None:
        """A frame's canvas in a band where it is needed."""
        return None if use.wave_shares is None else self._seen.of(frame).canvas(frame, band)

    def _flows(self, frame: int, keyframes: Sequence[LiteKeyframe], mapped: MappedArrays) -> Flows:
        """From a frame to its keyframes.

        In one band they are searched while the blind path runs, which looks at nothing they touch, and the
        frame that follows is made ready behind them. In several they are searched before, and give back what
        they hold: it is more than a band takes.
        """
        following, self._following = self._following, None

        @torch.inference_mode()
        def search() -> list[Tensor]:
            flows = [
                self._in_file(self._warper.flow(frame, keyframe.frame), mapped) for keyframe in keyframes
            ]
            self._rested(self._warper)
            if following is not None:
                self._make_ready(following)
            return flows

        is_beside = not self._planes.is_large and (bool(keyframes) or following is not None)
        return Flows(search, self._searcher if is_beside else None)

    def _make_ready(self, frame: int) -> None:
        """What a frame needs of the source before the network sees it; kept where it is asked for."""
        # What fails here, as a frame that cannot be read, fails again where it is needed.
        with suppress(Exception):
            self._seen.of(frame).planes(frame)
            self.around(frame)

    def _rested(self, searches: StepFlows | KeyframeWarper) -> None:
        """Of a large frame flow searches hold more than a band takes."""
        if self._planes.is_large:
            searches.release_buffers()
            self._release_pages()
            process_memory.give_back()

    def _in_file(self, plane: Tensor, mapped: MappedArrays) -> Tensor:
        """A plane of all of a frame, in a file where that is large: a band looks at some of its rows."""
        return in_file(plane, mapped) if self._planes.is_large else plane

    def _release_pages(self, *mapped: MappedArrays) -> None:
        """Hold nothing of what lies in files, the source frames' planes among it."""
        self._seen.release_pages()
        for arrays in mapped:
            arrays.release_pages()

    def _keyed(
        self,
        passes: NetworkPasses,
        frame: int,
        target: Target,
        blind: Blind,
        keyframes: Sequence[LiteKeyframe],
        flows: Sequence[Tensor],
        band: Band,
    ) -> Keyed:
        """What keyframes change in a band."""
        if not keyframes:
            return Keyed((), (), ())

        @torch.inference_mode()
        def reference(keyframe: LiteKeyframe, flow: Tensor) -> Reference:
            return self._warper.reference(frame, keyframe, flow, target.samples, band)

        # Warps leave a core idle; of a frame in bands they would hold too much beside each other.
        is_beside = not self._planes.is_large and self._precision.device.type == "cpu"
        side_by_side = self._searcher.map if is_beside else map
        references = list(side_by_side(reference, keyframes, flows))
        return restore_keyed(passes, target, blind, references)

    def _neighbour(self, frame: int, offset: int) -> Tensor:
        neighbour = self._planes.inside(frame + offset)
        if neighbour == frame:
            return self._seen.of(frame).planes(frame).half
        flow = self._steps.path(frame, neighbour)
        return warp(self._planes.planes(neighbour).half, grow_flow(tensor_of(flow), 2), cubic=True)


def _own_rows(band: Band, planes: Planes) -> Planes:
    return Planes(band.own_rows(planes.luma), band.own_rows(planes.chroma, 2))
