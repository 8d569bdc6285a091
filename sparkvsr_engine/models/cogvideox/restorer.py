"""The published model as a restorer: a checkpoint opened on a device, windows planned, shots started."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkvsr_bridge.errors import InvalidSettings, OutOfMemory
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.grid_windows import GridLayout, SlotMap
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.models.base import FrameReader, RestorerTraits, ShotSettings
from sparkvsr_engine.models.cogvideox.checkpoints.checkpoint import identity_of
from sparkvsr_engine.models.cogvideox.checkpoints.folder_settings import (
    FolderSettings,
    LoraFile,
    read_folder_settings,
)
from sparkvsr_engine.models.cogvideox.memory.memory_planner import MemoryRequest, choose_plan
from sparkvsr_engine.models.cogvideox.memory.residency import StageRunner
from sparkvsr_engine.models.cogvideox.memory.run_plan import ModelSize, Precision, RunPlan, predict_bytes
from sparkvsr_engine.models.cogvideox.part_cache import PartCache
from sparkvsr_engine.models.cogvideox.parts import PartMaker
from sparkvsr_engine.models.cogvideox.planner import CogVideoXPlanner
from sparkvsr_engine.models.cogvideox.shot import CogVideoXShot

if TYPE_CHECKING:
    from sparkvsr_engine.models.cogvideox.networks.algorithm import OneStepModel


@dataclass(frozen=True)
class OpenOptions:
    """How a checkpoint is opened.

    precision: None is what the folder's settings have, else bfloat16 on a GPU and float32 on a processor.
    budget_bytes: device memory that may be used; None is what is free now (no limit on a processor).
    plan: forces how to run instead of planning from the budget.
    slot_map: see `SlotMap`; None is what the folder's settings have, TRAINED for the released weights.
    cache_folder, cache_bytes: where latents and velocities are kept, and how much of them; None keeps none.
    is_compiled: let torch.compile fuse what eager torch cannot; costs a minute at the first window.
    """

    precision: Precision | None = None
    budget_bytes: int | None = None
    plan: RunPlan | None = None
    slot_map: SlotMap | None = None
    cache_folder: Path | None = None
    cache_bytes: int = 20 * 10**9
    is_compiled: bool = False


class CogVideoXRestorer:
    """A `Restorer` over a loaded model."""

    def __init__(
        self, model: OneStepModel, identity: str, options: OpenOptions, size: ModelSize | None = None
    ) -> None:
        self.options = options
        self.slot_map = options.slot_map or SlotMap.TRAINED
        self.runner = StageRunner(
            model, options.plan or RunPlan(precision=options.precision or Precision.FLOAT32)
        )
        self.cache = PartCache(options.cache_folder, options.cache_bytes) if options.cache_folder else None
        self._size = size or ModelSize()
        self._plans: dict[tuple[int, int, int], RunPlan] = {}
        self._identity = identity
        self._geometry: Geometry | None = None

    @property
    def traits(self) -> RestorerTraits:
        """What it is."""
        return CogVideoXPlanner(self._identity, slot_map=self.slot_map).traits

    def plan(
        self, shot: FrameSpan, span: FrameSpan, keyframes: Sequence[int], geometry: Geometry
    ) -> list[Chunk]:
        """One chunk per window of the whole shot, as far as `span` reaches.

        Args:
            shot: the frames of the shot.
            span: the frames.
            keyframes: frames of the keyframes.
            geometry: sizes of the source and of the output.
        """
        planner = CogVideoXPlanner(self._identity, self._layout, self.slot_map)
        return planner.plan(shot, span, keyframes, geometry)

    def run_plan(self, geometry: Geometry, length: int = 0) -> RunPlan:
        """How frames of this size will be run, in windows of `length` frames, 0 for the usual ones.

        The length is not the device's to choose: a job's windows are planned before its weights are loaded,
        and stay when it goes on elsewhere. Raises OutOfMemory where the device cannot at all.
        """
        key = (geometry.width, geometry.height, length or self._layout.length)
        if key not in self._plans:
            self._plans[key] = self._chosen(*key)
        return self._plans[key]

    def make_room(self, geometry: Geometry, length: int) -> None:
        """Be ready for a window of `length` frames: a job may have been planned with longer ones."""
        if length > self.runner.plan.layout.length and self.options.budget_bytes is not None:
            self.runner.use(self.run_plan(geometry, length))

    @property
    def _layout(self) -> GridLayout:
        return self.options.plan.layout if self.options.plan else GridLayout()

    def _chosen(self, width: int, height: int, length: int) -> RunPlan:
        budget = self.options.budget_bytes
        if self.options.plan or budget is None:
            return self.options.plan or replace(self.runner.plan)
        precision = self.options.precision or Precision.BFLOAT16
        plan = choose_plan(MemoryRequest(width, height, budget, precision, self._size, (length,)))
        if plan is None:
            raise OutOfMemory(
                f"{budget / 2**30:.1f} GiB of device memory are too few for the published model at "
                f"{width}x{height}; choose a smaller output, or use lite."
            )
        return plan

    def open_shot(
        self,
        reader: FrameReader,
        geometry: Geometry,
        settings: ShotSettings,
        is_cancelled: Callable[[], bool],
    ) -> CogVideoXShot:
        """Start work on a shot. Of the settings it uses the look: nothing is drawn at random or judged.

        Args:
            reader: reads the shot's frames, see `FrameReader`.
            geometry: sizes of the source and of the output.
            settings: what of a request concerns the restorer.
            is_cancelled: asked between two steps; true ends the work with JobCancelled.
        """
        look = settings.look
        if look not in {"lock", "propagate"}:
            raise InvalidSettings(f"look is {look!r}; use lock or propagate.")
        self.runner.use(self.run_plan(geometry))
        self._geometry = geometry
        parts = PartMaker(self.runner, self.cache, self.traits.identity, geometry, is_cancelled)
        return CogVideoXShot(parts, reader, geometry, look, self.slot_map, self.make_room)

    def how_it_runs(self) -> tuple[str, ...]:
        """The plan in force with the memory it is expected to take, then every step down, oldest first."""
        plan, geometry = self.runner.plan, self._geometry
        if geometry is None:
            return (plan.describe(), *self.runner.notes)
        peak = predict_bytes(plan, geometry.width, geometry.height, self._size).peak
        place = self.runner.model.device
        return (f"On {place}: {plan.describe()}; about {peak / 2**30:.1f} GiB.", *self.runner.notes)

    def close(self) -> None:
        """Free the device."""
        device = self.runner.model.device
        del self.runner
        gc.collect()
        if device.type == "cuda":
            import torch

            torch.cuda.empty_cache()


def open_cogvideox(
    folder: Path, device: str = "cpu", options: OpenOptions | None = None
) -> CogVideoXRestorer:
    """Open a checkpoint folder in the hub layout on a device, `cpu` or `cuda[:i]`.

    Args:
        folder: in the hub's layout.
        device: `cpu` or `cuda[:i]`.
        options: what a user may set, None for the defaults.

    Raises:
        ModelMissing: naming what is missing or damaged, before any weight is loaded.
        OutOfMemory: when a size is asked for that the device cannot restore.
    """
    import torch

    from sparkvsr_engine.models.cogvideox.checkpoints.loading import check_folder

    check_folder(folder).require_usable()
    settings = read_folder_settings(folder)
    options = _settled(options or OpenOptions(), settings, torch.device(device))
    model = _load_model(folder, torch.device(device), options, settings.loras)
    return CogVideoXRestorer(model, identity_of(folder), options, size_of(model))


def _settled(options: OpenOptions, settings: FolderSettings, device: Any) -> OpenOptions:
    """The options with what depends on the folder and the device filled in."""
    import torch

    is_gpu = device.type == "cuda"
    usual = Precision.BFLOAT16 if is_gpu else Precision.FLOAT32
    precision = options.precision or settings.precision or usual
    budget = options.budget_bytes
    if budget is None and is_gpu:
        budget = torch.cuda.mem_get_info(device)[0]
    slots = options.slot_map or settings.slots
    return replace(options, precision=precision, budget_bytes=budget, slot_map=slots)


def _merge(transformer: Any, loras: Sequence[LoraFile]) -> None:
    from sparkvsr_engine.models.cogvideox.checkpoints.lora import merge_lora

    for lora in loras:
        merge_lora(transformer, lora.path, lora.strength)


def _load_model(folder: Path, device: Any, options: OpenOptions, loras: Sequence[LoraFile]) -> OneStepModel:
    import torch

    from sparkvsr_engine.models.cogvideox.checkpoints.loading import load_component
    from sparkvsr_engine.models.cogvideox.checkpoints.prompt import load_embedding
    from sparkvsr_engine.models.cogvideox.networks.algorithm import OneStepModel
    from sparkvsr_engine.models.cogvideox.networks.convolution import choose_path
    from sparkvsr_engine.models.cogvideox.networks.schedule import read_schedule
    from sparkvsr_engine.models.cogvideox.networks.streaming_vae import StreamingVae, VaeLayout

    precision = options.precision or Precision.FLOAT32
    dtype = torch.float32 if precision is Precision.FLOAT32 else torch.bfloat16
    # The host first: whether the weights fit beside a window is known when the size is.
    transformer: Any = load_component(folder, "transformer", "cpu", dtype)
    config = transformer.config
    prompt = load_embedding(folder, config.max_text_seq_length, config.text_embed_dim)
    _merge(transformer, loras)
    if precision is Precision.INT8:
        from sparkvsr_engine.models.cogvideox.checkpoints.quantise import quantise_weights

        quantise_weights(transformer)
    if options.is_compiled:
        for block in transformer.transformer_blocks:
            block.compile()
    layout = VaeLayout(
        choose_path(device, dtype), channels_last=device.type == "cuda", is_compiled=options.is_compiled
    )
    vae = StreamingVae(load_component(folder, "vae", "cpu", dtype), layout)
    return OneStepModel(vae, transformer, read_schedule(folder / "scheduler"), prompt.to(device, dtype))


def size_of(model: OneStepModel) -> ModelSize:
    """Parameters and widths of a loaded model, for the memory planner."""
    transformer, vae = model.transformer, model.vae.module
    return ModelSize(
        transformer_parameters=sum(weight.numel() for weight in transformer.parameters()),
        vae_parameters=sum(weight.numel() for weight in vae.parameters()),
        blocks=len(transformer.transformer_blocks),
        hidden=transformer.config.num_attention_heads * transformer.config.attention_head_dim,
        vae_channels=vae.config.block_out_channels[0],
        text_tokens=model.prompt_embedding.shape[1],
    )
