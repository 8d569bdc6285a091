"""The published model at toy size, in the real layout, and a model that gives back what it is given.

Also the smallest driver a restorer in windows needs: predict in order, carry, decode, blend.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.blending import fade_weights
from sparkvsr_engine.core.dependency import carried_from, prediction_order
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.windows import Window
from sparkvsr_engine.models.base import Guidance, KeyframePicture, Prediction, ShotSettings
from sparkvsr_engine.models.cogvideox.restorer import CogVideoXRestorer, OpenOptions
from sparkvsr_engine.models.cogvideox.shot import CogVideoXShot

TOKENS, TEXT_WIDTH = 6, 16


def make_checkpoint(folder: Path, shard_size: str = "60KB", prompt: bool = True) -> Path:
    """A random checkpoint of the published architecture and layout, 0.1 M parameters, float32, sharded."""
    import torch
    from diffusers import AutoencoderKLCogVideoX, CogVideoXDPMScheduler, CogVideoXTransformer3DModel
    from safetensors.torch import save_file

    torch.manual_seed(7)
    make_transformer(CogVideoXTransformer3DModel).save_pretrained(
        folder / "transformer", max_shard_size=shard_size
    )
    make_vae(AutoencoderKLCogVideoX).save_pretrained(folder / "vae")
    CogVideoXDPMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        snr_shift_scale=1.0,
        timestep_spacing="trailing",
    ).save_pretrained(folder / "scheduler")
    (folder / "model_index.json").write_text('{"_class_name": "CogVideoXImageToVideoPipeline"}')
    if prompt:
        save_file({"prompt_embedding": torch.randn(TOKENS, TEXT_WIDTH)}, folder / "empty_prompt.safetensors")
    return folder


def make_transformer(kind: type) -> object:
    """A transformer of two blocks."""
    return kind(
        num_attention_heads=2,
        attention_head_dim=16,
        in_channels=32,
        out_channels=16,
        time_embed_dim=16,
        ofs_embed_dim=16,
        text_embed_dim=TEXT_WIDTH,
        max_text_seq_length=TOKENS,
        num_layers=2,
        attention_bias=True,
        patch_size=2,
        patch_size_t=2,
        patch_bias=False,
        sample_width=170,
        sample_height=96,
        sample_frames=81,
        use_rotary_positional_embeddings=True,
    )


def make_vae(kind: type) -> object:
    """A causal VAE of 8 to 16 channels."""
    return kind(
        block_out_channels=(8, 8, 16, 16),
        layers_per_block=1,
        norm_num_groups=4,
        scaling_factor=0.7,
        invert_scale_latents=True,
        down_block_types=("CogVideoXDownBlock3D",) * 4,
        up_block_types=("CogVideoXUpBlock3D",) * 4,
    )


class EchoModel:
    """Stands for `OneStepModel`: latents are pixel means, and what is restored is what was given.

    With keyframes it restores the mean of the source and the nearest slot's keyframe, at once and everywhere.
    """

    def __init__(self) -> None:
        import torch

        from sparkvsr_engine.models.cogvideox.networks.schedule import OneStepSchedule

        self.schedule = OneStepSchedule(0.627331, 0.778753)
        self.device, self.dtype = torch.device("cpu"), torch.float32
        self.passes = 0
        self.transformer, self.vae = None, SimpleNamespace(module=None)

    def encode(self, steps):
        import torch
        import torch.nn.functional as F

        frames = torch.cat([step[0] for step in steps], dim=1)
        small = F.avg_pool2d(frames.transpose(0, 1), 8)
        slots = [small[:1], *small[1:].split(4)]
        latents = torch.stack([slot.mean(0) for slot in slots], dim=1)
        return F.pad(latents, (0, 0, 0, 0, 0, 0, 0, 13))

    def velocity(self, source, keyframes):
        self.passes += 1
        wanted = source
        if keyframes:
            nearest = [min(keyframes, key=lambda k, s=s: (abs(k - s), k)) for s in range(source.shape[1])]
            import torch

            wanted = (source + torch.stack([keyframes[slot] for slot in nearest], dim=1)) / 2
        a, b = self.schedule.sqrt_alpha, self.schedule.sqrt_one_minus_alpha
        return (a * source - wanted) / b

    def decode(self, latents):
        large = latents[:3].float().repeat_interleave(8, -1).repeat_interleave(8, -2)
        start = 0
        while start < large.shape[1]:
            count = 3 if start == 0 and large.shape[1] % 2 else 2
            step = large[:, start : start + min(count, large.shape[1])]
            first = [step[:, :1]] if start == 0 else []
            rest = step[:, len(first) :].repeat_interleave(4, 1)
            import torch

            yield torch.cat([*first, rest], dim=1)[None]
            start += step.shape[1]


def echo_restorer(options: OpenOptions | None = None) -> CogVideoXRestorer:
    """A restorer over `EchoModel`."""
    return CogVideoXRestorer(EchoModel(), "echo", options or OpenOptions())


@dataclass
class Clip:
    """A `FrameReader` over a function of the frame number; counts what is read."""

    span: FrameSpan
    make: Callable[[int], Picture]
    reads: list[int] = field(default_factory=list)

    def read(self, frame: int) -> Picture:
        self.reads.append(frame)
        return self.make(self.span.clamp(frame))


def keyframe(frame: int, pixels: Picture, trust: float = 1.0) -> KeyframePicture:
    """A keyframe under the digest of its pixels."""
    digest = hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()
    return KeyframePicture(frame, np.ascontiguousarray(pixels, np.float32), digest, trust=trust)


@dataclass
class Rendered:
    """A shot rendered window by window: its frames, and how often each frame was put out."""

    frames: dict[int, Picture]
    weights: dict[int, float]
    predictions: dict[int, Prediction]


def windows_of(
    restorer: CogVideoXRestorer, shot: FrameSpan, keyframes: Sequence[int], geometry: Geometry
) -> list[Window]:
    """The shot's windows as planned."""
    return [chunk.windows[-1] for chunk in restorer.plan(shot, shot, keyframes, geometry)]


