"""The published model at work on one shot: the four stages of a restorer, each kept by what it depends on.

Source latents and the blind velocity depend on the source, the keyed velocity on keyframes too; guidance,
strengths and mattes mix the two after prediction. A carried frame is always taken at guidance 1 without
mattes, so that moving the slider never invalidates the windows that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.grid_windows import GRID, SlotMap, run_length
from sparkvsr_engine.core.windows import Window
from sparkvsr_engine.models.base import FrameReader, Guidance, KeyframePicture, Prediction, RestoredFrame
from sparkvsr_engine.models.cogvideox import pixels
from sparkvsr_engine.models.cogvideox.influence import (
    Entry,
    from_arrays,
    guidance_map,
    is_as_trained,
    shares_at,
    to_arrays,
)
from sparkvsr_engine.models.cogvideox.memory.memory_planner import Stage
from sparkvsr_engine.models.cogvideox.memory.run_plan import RunPlan
from sparkvsr_engine.models.cogvideox.memory.tiling import (
    VAE_OVERLAP_LATENTS,
    decode_tiled,
    plan_latent_tiles,
)
from sparkvsr_engine.models.cogvideox.networks.streaming_vae import latent_steps
from sparkvsr_engine.models.cogvideox.parts import CarriedPicture, KeyframeState, PartMaker, SourceState

if TYPE_CHECKING:
    from torch import Tensor

CARRIED_TRUST = 0.9
"""Of a frame carried from a neighbouring window: below one, so that a long chain leans back on the source."""


class CogVideoXShot:
    """A `ShotRestorer`. Not for two threads at once, but for prediction in one and decoding in another."""

    def __init__(
        self,
        parts: PartMaker,
        reader: FrameReader,
        geometry: Geometry,
        look: str,
        slot_map: SlotMap,
        make_room: Callable[[Geometry, int], None],
    ) -> None:
        """See `CogVideoXRestorer.open_shot`; make_room: called with a window's length before it is read."""
        self._parts, self._slot_map, self._make_room = parts, slot_map, make_room
        self._reader, self._geometry, self._look = reader, geometry, look
        self._as_trained: dict[tuple[str, int], Picture] = {}

    def encode_source(self, window: Window) -> SourceState:
        """Read the window's frames; raises JobCancelled between frames."""
        self._make_room(self._geometry, run_length(window, self._parts.runner.plan.layout))
        return self._parts.read(self._reader, window)

    def encode_keyframe(self, keyframe: KeyframePicture) -> KeyframeState:
        """Take a keyframe; it is encoded when a prediction first needs it."""
        return KeyframeState(keyframe)

    def predict(self, window: Window, source: SourceState, keyframes: Sequence[KeyframeState]) -> Prediction:
        """One blind and, with keyframes, one keyed pass, as far as they are not kept from before.

        Args:
            window: the frames to predict, and their keyframes.
            source: what `encode_source` gave for the window.
            keyframes: states in the order of `window.keyframes`.
        """
        slots = [self._slot_map.slot(state.picture.frame - window.context.start) for state in keyframes]
        entries = [
            Entry(slot, state.picture.trust, state.shares)
            for slot, state in zip(slots, keyframes, strict=True)
        ]
        passes = self._parts.model.passes
        parts: dict[str, NDArray[Any]] = {"latents": self._parts.source_latents(source)}
        parts["blind"] = self._parts.velocity(source, {})
        key = source.key
        if keyframes:
            by_slot = dict(zip(slots, keyframes, strict=True))
            parts["keyed"] = self._parts.velocity(source, by_slot)
            key = self._parts.name_of(source.key, by_slot, "whole")
        parts |= to_arrays(entries)
        parts["key"] = np.frombuffer(key.encode(), np.uint8)
        return Prediction(window, parts, self._parts.model.passes - passes)

    def decode(self, prediction: Prediction, source: SourceState, guidance: Guidance) -> list[RestoredFrame]:
        """The frames the window puts out, under this guidance; only the VAE runs.

        Args:
            prediction: what `predict` gave for the window.
            source: what `encode_source` gave for the window.
            guidance: how far keyframes count, in all and one by one.
        """
        window, slots = prediction.window, prediction.parts["latents"].shape[1]
        entries = from_arrays(prediction.parts)
        influence = guidance_map(entries, guidance, slots, self._parts.latent_size)
        as_trained = is_as_trained(entries, guidance)
        restored: list[RestoredFrame] = []
        stop = window.span.stop - window.context.start
        for local, picture in enumerate(self._decoded(prediction, source, influence, stop)):
            frame = window.context.start + local
            if as_trained and local > 0:
                self._remember(prediction, frame, picture)
            if frame in window.span:
                confidence = None if not entries else self._confidence(influence, local)
                restored.append(RestoredFrame(frame, picture, confidence))
        return restored

    def carried(self, prediction: Prediction, source: SourceState, frame: int) -> CarriedPicture:
        """A restored frame of this window as the neighbouring one carries it: guidance 1, no mattes.

        It is decoded when a prediction needs it: at no cost after a decode under that guidance, otherwise
        up to the frame.

        Args:
            prediction: what `predict` gave for the window.
            source: what `encode_source` gave for the window.
            frame: number of the frame.
        """
        entries = from_arrays(prediction.parts)
        slots = prediction.parts["latents"].shape[1]
        local = frame - prediction.window.context.start
        key = _key_of(prediction)

        def make() -> Picture:
            picture = self._as_trained.get((key, frame))
            if picture is not None:
                return picture
            influence = guidance_map(entries, Guidance(), slots, self._parts.latent_size)
            return self._decoded(prediction, source, influence, local + 1)[-1]

        return CarriedPicture(
            frame,
            np.zeros((0, 0, 3), np.float32),
            digest=f"{key}:{frame}:{self._look}",
            trust=CARRIED_TRUST,
            make=make,
            shares=shares_at(entries, self._slot_map.slot(local), slots) if entries else {},
        )

    def close(self) -> None:
        """Forget what the shot holds."""
        self._as_trained.clear()

    def _decoded(
        self, prediction: Prediction, source: SourceState, influence: NDArray[np.float32], stop: int
    ) -> list[Picture]:
        """The window's first `stop` frames, finished, under a guidance map."""

        def run(plan: RunPlan) -> list[Picture]:
            latents = self._clean_latents(prediction, influence)
            needed = _steps_reaching(latent_steps(latents.shape[1]), SlotMap.CAUSAL.slot(stop - 1) + 1)
            tiles = plan_latent_tiles(self._parts.latent_size, plan.vae_tile, VAE_OVERLAP_LATENTS)
            steps = decode_tiled(self._parts.model, tiles, latents[:, :needed])
            return list(self._finished(steps, source))[:stop]

        return self._parts.runner.run(Stage.DECODE, self._parts.size, run)

    def _clean_latents(self, prediction: Prediction, influence: NDArray[np.float32]) -> Tensor:
        """Restored latents, float32: the blind velocity plus the wanted share of the keyed difference."""
        parts = {name: self._parts.to_device(prediction.parts[name]) for name in ("latents", "blind")}
        velocity = parts["blind"]
        if "keyed" in prediction.parts and influence.any():
            share = self._parts.to_device(influence)
            velocity = velocity + share * (self._parts.to_device(prediction.parts["keyed"]) - velocity)
        return self._parts.model.schedule.clean(parts["latents"], velocity)

    def _finished(self, steps: Iterable[Tensor], source: SourceState) -> Iterator[Picture]:
        """Colour-locked, clamped frames at output size, copied while the next step is computed."""
        downloads = pixels.Downloads()
        start = 0
        for step in steps:
            self._parts.check_cancelled()
            frames = pixels.from_network(step, self._geometry)
            if self._look == "lock":
                sources = self._parts.upscaled(source.frames[start : start + frames.shape[0]])
                frames = pixels.lock_colour(frames, sources, self._geometry.scale)
            start += frames.shape[0]
            yield from downloads.send(frames.clamp(0, 1))
        yield from downloads.remaining()

    def _remember(self, prediction: Prediction, frame: int, picture: Picture) -> None:
        """Keep the frames that a neighbouring window may carry, of the last prediction only."""
        key = _key_of(prediction)
        if (frame - prediction.window.context.start) % GRID == 0:
            self._as_trained = {
                entry: picture for entry, picture in self._as_trained.items() if entry[0] == key
            }
            self._as_trained[key, frame] = picture

    @staticmethod
    def _confidence(influence: NDArray[np.float32], local: int) -> NDArray[np.float32]:
        """How far keyframes were followed in a frame's slot, 0..1."""
        return np.clip(influence[SlotMap.CAUSAL.slot(local)], 0, 1)


def _steps_reaching(steps: Sequence[int], needed: int) -> int:
    """How many latents the decoder must take for `needed` of them, in whole steps."""
    reached = accumulate(steps, initial=0)
    return next((latents for latents in reached if latents >= needed), sum(steps))


def _key_of(prediction: Prediction) -> str:
    return prediction.parts["key"].tobytes().decode()
