"""The one step of the noise schedule that the model was trained for.

x0 = sqrt(alpha) z - sqrt(1 - alpha) v, where the un-noised source latents z play the noisy sample and
alpha is the cumulative product at the step. Source: the zero-terminal-SNR rescaling of Lin et al.,
"Common Diffusion Noise Schedules and Sample Steps are Flawed", as diffusers' `CogVideoXDPMScheduler` has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

TRAINED_TIMESTEP = 399
"""Counted down from the last of 1000: the step whose noise level matches an upscaled source."""

OFFSET_EMBEDDING = 2.0
"""The constant that CogVideoX1.5's image-to-video transformer takes beside the timestep."""


@dataclass(frozen=True)
class OneStepSchedule:
    """The two weights of the velocity formula at the trained timestep."""

    sqrt_alpha: float
    sqrt_one_minus_alpha: float
    timestep: int = TRAINED_TIMESTEP

    def clean(self, latents: Tensor, velocity: Tensor) -> Tensor:
        """The restored latents for source latents and a predicted velocity of the same shape, float32."""
        return self.sqrt_alpha * latents.float() - self.sqrt_one_minus_alpha * velocity.float()


def read_schedule(folder: Path, timestep: int = TRAINED_TIMESTEP) -> OneStepSchedule:
    """The weights for the schedule in `folder`/scheduler_config.json."""
    from diffusers import CogVideoXDPMScheduler

    scheduler: Any = CogVideoXDPMScheduler.from_pretrained(folder)
    alpha = float(scheduler.alphas_cumprod[timestep])
    return OneStepSchedule(alpha**0.5, (1 - alpha) ** 0.5, timestep)
