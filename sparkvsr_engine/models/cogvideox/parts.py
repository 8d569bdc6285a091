"""What a window's prediction is made of, each part made once: latents and velocities, kept by content.

Names are made from everything a part depends on, so one that is found is the one that would be made.
Not here: what is done with the parts (`shot`), where they are kept (`part_cache`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import JobCancelled
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.grid_windows import run_length
from sparkvsr_engine.core.tiles import Tile, TilePlan
from sparkvsr_engine.core.windows import Window
from sparkvsr_engine.models.base import FrameReader, KeyframePicture
from sparkvsr_engine.models.cogvideox import pixels
from sparkvsr_engine.models.cogvideox.memory.memory_planner import Stage
from sparkvsr_engine.models.cogvideox.memory.residency import StageRunner
from sparkvsr_engine.models.cogvideox.memory.run_plan import RunPlan, latent_size
from sparkvsr_engine.models.cogvideox.memory.tiling import (
    TRANSFORMER_OVERLAP_LATENTS,
    VAE_OVERLAP_LATENTS,
    blended,
    cut,
    encode_tiled,
    plan_latent_tiles,
)
from sparkvsr_engine.models.cogvideox.networks.streaming_vae import frame_steps
from sparkvsr_engine.models.cogvideox.part_cache import PartCache

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class CarriedPicture(KeyframePicture):
    """A restored frame that serves as a keyframe.

    pixels: empty; `make` decodes them, which a prediction that is found by `digest` never asks for.
    shares: the keyframes it stems from, see `Entry`.
    """

    make: Callable[[], Picture] = lambda: np.zeros((0, 0, 3), np.float32)
    shares: Mapping[int, float] = field(default_factory=dict[int, float])


@dataclass(eq=False)
class SourceState:
    """A window's source frames, read; latents are made when first asked for, and not to decode.

    frames: pictures at source size, padded in time to 8n+1 by the last one. key: identity of what the
    network makes of them.
    """

    window: Window
    frames: list[Picture]
    key: str
    latents: NDArray[Any] | None = None


@dataclass(eq=False)
class KeyframeState:
    """A keyframe; its latents are made when first asked for."""

    picture: KeyframePicture
    latents: NDArray[Any] | None = None

    def pixels(self) -> Picture:
        """The picture at output size."""
        picture = self.picture.make() if isinstance(self.picture, CarriedPicture) else self.picture.pixels
        return np.ascontiguousarray(picture, np.float32)

    @property
    def shares(self) -> Mapping[int, float]:
        """The keyframes it stems from: itself, unless it was carried."""
        shares = self.picture.shares if isinstance(self.picture, CarriedPicture) else {}
        return shares or {self.picture.frame: 1.0}


class PartMaker:
    """Makes the parts of one shot's windows, or finds them.

    identity: of weights and code. cache: None keeps nothing.
    """

    def __init__(
        self,
        runner: StageRunner,
        cache: PartCache | None,
        identity: str,
        geometry: Geometry,
        is_cancelled: Callable[[], bool],
    ) -> None:
        self.runner = runner
        self.model = runner.model
        self.size = (geometry.width, geometry.height)
        self.latent_size = latent_size(*self.size)
        self._cache = cache
        self._identity = identity
        self._geometry = geometry
        self._is_cancelled = is_cancelled

    def read(self, reader: FrameReader, window: Window) -> SourceState:
        """The window's frames; raises JobCancelled between frames."""
        length = run_length(window, self.runner.plan.layout)
        frames: list[Picture] = []
        digest = hashlib.sha256(self._base_key().encode())
        for frame in window.context:
            self.check_cancelled()
            picture = np.ascontiguousarray(reader.read(frame), np.float32)
            digest.update(picture.data)
            frames.append(picture)
        frames += frames[-1:] * (length - len(frames))
        digest.update(str(length).encode())
        return SourceState(window, frames, digest.hexdigest()[:32])

    def source_latents(self, source: SourceState) -> NDArray[Any]:
        """Latents [16, f, h, w] of the window's source frames."""

        def make() -> NDArray[Any]:
            return self.runner.run(Stage.ENCODE, self.size, lambda plan: self._encoded(source.frames, plan))

        if source.latents is None:
            source.latents = self._cached(f"source-{source.key}", make)
        return source.latents

    def keyframe_latents(self, state: KeyframeState) -> NDArray[Any]:
        """Latents [16, 1, h, w] of a keyframe."""

        def make() -> NDArray[Any]:
            picture = [state.pixels()]
            return self.runner.run(Stage.ENCODE, self.size, lambda plan: self._encoded(picture, plan))

        if state.latents is None:
            name = hashlib.sha256(f"{self._base_key()} {state.picture.digest}".encode()).hexdigest()[:32]
            state.latents = self._cached(f"keyframe-{name}", make)
        return state.latents

    def _encoded(self, frames: list[Picture], plan: RunPlan) -> NDArray[Any]:
        def steps() -> Iterator[Tensor]:
            start = 0
            for count in frame_steps(len(frames)):
                self.check_cancelled()
                yield pixels.to_network(self.upscaled(frames[start : start + count]), self.model.dtype)
                start += count

        tiles = plan_latent_tiles(self.latent_size, plan.vae_tile, VAE_OVERLAP_LATENTS)
        return self._to_array(encode_tiled(self.model, tiles, steps))

    def velocity(self, source: SourceState, keyframes: Mapping[int, KeyframeState]) -> NDArray[Any]:
        """A pass over every tile, blended; tiles that are kept from before are not run."""
        stored_tiles = self._kept_tiles(self.runner.plan, source, keyframes)
        if all(values is not None for values in stored_tiles.values()):
            latents, conditions = None, {}
        else:
            latents = self.source_latents(source)
            conditions = {slot: self.keyframe_latents(state)[:, 0] for slot, state in keyframes.items()}

        def run(plan: RunPlan) -> NDArray[Any]:
            def tile_velocity(tile: Tile) -> Tensor:
                name = self._tile_name(tile, source, keyframes)
                values = stored_tiles.get(name)
                if values is None:
                    values = self._keep(name, self._pass(tile, latents, conditions))
                return self.to_device(values)

            return self._to_array(blended(self._transformer_tiles(plan), tile_velocity))

        return self.runner.run(Stage.PREDICT, self.size, run)

    def _kept_tiles(
        self, plan: RunPlan, source: SourceState, keyframes: Mapping[int, KeyframeState]
    ) -> dict[str, NDArray[Any] | None]:
        """Velocities of a window's tiles by name, None for those that have to be predicted."""
        names = [self._tile_name(tile, source, keyframes) for tile in self._transformer_tiles(plan)]
        return {name: self._stored(name) for name in names}

    def _pass(
        self, tile: Tile, latents: NDArray[Any] | None, conditions: Mapping[int, NDArray[Any]]
    ) -> NDArray[Any]:
        """One transformer pass over a tile; `latents` is None only where no pass was thought to be needed."""
        assert latents is not None
        self.check_cancelled()
        z, *keyed = (
            cut(self.to_device(values), *tile.placed).to(self.model.dtype)
            for values in (latents, *conditions.values())
        )
        return self._to_array(self.model.velocity(z, dict(zip(conditions, keyed, strict=True))))

    def _transformer_tiles(self, plan: RunPlan) -> TilePlan:
        return plan_latent_tiles(self.latent_size, plan.transformer_tile, TRANSFORMER_OVERLAP_LATENTS)

    def _tile_name(self, tile: Tile, source: SourceState, keyframes: Mapping[int, KeyframeState]) -> str:
        return f"velocity-{self.name_of(source.key, keyframes, f'{tile.y} {tile.x}')}"

    def name_of(self, source_key: str, keyframes: Mapping[int, KeyframeState], where: str) -> str:
        """Identity of what the network finds at a place for a source under keyframes by slot.

        Args:
            source_key: identity of the source's part.
            keyframes: states by slot.
            where: the place.
        """
        conditions = sorted((slot, state.picture.digest) for slot, state in keyframes.items())
        return hashlib.sha256(f"{source_key} {where} {conditions}".encode()).hexdigest()[:32]

    def _base_key(self) -> str:
        """What every part depends on beside pixels."""
        return f"{self._identity} {self.runner.plan.numerics} {self._geometry}"

    def _cached(self, name: str, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        values = self._stored(name)
        return self._keep(name, make()) if values is None else values

    def _stored(self, name: str) -> NDArray[Any] | None:
        entry = self._cache.get(name) if self._cache else None
        return None if entry is None else entry["values"]

    def _keep(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        if self._cache:
            self._cache.put(name, {"values": values})
        return values

    def upscaled(self, frames: Sequence[Picture]) -> Tensor:
        """Source frames on the device at output size, float32 [T, 3, H, W] in 0..1."""
        return pixels.upscale(pixels.upload(frames, self.model.device), self._geometry)

    def _to_array(self, values: Tensor) -> NDArray[Any]:
        """As it is kept: float32 for a float32 model, else float16, which holds bfloat16's digits in half."""
        import torch

        dtype = torch.float32 if self.model.dtype is torch.float32 else torch.float16
        return np.ascontiguousarray(values.to(dtype).cpu().numpy())

    def to_device(self, values: NDArray[Any]) -> Tensor:
        """Kept values on the device, float32."""
        import torch

        return torch.from_numpy(values).to(self.model.device).float()

    def check_cancelled(self) -> None:
        """Raise JobCancelled when the job was."""
        if self._is_cancelled():
            raise JobCancelled("The job was cancelled; finished chunks are kept.")
