"""The whole state of a run in one file, so that a killed run goes on to the same bits.

Samples are drawn from their number: the state is the step, weights, optimiser, averaged weights, losses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sparkvsr_engine.storage.whole_files import written_whole


@dataclass
class RunState:
    """step: steps done in `stage`. ema: averaged weights by name. losses: rows of the log.

    start: identity of the weights that are not trained, empty where there are none. best: what a run that
    tests itself remembers of its best tests, by the share of what was learnt that was tested, by name.
    """

    stage: int = 0
    step: int = 0
    ema: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    losses: list[dict[str, float]] = field(default_factory=list[dict[str, float]])
    start: str = ""
    best: dict[float, dict[str, Tensor]] = field(default_factory=dict[float, dict[str, Tensor]])


def save_checkpoint(
    path: Path, state: RunState, network: nn.Module, optimiser: torch.optim.Optimizer
) -> None:
    """Write under a temporary name and rename: a kill leaves the checkpoint before.

    Args:
        path: the file.
        state: where the run stands.
        network: the network that is trained.
        optimiser: its state is kept too.
    """
    content = {
        "stage": state.stage,
        "step": state.step,
        "ema": state.ema,
        "losses": state.losses,
        "start": state.start,
        "best": state.best,
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
    }
    with written_whole(path) as partial:
        torch.save(content, partial)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """What `save_checkpoint` wrote, in the host's memory: a device may hold one copy of it, hardly two.

    None where there is nothing yet.
    """
    return torch.load(path, map_location="cpu", weights_only=True) if path.is_file() else None


def update_average(ema: dict[str, Tensor], network: nn.Module, decay: float, step: int) -> None:
    """Exponential moving average of the weights; young averages forget faster (decay (1 + t) / (10 + t)).

    Args:
        ema: averaged weights by name, changed in place.
        network: the network that is trained.
        decay: 0..1, of an old average.
        step: number of the step.
    """
    decay = min(decay, (1 + step) / (10 + step))
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if name in ema:
                ema[name].mul_(decay).add_(value, alpha=1 - decay)
            else:
                ema[name] = value.detach().clone()
