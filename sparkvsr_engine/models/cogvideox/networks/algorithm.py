"""One-step restoration: source and keyframe latents in, velocity out, restored latents by one formula.

The published algorithm over diffusers' transformer and VAE classes, on torch tensors. Deterministic: the
posterior's mode is taken, no noise is added. Not here: windows, files, NumPy, guidance maps (`restorer`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from sparkvsr_engine.models.cogvideox.networks.schedule import OFFSET_EMBEDDING, OneStepSchedule
from sparkvsr_engine.storage.bounded_dict import BoundedDict

if TYPE_CHECKING:
    from torch import Tensor

    from sparkvsr_engine.models.cogvideox.networks.streaming_vae import StreamingVae

# The trainers' rotary grid, in patches; positions beyond it are extrapolated, never interpolated.
TRAINED_ROWS, TRAINED_COLUMNS = 48, 85
KEPT_ROTARY_TABLES = 4


class OneStepModel:
    """The published model on its device, stage by stage.

    Latents are [C, f, h, w]: C = 16 channels, f = (F - 1) / 4 + 1, h, w an eighth of the frame's sides,
    multiplied by the VAE's scaling factor, in the model's own precision.
    passes: how many transformer passes were run, for those who promise not to run one.
    """

    def __init__(
        self, vae: StreamingVae, transformer: Any, schedule: OneStepSchedule, prompt_embedding: Tensor
    ) -> None:
        self.vae = vae
        self.transformer = transformer
        self.schedule = schedule
        self.prompt_embedding = prompt_embedding
        self.scaling_factor = float(vae.module.config.scaling_factor)
        self.passes = 0
        self._rotary: BoundedDict[tuple[int, int, int], tuple[Tensor, Tensor]] = BoundedDict(
            KEPT_ROTARY_TABLES
        )

    @property
    def device(self) -> Any:
        """Where latents and frames are expected."""
        return self.prompt_embedding.device

    @property
    def dtype(self) -> Any:
        """The precision of latents and frames."""
        return self.prompt_embedding.dtype

    def encode(self, steps: Iterable[Tensor]) -> Tensor:
        """Latents of a clip given as frames [1, 3, T, H, W] in -1..1, `frame_steps` at a time."""
        import torch

        return torch.cat([latents[0] for latents in self.vae.encode(steps)], dim=1) * self.scaling_factor

    def encode_picture(self, picture: Tensor) -> Tensor:
        """Latents [16, h, w] of one picture [3, H, W] in -1..1.

        A single frame through the VAE equals slot 0 of the picture repeated four times, which is what
        the model was trained on, at a fraction of the cost.
        """
        return self.encode([picture[None, :, None]])[:, 0]

    def velocity(self, source: Tensor, keyframes: Mapping[int, Tensor]) -> Tensor:
        """One transformer pass: the velocity for source latents and keyframe latents [16, h, w] by slot.

        No keyframes is the blind pass. The first latent is doubled where their number is odd, since the
        transformer takes them in pairs; its twin is dropped again.
        """
        import torch

        reference = torch.zeros_like(source)
        for slot, latents in keyframes.items():
            reference[:, slot] = latents
        joint = torch.cat([source, reference])
        doubled = joint.shape[1] % self.transformer.config.patch_size_t
        joint = torch.cat([joint[:, :1]] * doubled + [joint], dim=1)
        self.passes += 1
        with self._attention_backends():
            predicted = self._forward(joint.transpose(0, 1).unsqueeze(0))
        return predicted[0].transpose(0, 1)[:, doubled:]

    def decode(self, latents: Tensor) -> Iterator[Tensor]:
        """Frames [1, 3, T, H, W], nominally -1..1, of restored latents, `latent_steps` at a time."""
        from sparkvsr_engine.models.cogvideox.networks.streaming_vae import latent_steps

        unscaled = (latents / self.scaling_factor).to(self.dtype).unsqueeze(0)
        return self.vae.decode(unscaled.split(latent_steps(latents.shape[1]), dim=2))

    def _forward(self, joint: Tensor) -> Tensor:
        import torch

        timestep = torch.full((1,), self.schedule.timestep, dtype=torch.long, device=joint.device)
        offset = torch.full((1,), OFFSET_EMBEDDING, dtype=joint.dtype, device=joint.device)
        return self.transformer(
            hidden_states=joint,
            encoder_hidden_states=self.prompt_embedding,
            timestep=timestep,
            ofs=offset if self.transformer.config.ofs_embed_dim else None,
            image_rotary_emb=self._rotary_table(*joint.shape[1:2], *joint.shape[3:]),
            return_dict=False,
        )[0]

    def _rotary_table(self, count: int, height: int, width: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines for a grid of `count` x `height` x `width` latents; the last few are kept."""
        grid = (count, height, width)
        config = self.transformer.config
        return self._rotary.get_or_make(grid, lambda: make_rotary_table(config, grid, self.device))

    def _attention_backends(self) -> AbstractContextManager[Any]:
        """cuDNN's attention before flash's on CUDA: the faster of the two on Hopper; else torch's choice."""
        if self.device.type != "cuda":
            return nullcontext()
        from torch.nn.attention import SDPBackend, sdpa_kernel

        order = [
            SDPBackend.CUDNN_ATTENTION,
            SDPBackend.FLASH_ATTENTION,
            SDPBackend.EFFICIENT_ATTENTION,
            SDPBackend.MATH,
        ]
        return sdpa_kernel(order, set_priority=True)


def make_rotary_table(config: Any, grid: tuple[int, int, int], device: Any) -> tuple[Tensor, Tensor]:
    """The trainers' rotary embedding, float32 [tokens, head size], for latents (count, height, width).

    Args:
        config: the transformer's.
        grid: count, height and width of the latents.
        device: where the table goes.
    """
    from diffusers.models.embeddings import get_3d_rotary_pos_embed

    count, height, width = grid
    rows, columns = height // config.patch_size, width // config.patch_size
    table: Any = get_3d_rotary_pos_embed(
        embed_dim=config.attention_head_dim,
        crops_coords=None,
        grid_size=(rows, columns),
        temporal_size=-(-count // config.patch_size_t),
        grid_type="slice",
        max_size=(max(TRAINED_ROWS, rows), max(TRAINED_COLUMNS, columns)),
        device=device,
    )
    return table
