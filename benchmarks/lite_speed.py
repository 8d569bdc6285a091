"""Frames a second of `lite` beside an image model run on every frame, in turns, in one process.

    python benchmarks/lite_speed.py CLIP [--size 480x270] [--scale 4] [--frames 17] [--peer NAME]
    python benchmarks/lite_speed.py CLIP --size 1920x1080 --scale 2 --frames 7 --only keyed
    python benchmarks/lite_speed.py CLIP --device cpu,openvino --threads 1 [--without-prefetch]

Prints a Markdown table: median seconds per frame of each, the ratio to the last one, the least seconds of
processor time (which holds on a busy machine too), the share of time outside networks and motion, and the
most memory the process ever held, clip included. Several devices are measured in turns. The clip's frames are
brought to the source size first; keyframes are the first and last frame at full size. Nothing is written.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.motion import FlowEstimator
from sparkvsr_engine.evaluation.protocol.clips import read_truth
from sparkvsr_engine.jobs.kernels import prepare_kernels
from sparkvsr_engine.media.buffering.frames_in_memory import FramesInMemory
from sparkvsr_engine.models.base import Guidance, KeyframePicture, ShotSettings
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.lite import frame_restorer
from sparkvsr_engine.models.lite.motion import registration
from sparkvsr_engine.models.lite.opening import open_lite

# What finds motion, and the passes of the network.
_INNER = (
    (FlowEstimator, "estimate"),
    (registration, "register"),
    (frame_restorer, "restore_blind"),
    (frame_restorer, "restore_keyed"),
)
# The first frames load caches and find the fastest kernels.
_WARM_UP = 2
# Bytes; macOS counts in them.
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Measure and print."""
    options = _parse()
    prepare_kernels(options.threads)
    width, height = (int(side) for side in options.size.split("x"))
    geometry = Geometry(width, height, width * options.scale, height * options.scale)
    truth = read_truth(Path(options.clip), options.frames, 1).frames
    source = [_sized(frame, width, height) for frame in truth]
    last = len(source) - 1
    keyframes = {n: _sized(truth[n], geometry.width, geometry.height) for n in (0, last)}
    runs: dict[str, Callable[[int], object]] = {}
    devices = options.device.split(",")
    opened = partial(lite_run, prefetches=not options.without_prefetch)
    for device in devices:
        if "keyed" in options.only:
            runs[f"lite on {device}, two keyframes"] = opened(source, keyframes, geometry, device)
        if "blind" in options.only:
            runs[f"lite on {device}, no keyframe"] = opened(source, {}, geometry, device)
    if "peer" in options.only:
        peer = open_isr(options.peer, devices[0], options.threads or 0)
        runs[f"{options.peer}, every frame"] = lambda frame: peer.upscale(source[frame])
    turns: dict[str, list[Turn]] = {name: [] for name in runs}
    inner = InnerTime()
    for frame in range(1, last):
        for name, run in runs.items():
            turns[name].append(inner.measured(run, frame))
    _print({name: results[_WARM_UP:] for name, results in turns.items()}, geometry)


def lite_run(
    source: list[Picture],
    keyframes: dict[int, Picture],
    geometry: Geometry,
    device: str,
    *,
    prefetches: bool = True,
) -> Callable[[int], object]:
    """Restores a frame of a shot, by its number. prefetches: as a job does, has the next one made ready."""
    reader, restorer = FramesInMemory(source, FrameSpan(0, len(source))), open_lite(device)
    shot = restorer.open_shot(reader, geometry, ShotSettings(), lambda: False)
    chunks = restorer.plan(reader.span, reader.span, sorted(keyframes), geometry)
    windows = {window.span.start: window for chunk in chunks for window in chunk.windows}
    states = {n: shot.encode_keyframe(KeyframePicture(n, p, str(n))) for n, p in keyframes.items()}

    def run(frame: int) -> object:
        window = windows[frame]
        seen = shot.encode_source(window)
        if prefetches and frame + 1 in windows:
            shot.prefetch(windows[frame + 1])
        prediction = shot.predict(window, seen, [states[n] for n in window.keyframes])
        return shot.decode(prediction, seen, Guidance())

    return run


def _sized(frame: NDArray[np.uint8], width: int, height: int) -> Picture:
    how = cv2.INTER_AREA if frame.shape[1] > width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, (width, height), interpolation=how), np.float32) / np.float32(255)


@dataclass(frozen=True)
class Turn:
    """One frame: seconds by the clock, of the processor, and by the clock in networks and motion."""

    wall: float
    processor: float
    inner: float


class InnerTime:
    """Seconds by the clock in which the network's passes or what finds motion ran, in whatever thread."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._running = 0
        self._since = 0.0
        self._lock = threading.Lock()
        for owner, name in _INNER:
            setattr(owner, name, self._timed(getattr(owner, name)))

    def measured(self, run: Callable[[int], object], frame: int) -> Turn:
        self._seconds = 0.0
        wall, processor = time.perf_counter(), time.process_time()
        run(frame)
        return Turn(time.perf_counter() - wall, time.process_time() - processor, self._seconds)

    def _timed(self, function: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object, **options: object) -> object:
            self._count(1)
            try:
                return function(*arguments, **options)
            finally:
                self._count(-1)

        return run

    def _count(self, change: int) -> None:
        """One more or one less runs; time passes while any does."""
        with self._lock:
            now = time.perf_counter()
            if self._running:
                self._seconds += now - self._since
            self._running += change
            self._since = now


def _print(turns: dict[str, list[Turn]], geometry: Geometry) -> None:
    medians = {name: statistics.median(turn.wall for turn in of_one) for name, of_one in turns.items()}
    slowest = list(medians.values())[-1]
    print(f"{geometry.source_width}x{geometry.source_height} -> {geometry.width}x{geometry.height}\n")
    print("| | s/frame | frames/s | times the last one's speed | processor s | outside |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, median in medians.items():
        processor = min(turn.processor for turn in turns[name])
        outside = 1 - sum(turn.inner for turn in turns[name]) / sum(turn.wall for turn in turns[name])
        share = f"{outside:.0%}" if name.startswith("lite") else ""
        ratio = slowest / median
        print(f"| {name} | {median:.3f} | {1 / median:.2f} | {ratio:.2f} | {processor:.3f} | {share} |")
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT
    print(f"\nmost memory held: {peak_bytes / 1e9:.1f} GB")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("clip")
    parser.add_argument("--size", default="480x270")
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--frames", type=int, default=17)
    parser.add_argument("--peer", default="realesr-animevideov3")
    parser.add_argument("--only", default="keyed,blind,peer", help="which of them")
    parser.add_argument("--device", default="auto", help="one, or several with commas between")
    parser.add_argument("--without-prefetch", action="store_true", help="frames one after the other")
    parser.add_argument("--threads", type=int, default=0, help="of kernels; default one per core")
    return parser.parse_args()


if __name__ == "__main__":
    main()
