"""Compares the one-step algorithm with recorded reference results: `python -m ...cogvideox.parity FOLDER`.

FOLDER holds `model/` in the checkpoint's layout, `cases.json` and one safetensors file per case with `video`
[3, F, H, W] and `ref_<frame>` [3, H, W] in -1..1, `prompt_embedding` and the reference `output` 0..1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkvsr_engine.models.cogvideox.checkpoints.loading import load_component
from sparkvsr_engine.models.cogvideox.networks.algorithm import OneStepModel
from sparkvsr_engine.models.cogvideox.networks.convolution import choose_path
from sparkvsr_engine.models.cogvideox.networks.schedule import read_schedule
from sparkvsr_engine.models.cogvideox.networks.streaming_vae import StreamingVae, VaeLayout, frame_steps

if TYPE_CHECKING:
    from torch import Tensor

TOLERANCE = 1e-4
_FRAMES_PER_LATENT = 4


@dataclass(frozen=True)
class Case:
    """One recorded result.

    keyframes: frame numbers of the shot; start: number of the clip's first frame. guidance: as upstream.
    """

    name: str
    keyframes: tuple[int, ...]
    guidance: float
    start: int = 0

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Case:
        """A case as `cases.json` has it."""
        return cls(data["name"], tuple(data["refs"]), float(data["g"]), int(data.get("start", 0)))


class CaseRunner:
    """Runs cases of one folder in float32; the model is loaded once."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        import torch

        self.folder = folder
        place = torch.device(device)
        model = folder / "model"
        layout = VaeLayout(choose_path(place, torch.float32))
        self._vae = StreamingVae(load_component(model, "vae", place, torch.float32), layout)
        self._transformer = load_component(model, "transformer", place, torch.float32)
        self._schedule = read_schedule(model / "scheduler")
        self._device = place

    def cases(self) -> list[Case]:
        """The folder's cases in order."""
        return [Case.from_dict(case) for case in json.loads((self.folder / "cases.json").read_text("utf-8"))]

    def largest_error(self, case: Case) -> float:
        """The largest absolute difference to the recorded output, frames in 0..1."""
        import torch
        from safetensors.torch import load_file

        tensors = load_file(self.folder / f"{case.name}.safetensors", device=str(self._device))
        with torch.inference_mode():
            restored = self.restore(case, tensors)
            return float((restored - tensors["output"]).abs().max())

    def restore(self, case: Case, tensors: dict[str, Tensor]) -> Tensor:
        """The case's frames [3, F, H, W] in 0..1."""
        import torch

        model = OneStepModel(
            self._vae, self._transformer, self._schedule, tensors["prompt_embedding"].unsqueeze(0)
        )
        video = tensors["video"].unsqueeze(0)
        source = model.encode(video.split(frame_steps(video.shape[2]), dim=2))
        keyframes = dict(_keyframe_latents(model, case, tensors, source.shape[1]))
        velocity = model.velocity(source, keyframes)
        if case.guidance != 1.0 and keyframes:
            blind = model.velocity(source, {})
            velocity = blind + case.guidance * (velocity - blind)
        frames = torch.cat(list(model.decode(self._schedule.clean(source, velocity))), dim=2)[0]
        return (frames * 0.5 + 0.5).clamp(0, 1)


def _keyframe_latents(
    model: OneStepModel, case: Case, tensors: dict[str, Tensor], latents: int
) -> Iterator[tuple[int, Tensor]]:
    """Each keyframe's slot, as the model was trained: four frames to a latent from the clip's first."""
    for frame in case.keyframes:
        slot = (frame - case.start) // _FRAMES_PER_LATENT
        if 0 <= slot < latents:
            yield slot, model.encode_picture(tensors[f"ref_{frame:05d}"])


def main(arguments: list[str] | None = None) -> int:
    """Print each case's largest error; 1 when one is above the tolerance or no number."""
    parser = argparse.ArgumentParser(prog="python -m sparkvsr_engine.models.cogvideox.parity")
    parser.add_argument("folder", type=Path, help="folder with cases.json, model/ and a file per case")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    runner = CaseRunner(options.folder, options.device)
    has_failed = False
    for case in runner.cases():
        error = runner.largest_error(case)
        is_within = error <= TOLERANCE
        has_failed |= not is_within
        sys.stdout.write(f"{case.name:24} largest error {error:.2e} {'ok' if is_within else 'TOO LARGE'}\n")
        sys.stdout.flush()
    return int(has_failed)


if __name__ == "__main__":
    sys.exit(main())
