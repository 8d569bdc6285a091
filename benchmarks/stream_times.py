"""Packing and restoring in frames a second beside x265 at its slow preset, in the same run.

Every step is timed by the processor time of this process and its threads, which other work on the machine
disturbs less than the clock does, and by the clock.

    python benchmarks/stream_times.py clip.mp4 --frames 48 --rate 60k
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(1, str(Path(__file__).parents[1] / "bridge"))

from printed_table import table

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.config import load_config
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.models.registry import open_restorer
from sparkvsr_engine.streams.comparison.clips import read_clip, unpacked_stream
from sparkvsr_engine.streams.comparison.peers import code_clip, restored_frames
from sparkvsr_engine.streams.packing import pack
from sparkvsr_engine.streams.requests import PackRequest, parse_placement, parse_rate


@dataclass(frozen=True)
class Timing:
    """A step. frames: it worked on. processor, clock: seconds."""

    name: str
    frames: int
    processor: float
    clock: float


def main() -> None:
    """Time every step and print the table."""
    options = _options()
    config = load_config()
    config.make_folders()
    timings: list[Timing] = []
    with TemporaryDirectory() as work:
        folder = Path(work)
        clip = read_clip(options.clip, options.frames, folder)
        frames = len(clip.frames)

        def packed(name: str, keyframes: str, **values: int) -> Path:
            source = SourceMedia(str(options.clip), 0, frames - 1)
            target = folder / f"{name}.mkv"
            request = PackRequest(source, target, keyframes=parse_placement(keyframes), **values)
            return pack(config, request, Control()).target

        def timed(name: str, count: int, work_of: Callable[[], object]) -> None:
            processor, clock = time.process_time(), time.monotonic()
            work_of()
            passed = time.process_time() - processor, time.monotonic() - clock
            timings.append(Timing(name, count, *passed))

        crf = float(options.crf)
        timed(
            "x265 slow, full size", frames, lambda: code_clip(clip.frames, clip.rate, "libx265", crf, folder)
        )
        timed("pack --quality 50, every:24", frames, lambda: packed("quality", "every:24", quality=50))
        rate = parse_rate(options.rate)
        timed(f"pack --rate {options.rate}", frames, lambda: packed("rate", "auto", rate=rate))
        small, keyframes = unpacked_stream(folder / "quality.mkv")
        restorer = open_restorer("lite", config.models_folder, config.cache_folder / "parts", options.device)
        window = FrameSpan(0, min(frames, options.restored))
        restored = lambda: restored_frames(restorer, small, keyframes, clip.size, window)  # noqa: E731
        timed("restore with lite", len(window), restored)
    print(report(timings))


def report(timings: list[Timing]) -> str:
    """Frames a second, and how many times as long as the first step each takes."""
    first = timings[0].processor / timings[0].frames
    rows = [
        [
            timing.name,
            f"{timing.frames / timing.processor:.2f}",
            f"{timing.frames / timing.clock:.2f}",
            f"{timing.processor / timing.frames / first:.2f}",
        ]
        for timing in timings
    ]
    return table(["step", "frames per processor second", "frames per second", "times x265"], rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", type=Path)
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--restored", type=int, default=12, help="frames that are restored")
    parser.add_argument("--rate", default="60k")
    parser.add_argument("--crf", default="35", help="of x265")
    parser.add_argument("--device", default="auto")
    return parser.parse_args()


if __name__ == "__main__":
    main()
