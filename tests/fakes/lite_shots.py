"""`lite` at a small size on shots held in memory, one frame at a time."""

from __future__ import annotations

import numpy as np
import torch

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.windows import Window
from sparkvsr_engine.models.base import Guidance, KeyframePicture, ShotSettings
from sparkvsr_engine.models.lite.networks.network import LiteConfig, LiteNetwork
from sparkvsr_engine.models.lite.networks.torch_passes import TorchPasses
from sparkvsr_engine.models.lite.planner import CONTEXT_FRAMES, LitePlanner
from sparkvsr_engine.models.lite.restorer import LiteRestorer
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from sparkvsr_engine.models.precision import choose_precision

SMALL = LiteConfig(channels=16, blind_blocks=2, key_channels=8, keyed_blocks=2)


class MemoryReader:
    """A shot's frames as restorers read them, with a record of what was read."""

    def __init__(self, frames, start=0):
        self._frames = frames
        self.span = FrameSpan(start, start + len(frames))
        self.was_read = []

    def read(self, frame):
        at = self.span.clamp(frame)
        self.was_read.append(at)
        return np.ascontiguousarray(self._frames[at - self.span.start], np.float32)


def small_network(seed=0):
    """A small network whose random weights change every pixel visibly, by about a tenth."""
    torch.manual_seed(seed)
    network = LiteNetwork(SMALL)
    with torch.no_grad():
        # What leaves the trunk is in the range of 8-bit pictures.
        network.blind.head.weight.mul_(0.01)
        network.blind.head.bias.mul_(0.1)
        network.keyed.head.weight.mul_(0.3)
    return network


class Rendering:
    """One shot at work. network: or weights for more than one kind of footage. keyframes: frame -> picture at
    output size. passes_of: what runs networks; a test may set another.
    """

    passes_of = TorchPasses

    def __init__(self, network, frames, scale=4, keyframes=None, start=0, damage=None, curve=None):
        height, width = frames[0].shape[:2]
        self.geometry = Geometry.scaled(width, height, scale)
        self.reader = MemoryReader(frames, start)
        self.keyframes = dict(keyframes or {})
        self.planner = LitePlanner()
        weights = network if isinstance(network, LiteWeights) else LiteWeights(network)
        self.restorer = LiteRestorer(weights, self.planner, choose_precision("cpu"), type(self).passes_of)
        self.shot = self.restorer.open_shot(
            self.reader, self.geometry, ShotSettings(damage=damage, curve=curve), lambda: False
        )

    def window(self, frame):
        """The frame's window as planned."""
        span = FrameSpan(frame, frame + 1)
        chunks = self.planner.plan(self.reader.span, span, sorted(self.keyframes), self.geometry)
        return chunks[0].windows[0]

    def predict(self, frame, keyframes=None):
        """(prediction, source state); keyframes: other ones than planned, or in another order."""
        window = self.window(frame)
        if keyframes is not None:
            span = FrameSpan(frame, frame + 1)
            window = Window(span, span.widened(CONTEXT_FRAMES, self.reader.span), tuple(keyframes))
        states = [
            self.shot.encode_keyframe(KeyframePicture(key, self.keyframes[key], str(key)))
            for key in window.keyframes
        ]
        source = self.shot.encode_source(window)
        return self.shot.predict(window, source, states), source

    def frame(self, frame, guidance=None, keyframes=None):
        """The restored frame."""
        prediction, source = self.predict(frame, keyframes)
        (restored,) = self.shot.decode(prediction, source, guidance or Guidance())
        return restored

    def pixels(self, frame, guidance=None, keyframes=None):
        """Its pixels."""
        return self.frame(frame, guidance, keyframes).pixels
