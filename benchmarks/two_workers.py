"""What two processes gain over one on a machine's processor: wall and processor time of one job.

`python benchmarks/two_workers.py [--frames 48] [--size 160x96]`: the same sequence, `lite` at scale 2 with a
thread for each process, on one device (`cpu`) and spread over two. Each engine renders another clip first, so
that its processes run and have their model. The load of the machine is printed beside the figures: with other
work on it the wall time means little, the processor time still does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bridge")]

from sparkvsr_bridge.messages import DescribeEngineRequest, EngineReply  # noqa: E402
from sparkvsr_bridge.process import EngineProcess  # noqa: E402
from sparkvsr_engine.media.images import write_image  # noqa: E402

PROGRAM = (sys.executable, "-m", "sparkvsr_engine")


def write_clip(folder: Path, frames: int, width: int, height: int, seed: int) -> str:
    """A drifting texture as numbered pictures; returns their pattern."""
    folder.mkdir(parents=True)
    texture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    for number in range(frames):
        write_image(folder / f"{number:04d}.png", np.roll(texture, number, 1))
    return str(folder / "%04d.png")


def processor_seconds(pid: int) -> float:
    """Of an engine and all its processes, from their start."""
    engine = psutil.Process(pid)
    times = [process.cpu_times() for process in (engine, *engine.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def measure(base: Path, devices: tuple[str, ...], clips: list[str]) -> tuple[float, float]:
    """(wall, processor) seconds of the second clip on these devices."""
    home = base / f"home{len(devices)}"
    home.mkdir()
    listed = ", ".join(f'"{device}"' for device in devices)
    (home / "config.toml").write_text(f"threads = 1\ndevices = [{listed}]\n", "utf-8")
    environment = {**os.environ, "SPARKVSR_HOME": str(home), "SPARKVSR_THREADS": "1"}
    wall = spent = 0.0
    try:
        for number, clip in enumerate(clips):
            before = processor_seconds(pid_of(home)) if number else 0.0
            began = time.monotonic()
            target = str(home / f"out{number}" / "%04d.png")
            words = ["upscale", clip, "-o", target, "--scale", "2", "--keyframes", "none", "--device", "auto"]
            subprocess.run([*PROGRAM, *words], env=environment, check=True, stdout=subprocess.DEVNULL)
            wall, spent = time.monotonic() - began, processor_seconds(pid_of(home)) - before
    finally:
        subprocess.run([*PROGRAM, "stop"], env=environment, check=False, stdout=subprocess.DEVNULL)
    return wall, spent


def pid_of(home: Path) -> int:
    """The engine of a home folder."""
    with EngineProcess(home, PROGRAM).connect() as client:
        return client.request(DescribeEngineRequest(), EngineReply).pid


def main() -> None:
    """Measure one process and two, in turns of one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--size", default="160x96")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    with tempfile.TemporaryDirectory(prefix="svsr-") as folder:
        base = Path(folder)
        clips = [write_clip(base / f"clip{seed}", options.frames, width, height, seed) for seed in range(2)]
        for devices in (("cpu",), ("cpu", "cpu")):
            wall, spent = measure(base, devices, clips)
            load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
            print(
                f"{len(devices)} process(es): {wall:.1f} s wall, {spent:.1f} s processor,"
                f" {1000 * spent / options.frames:.0f} ms a frame; load {load:.1f} on {os.cpu_count()} cores"
            )


if __name__ == "__main__":
    main()
