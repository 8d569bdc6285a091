"""Measure the ranges under which the weights of `lite` that ship run in 8 bits (`networks/quantization.py`).

    python scripts/measure_lite_ranges.py FOOTAGE [-o FILE]

FOOTAGE is a folder as `sparkvsr train` takes it. Each set of weights sees what it is for: footage reduced by
four, as it is or degraded, or generated graphics without anti-aliasing; all of it under two true keyframes.
What a convolution reads is measured per channel, and the largest values count. With graphics among what the
weights for footage see, ranges are up to four times as wide: footage lost another 0.02 dB, graphics gained
none.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import av
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor, nn

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.media.buffering.frames_in_memory import FramesInMemory
from sparkvsr_engine.models.base import KeyframePicture, ShotSettings
from sparkvsr_engine.models.lite.loading import load_weights
from sparkvsr_engine.models.lite.networks.network import LiteNetwork
from sparkvsr_engine.models.lite.networks.quantization import weights_digest
from sparkvsr_engine.models.lite.networks.torch_passes import TorchPasses
from sparkvsr_engine.models.lite.planner import LitePlanner, shipped_ranges, shipped_weights
from sparkvsr_engine.models.lite.restorer import LiteRestorer
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from sparkvsr_engine.models.precision import Precision
from sparkvsr_engine.training.degradation.chain import clean, degrade
from sparkvsr_engine.training.scenes.footage import read_manifest
from sparkvsr_engine.training.scenes.graphics_stage import GraphicsStage

Frames = list[NDArray[np.uint8]]
_SCALE, _SEED = 4, 20261129
_FRAMES, _TARGET = 5, 2
_GRAPHICS = 24
_SIDE = 256
# Too fine for short formats, or too small to be worth it.
_IN_FLOATS = ("blind.stem", "blind.last", "blind.join", "blind.head", "blind.faith", "keyed.encoder")


class RangeMeter:
    """Extremes of what each convolution of a network reads, per channel."""

    def __init__(self, network: LiteNetwork) -> None:
        self.low: dict[str, Tensor] = {}
        self.high: dict[str, Tensor] = {}
        self._powers: dict[str, list[Tensor]] = {}
        self._means: dict[str, list[Tensor]] = {}
        for name, part in network.named_modules():
            if isinstance(part, nn.Conv2d) and name not in _IN_FLOATS:
                part.register_forward_pre_hook(self._hook_of(name))

    def stored(self, part: str) -> dict[str, NDArray[np.float32]]:
        """Low, high, power and mean of each, float32 [4, C]."""
        return {
            f"{part}/{name}": torch.stack(
                [
                    low,
                    self.high[name],
                    *(torch.stack(rows[name]).mean(0) for rows in (self._powers, self._means)),
                ]
            ).numpy()
            for name, low in self.low.items()
        }

    def _hook_of(self, name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def measure(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            low, high = inputs[0].amin((0, 2, 3)), inputs[0].amax((0, 2, 3))
            self._powers.setdefault(name, []).append(inputs[0].square().mean((0, 2, 3)))
            self._means.setdefault(name, []).append(inputs[0].mean((0, 2, 3)))
            self.low[name] = torch.minimum(low, self.low.get(name, low)).clamp(max=0)
            self.high[name] = torch.maximum(high, self.high.get(name, high)).clamp(min=1e-6)

        return measure


def main() -> None:
    options = _parse()
    weights = load_weights(shipped_weights())
    arrays: dict[str, NDArray[np.float32]] = {}
    digests: dict[str, str] = {}
    sets = {
        "all": weights.network,
        "damaged": weights.damaged,
        "clean": weights.clean,
        "drawn": weights.drawn,
    }
    for part, network in sets.items():
        assert network is not None
        digests[part] = weights_digest(network.state_dict())
        meter = RangeMeter(network)
        rng = np.random.default_rng(_SEED)
        for truth, source in _scenes(options.footage, part, rng):
            _restore(network, truth, source)
        arrays |= meter.stored(part)
        print(part, digests[part], len(meter.low), "convolutions")
    save_file(arrays, options.output, {"digests": json.dumps(digests), "seed": str(_SEED)})


@torch.inference_mode()
def _restore(network: LiteNetwork, truth: Frames, source: Frames) -> None:
    """The third frame under keyframes at the first and the last, in float32."""
    height, width = source[0].shape[:2]
    geometry = Geometry(width, height, _SCALE * width, _SCALE * height)
    precision = Precision(torch.device("cpu"), torch.float32)
    restorer = LiteRestorer(LiteWeights(network), LitePlanner(), precision, TorchPasses)
    reader = FramesInMemory([_unit(frame) for frame in source], FrameSpan(0, _FRAMES))
    shot = restorer.open_shot(reader, geometry, ShotSettings(), lambda: False)
    chunks = restorer.plan(reader.span, reader.span, [0, _FRAMES - 1], geometry)
    window = [window for chunk in chunks for window in chunk.windows][_TARGET]
    keyframes = [shot.encode_keyframe(KeyframePicture(n, _unit(truth[n]), str(n))) for n in window.keyframes]
    shot.predict(window, shot.encode_source(window), keyframes)


def _scenes(footage: Path, part: str, rng: np.random.Generator) -> Iterator[tuple[Frames, Frames]]:
    """Truth and source of what a set of weights is for."""
    entries = [entry for entry in read_manifest(footage) if entry.kind == "video"]
    for entry in entries if part != "drawn" else []:
        truth = _part_of(_decoded(footage / entry.path), rng)
        yield truth, _reduced(truth, part, rng)
    for _ in range(_GRAPHICS if part == "drawn" else 0):
        stage = GraphicsStage.at_random([], rng, 1.0)
        at = int(rng.integers(0, stage.length - _FRAMES))
        span = range(at, at + _FRAMES)
        truth = [stage.frame(index) for index in span]
        height, width = truth[0].shape[:2]
        yield truth, [stage.source(index, width // _SCALE, height // _SCALE) for index in span]


def _reduced(truth: Frames, part: str, rng: np.random.Generator) -> Frames:
    height, width = truth[0].shape[:2]
    size = width // _SCALE, height // _SCALE
    if part in ("all", "damaged"):
        return degrade(truth, *size, rng, float(rng.uniform(0.1, 1.0)))
    return list(clean(truth, *size))


def _decoded(path: Path) -> Frames:
    """Five frames of a clip, its sides halved."""
    frames: Frames = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            half = frame.reformat(frame.width // 2, frame.height // 2, "rgb24", interpolation="AREA")
            frames.append(np.asarray(half.to_ndarray(), np.uint8))
            if len(frames) == _FRAMES:
                return frames
    raise SystemExit(f"{path} has fewer than {_FRAMES} frames; take it out of the manifest.")


def _part_of(frames: Sequence[NDArray[np.uint8]], rng: np.random.Generator) -> Frames:
    height, width = frames[0].shape[:2]
    rows, columns = min(height, _SIDE) // 32 * 32, min(width, _SIDE) // 32 * 32
    top, left = int(rng.integers(0, height - rows + 1)), int(rng.integers(0, width - columns + 1))
    return [np.ascontiguousarray(frame[top : top + rows, left : left + columns]) for frame in frames]


def _unit(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    return frame.astype(np.float32) / np.float32(255)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("footage", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=shipped_ranges())
    return parser.parse_args()


if __name__ == "__main__":
    main()
