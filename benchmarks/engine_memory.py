"""Memory of the whole engine, daemon and worker, for a long clip beside a short one of the same size.

    python benchmarks/engine_memory.py
    python benchmarks/engine_memory.py --short 6 --long 60 --width 160 --height 90

A fresh engine renders each. Prints the peak of the sum of proportional set sizes (PSS, in which a page that
two processes share counts once) from the job's submission to its end, and the ratio of the two peaks.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
from pathlib import Path

import psutil
from engine_clips import RATE, JobRun, running_engine, settings_for, write_clip

from sparkvsr_bridge.messages import DescribeEngineRequest, EngineReply

PAUSE_SECONDS = 0.1
MIB = 2**20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--short", type=int, default=6, help="seconds")
    parser.add_argument("--long", type=int, default=60, help="seconds")
    parser.add_argument("--width", type=int, default=160)
    parser.add_argument("--height", type=int, default=90)
    parser.add_argument("--scale", type=float, default=2.0)
    options = parser.parse_args()
    peaks = {}
    with tempfile.TemporaryDirectory() as folder:
        for seconds in (options.short, options.long):
            frames = int(seconds * RATE)
            clip = write_clip(Path(folder) / f"{seconds}.mp4", frames, options.width, options.height)
            peaks[seconds] = peak_bytes(clip, Path(folder) / f"{seconds}_out.mp4", options.scale)
            print(f"{seconds} s ({frames} frames): peak {peaks[seconds] / MIB:.0f} MiB", flush=True)
    print(f"ratio {peaks[options.long] / peaks[options.short]:.3f}")


def peak_bytes(clip: Path, target: Path, scale: float) -> int:
    """The most the engine held at once while it rendered the clip."""
    with running_engine() as engine, engine.ensure("benchmark") as client:
        run = JobRun(client).begin(clip, target, settings_for(scale, 4, seed=0))
        peak = 0
        done = threading.Event()
        while not done.is_set():
            if run.done.wait(PAUSE_SECONDS):
                done.set()
            engine_report = client.request(DescribeEngineRequest(), EngineReply)
            peak = max(peak, held_bytes([engine_report.pid, engine_report.worker_pid]))
        run.finish()
        return peak


def held_bytes(pids: list[int]) -> int:
    """PSS of these processes and their children, in bytes; RSS where the system has no PSS."""
    total = 0
    for pid in filter(None, pids):
        try:
            full = psutil.Process(pid).memory_full_info()
        except psutil.NoSuchProcess:
            continue
        total += getattr(full, "pss", full.rss)
    return total


if __name__ == "__main__":
    main()
