"""A network at work: device, number format, pieces, and what happens when memory runs out."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from sparkvsr_bridge.errors import OutOfMemory
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.models.isr.devices import Formats, Precision, choose_precision, repeatable
from sparkvsr_engine.models.isr.tiling import WIDEST_REACH, PieceLimits, run_in_pieces
from sparkvsr_engine.models.isr.upscaler import REVISION, Cancelled, never_cancelled

logger = logging.getLogger(__name__)

# RRDBNet takes 2.1 KB a source pixel in half precision: 1.3 GB a piece; the small networks half of that.
PIECE_SIDE = 768


@dataclass(frozen=True)
class LoadedNetwork:
    """A network with its weights, wherever it came from.

    run: float32 [1, 3, H, W] on the module's device to [1, 3, H * scale, W * scale].
    digest: of the weights. reach: None where the network must see the whole picture at once.
    """

    name: str
    digest: str
    module: nn.Module
    run: Callable[[Tensor], Tensor]
    scale: int
    reach: int | None
    formats: Formats = field(default_factory=Formats)


class TorchUpscaler:
    """An `ImageUpscaler` that runs a torch network."""

    def __init__(
        self, network: LoadedNetwork, device: torch.device, threads: int, side: int = PIECE_SIDE
    ) -> None:
        parameters = sum(parameter.numel() for parameter in network.module.parameters())
        self._network = network
        self._precision = choose_precision(device, parameters, network.formats)
        self._threads = threads
        reach = None if network.reach is None else min(network.reach, WIDEST_REACH)
        self._limits = None if reach is None else PieceLimits(side, reach)
        module = network.module.eval().requires_grad_(False)
        module.to(device=device, dtype=self._precision.dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def name(self) -> str:
        """Of the network."""
        return self._network.name

    @property
    def scale(self) -> int:
        """How many times larger a result is."""
        return self._network.scale

    @property
    def precision(self) -> Precision:
        """Device and number format."""
        return self._precision

    @property
    def identity(self) -> str:
        """Of weights, number format and pieces: what results depend on."""
        settings = (REVISION, self._network.digest, str(self._precision), self._limits)
        return hashlib.sha256(repr(settings).encode()).hexdigest()[:32]

    def upscale(self, picture: Picture, is_cancelled: Cancelled = never_cancelled) -> Picture:
        """See `ImageUpscaler.upscale`."""
        limits = self._limits or PieceLimits(max(picture.shape[:2]), 0, 0)
        while True:
            try:
                with repeatable(self._threads), torch.inference_mode():
                    return run_in_pieces(self._run_piece, picture, self.scale, limits, is_cancelled)
            except torch.OutOfMemoryError:
                limits = self._smaller(limits, picture)

    def _run_piece(self, piece: Picture) -> Picture:
        planes = torch.from_numpy(np.ascontiguousarray(piece.transpose(2, 0, 1)))[None]
        planes = planes.to(self._precision.device).contiguous(memory_format=torch.channels_last)
        enlarged = self._network.run(planes)[0].float().clamp(0, 1)
        return enlarged.permute(1, 2, 0).contiguous().cpu().numpy()

    def _smaller(self, limits: PieceLimits, picture: Picture) -> PieceLimits:
        """Limits for another try; raises OutOfMemory when there is nothing left to lower."""
        height, width = picture.shape[:2]
        smaller = limits.halved(max(height, width)) if self._limits else None
        if smaller is None:
            raise OutOfMemory(
                f"{self.name} ran out of memory on {self._precision.device} with a keyframe source of"
                f" {width}x{height}; use --device cpu or a smaller model such as realesr-animevideov3.",
                device=str(self._precision.device),
            )
        logger.warning("%s ran out of memory; trying again with pieces of %d pixels", self.name, smaller.side)
        torch.cuda.empty_cache()
        return smaller
