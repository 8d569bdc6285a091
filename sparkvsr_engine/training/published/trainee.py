"""The published model as the trainer sees it: the pass that restores is the pass that is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.cogvideox import pixels
from sparkvsr_engine.models.cogvideox.checkpoints.checkpoint import identity_of
from sparkvsr_engine.models.cogvideox.checkpoints.loading import check_folder, load_component
from sparkvsr_engine.models.cogvideox.checkpoints.prompt import load_embedding
from sparkvsr_engine.models.cogvideox.networks.algorithm import OneStepModel
from sparkvsr_engine.models.cogvideox.networks.convolution import choose_path
from sparkvsr_engine.models.cogvideox.networks.schedule import read_schedule
from sparkvsr_engine.models.cogvideox.networks.streaming_vae import StreamingVae, VaeLayout, frame_steps
from sparkvsr_engine.training.published.adapters import Adapters, lora_tensors
from sparkvsr_engine.training.published.clip_bank import ClipBank
from sparkvsr_engine.training.published.clip_samples import ClipSource
from sparkvsr_engine.training.published.export import export_adapted, export_whole, refuse_merged_start
from sparkvsr_engine.training.published.judging import Judge
from sparkvsr_engine.training.published.recipe import ClipStageRecipe, PublishedRecipe
from sparkvsr_engine.training.trainees.trainee import Batch


def only(samples: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """A part is one sample: clips may differ in length and number of keyframes."""
    (sample,) = samples
    return sample


class _TrainedModel(OneStepModel):
    """The model as it restores, but with torch's own choice of attention.

    What is recomputed for the gradients must be computed as it was before, and backward passes run outside of
    the model.
    """

    def _attention_backends(self) -> AbstractContextManager[Any]:
        return nullcontext()


class PublishedTrainee:
    """See `trainee.Trainee`. start: checkpoint folder to train from; metric_weights: of learned losses.

    Raises ModelMissing for a folder that cannot be loaded, InvalidSettings for one that merges LoRA files.
    """

    collate = staticmethod(only)

    def __init__(
        self, recipe: PublishedRecipe, bank: ClipBank, start: Path, metric_weights: Path | None = None
    ) -> None:
        check_folder(start).require_usable()
        refuse_merged_start(start)
        self._recipe = recipe
        self._bank = bank
        self._start = start
        self._metric_weights = metric_weights
        self.identity = ""

    def build(self, place: torch.device) -> nn.Module:
        """See `Trainee`: the transformer, or what is added to it; the VAE stays as it is."""
        self._judge = Judge(self._recipe, self._metric_weights, place)
        frozen = frozen_precision(place)
        is_whole = not self._recipe.adapters.rank
        transformer: Any = load_component(
            self._start, "transformer", place, torch.float32 if is_whole else frozen
        )
        vae: Any = load_component(self._start, "vae", place, frozen)
        if self._recipe.is_recomputed:
            transformer.enable_gradient_checkpointing()
            vae.enable_gradient_checkpointing()
        config = transformer.config
        prompt = load_embedding(self._start, config.max_text_seq_length, config.text_embed_dim)
        # Not before: an embedding that had to be computed is part of it from now on.
        self.identity = identity_of(self._start)
        layout = VaeLayout(choose_path(place, frozen), channels_last=place.type == "cuda")
        schedule = read_schedule(self._start / "scheduler")
        self._model = _TrainedModel(StreamingVae(vae, layout), transformer, schedule, prompt.to(place))
        self._frozen = frozen
        self._network = (
            transformer.requires_grad_(True) if is_whole else Adapters(transformer, self._recipe.adapters)
        )
        return self._network

    def start(self) -> None:
        """See `Trainee`: the start folder's weights are there already."""

    def groups(self, stage: int) -> list[dict[str, Any]]:
        """See `Trainee`: one rate for all."""
        del stage
        return [{"params": list(self._network.parameters()), "share": 1.0}]

    def samples(self, stage: int, count: int, first: int) -> ClipSource:
        """See `Trainee`."""
        chosen = self._recipe.stages[stage]
        return ClipSource(self._bank, self._recipe.sample, chosen, self._recipe.slots, count, first)

    def part(self, stage: int) -> int:
        """See `Trainee`: clip by clip."""
        del stage
        return 1

    def losses(self, batch: Batch, stage: int) -> dict[str, Tensor]:
        """See `Trainee`."""
        chosen: ClipStageRecipe = self._recipe.stages[stage]
        truth = _unit(batch["truth"])
        restored = self.restored(batch)
        with torch.autocast(restored.device.type, enabled=False):
            losses: dict[str, Tensor] = {}
            if chosen.latent:
                losses |= self._judge.of_latents(chosen, restored, self.encoded(truth))
            if chosen.is_decoded:
                losses |= self._judge.of_pictures(chosen, self.decoded(restored), truth)
        return losses

    def restored(self, batch: Batch) -> Tensor:
        """Restored latents, float32 [16, f, h, w], of a sample: the restorer's own formula and pass."""
        with torch.autocast(batch["source"].device.type, enabled=False):
            source = self.encoded(enlarged_source(batch))
            pictures = batch["keyframes"].permute(0, 3, 1, 2)
            keyframes = {
                int(slot): self.encoded(picture[None])[:, 0]
                for slot, picture in zip(batch["slots"].tolist(), pictures, strict=True)
            }
        velocity = self._model.velocity(source, keyframes)
        return self._model.schedule.clean(source, velocity)

    def encoded(self, frames: Tensor) -> Tensor:
        """Latents, float32 [16, f, h, w], of frames [F, 3, H, W], 0..1; not differentiable."""
        with torch.no_grad():
            steps = pixels.to_network(frames, self._frozen).split(frame_steps(len(frames)), dim=2)
            return self._model.encode(steps).float()

    def decoded(self, latents: Tensor) -> Tensor:
        """Frames [F, 3, H, W], nominally 0..1, of latents, by diffusers' own decoder: it is differentiable.

        It is the whole clip's causal decoding, so that frame f of the result is frame f of the truth.
        """
        unscaled = (latents / self._model.scaling_factor).to(self._frozen)[None]
        frames = self._model.vae.module.decode(unscaled, return_dict=False)[0]
        return frames[0].transpose(0, 1).float() * 0.5 + 0.5

    @property
    def card(self) -> dict[str, str]:
        """See `Trainee`."""
        return {
            "licence": "that of the weights it was trained from (the published ones: CogVideoX licence)",
            "trained_from": self.identity,
        }

    @property
    def export_name(self) -> str:
        """See `Trainee`: a folder."""
        return self._recipe.name

    def export(self, weights: Mapping[str, Tensor], path: Path, card: dict[str, str]) -> None:
        """See `Trainee`."""
        adapters = self._recipe.adapters
        if adapters.rank:
            tensors = lora_tensors(weights, adapters)
            export_adapted(tensors, self._start, path, self._recipe.slots, card)
        else:
            export_whole(weights, self._start, path, self._recipe.slots, card)


def frozen_precision(place: torch.device) -> torch.dtype:
    """Of weights that are not trained: they need not be precise where the device is quick with less."""
    return torch.bfloat16 if place.type == "cuda" else torch.float32


def enlarged_source(batch: Batch) -> Tensor:
    """A sample's source frames [F, 3, H, W], 0..1, upscaled as at run time."""
    height, width = batch["truth"].shape[1:3]
    source = _unit(batch["source"])
    return pixels.upscale(source, Geometry(source.shape[3], source.shape[2], width, height))


def _unit(frames: Tensor) -> Tensor:
    """uint8 [F, H, W, 3] to float32 [F, 3, H, W], 0..1."""
    return frames.permute(0, 3, 1, 2).float() / 255
