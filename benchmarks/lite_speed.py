"""Frames a second of `lite` beside an image model run on every frame, in turns, in one process.

    python benchmarks/lite_speed.py CLIP [--size 480x270] [--scale 4] [--frames 17] [--peer NAME]
    python benchmarks/lite_speed.py CLIP --size 1920x1080 --scale 2 --frames 7 --only keyed

Prints a Markdown table: median seconds per frame of each, and the ratio to the peer, and the most memory the
process ever held, clip included. The clip's frames are brought to the source size first; keyframes are the
first and last frame at full size. Nothing is written.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.protocol.clips import read_truth
from sparkvsr_engine.jobs.running.in_memory import FramesInMemory
from sparkvsr_engine.jobs.worker import prepare_kernels
from sparkvsr_engine.models.base import Guidance, KeyframePicture, ShotSettings
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.lite.opening import open_lite

# The first frames load caches and find the fastest kernels.
_WARM_UP = 2
# Bytes; macOS counts in them.
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Measure and print."""
    options = _parse()
    prepare_kernels(0)
    width, height = (int(side) for side in options.size.split("x"))
    geometry = Geometry(width, height, width * options.scale, height * options.scale)
    truth = read_truth(Path(options.clip), options.frames, 1).frames
    source = [_sized(frame, width, height) for frame in truth]
    last = len(source) - 1
    keyframes = {n: _sized(truth[n], geometry.width, geometry.height) for n in (0, last)}
    runs: dict[str, Callable[[int], object]] = {}
    if "keyed" in options.only:
        runs["lite, two keyframes"] = _lite(source, keyframes, geometry, options.device)
    if "blind" in options.only:
        runs["lite, no keyframe"] = _lite(source, {}, geometry, options.device)
    if "peer" in options.only:
        peer = open_isr(options.peer, options.device)
        runs[f"{options.peer}, every frame"] = lambda frame: peer.upscale(source[frame])
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for frame in range(1, last):
        for name, run in runs.items():
            started = time.perf_counter()
            run(frame)
            seconds[name].append(time.perf_counter() - started)
    _print({name: statistics.median(durations[_WARM_UP:]) for name, durations in seconds.items()}, geometry)


def _lite(
    source: list[Picture], keyframes: dict[int, Picture], geometry: Geometry, device: str
) -> Callable[[int], object]:
    reader, restorer = FramesInMemory(source, FrameSpan(0, len(source))), open_lite(device)
    shot = restorer.open_shot(reader, geometry, ShotSettings(), lambda: False)
    chunks = restorer.plan(reader.span, reader.span, sorted(keyframes), geometry)
    windows = {window.span.start: window for chunk in chunks for window in chunk.windows}
    states = {n: shot.encode_keyframe(KeyframePicture(n, p, str(n))) for n, p in keyframes.items()}

    def run(frame: int) -> object:
        window = windows[frame]
        seen = shot.encode_source(window)
        prediction = shot.predict(window, seen, [states[n] for n in window.keyframes])
        return shot.decode(prediction, seen, Guidance())

    return run


def _sized(frame: NDArray[np.uint8], width: int, height: int) -> Picture:
    how = cv2.INTER_AREA if frame.shape[1] > width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, (width, height), interpolation=how), np.float32) / np.float32(255)


def _print(medians: dict[str, float], geometry: Geometry) -> None:
    slowest = list(medians.values())[-1]
    print(f"{geometry.source_width}x{geometry.source_height} -> {geometry.width}x{geometry.height}\n")
    print("| | s/frame | frames/s | times the peer's speed |\n| --- | ---: | ---: | ---: |")
    for name, median in medians.items():
        print(f"| {name} | {median:.3f} | {1 / median:.2f} | {slowest / median:.2f} |")
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
    parser.add_argument("--device", default="auto")
    return parser.parse_args()


if __name__ == "__main__":
    main()