def predict_shot(
    shot: CogVideoXShot, windows: Sequence[Window], keyframes: Mapping[int, KeyframePicture]
) -> dict[int, Prediction]:
    """Predict every window in an order in which carried frames are there."""
    predictions: dict[int, Prediction] = {}
    for index in prediction_order(windows):
        window = windows[index]
        states = [shot.encode_keyframe(keyframes[frame]) for frame in window.keyframes]
        neighbour = carried_from(windows, index)
        if neighbour is not None:
            source = shot.encode_source(windows[neighbour])
            states.append(shot.encode_keyframe(shot.carried(predictions[neighbour], source, window.carries)))
        predictions[index] = shot.predict(window, shot.encode_source(window), states)
    return predictions


def decode_shot(
    shot: CogVideoXShot, predictions: Mapping[int, Prediction], guidance: Guidance | None = None
) -> Rendered:
    """Decode every window and blend what overlaps."""
    frames: dict[int, Picture] = {}
    weights: dict[int, float] = {}
    for index in sorted(predictions):
        window = predictions[index].window
        ramp = fade_weights(len(window.span), window.fade_in, window.fade_out)
        restored = shot.decode(predictions[index], shot.encode_source(window), guidance or Guidance())
        assert [found.frame for found in restored] == list(window.span)
        for found, weight in zip(restored, ramp, strict=True):
            frames[found.frame] = frames.get(found.frame, 0) + weight * found.pixels
            weights[found.frame] = weights.get(found.frame, 0.0) + float(weight)
    return Rendered(frames, weights, dict(predictions))


def render(
    restorer: CogVideoXRestorer,
    clip: Clip,
    keyframes: Mapping[int, KeyframePicture],
    geometry: Geometry,
    *,
    guidance: Guidance | None = None,
    look: str = "propagate",
) -> Rendered:
    """The whole shot, from nothing or from what the restorer's cache holds."""
    shot = restorer.open_shot(clip, geometry, ShotSettings(look), lambda: False)
    windows = windows_of(restorer, clip.span, sorted(keyframes), geometry)
    return decode_shot(shot, predict_shot(shot, windows, keyframes), guidance)
