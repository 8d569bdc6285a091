"""Reading, colour and writing of files against another checkout, in turns, on a machine that others use too.

    python benchmarks/file_turns.py ../before                                     1080p, all kinds
    python benchmarks/file_turns.py ../before --sizes 3840x2160 --kinds EXR,PNG --frames 4 --rounds 6

One process of each checkout stays open. They take turns, a frame (read, colour) or a clip (write, whole) at a
time, and count the processor time of all their threads. Of every step the least of the rounds counts: others
on the machine can only add to it. `file_throughput` has FFmpeg and OpenImageIO beside it, and memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).absolute().parent
STAGES = ("read", "colour", "write", "whole")
_SERVED = "--served"


class Checkout:
    """A process that runs single steps with one checkout's code."""

    def __init__(self, folder: Path, source: Path, target: Path) -> None:
        path = os.pathsep.join([str(folder), str(folder / "bridge")])
        target.parent.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, __file__, _SERVED, str(source), str(target)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )

    def step(self, stage: str, index: int) -> float:
        """Seconds of processor time."""
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        print(stage, index, file=asked, flush=True)
        return float(answered.readline())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def serve(source: str, target: str) -> None:
    """Run steps by the lines that come in: a stage, and the frame's place in the clip."""
    import time

    from file_stages import EngineStages, name_the_bridge

    name_the_bridge()
    stages = EngineStages(source, target, time.process_time)
    for line in sys.stdin:
        stage, _, index = line.partition(" ")
        seconds = stages.frame(stage, int(index)) if stage in ("read", "colour") else getattr(stages, stage)()
        print(seconds, flush=True)


def least_seconds(checkouts: dict[str, Checkout], stage: str, frames: int, rounds: int) -> dict[str, float]:
    """Name -> seconds a frame."""
    least: dict[tuple[str, int], float] = defaultdict(lambda: float("inf"))
    steps = frames if stage in ("read", "colour") else 1
    for number in range(rounds):
        for index in range(steps):
            # Who comes second finds the caches as the first one left them.
            for name in sorted(checkouts, reverse=bool((number + index) % 2)):
                least[name, index] = min(least[name, index], checkouts[name].step(stage, index))
    return {name: sum(least[name, index] for index in range(steps)) / frames for name in checkouts}


def main() -> None:
    """Measure and print."""
    from file_kinds import KINDS
    from printed_table import table

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("against", type=Path, metavar="CHECKOUT")
    parser.add_argument("--sizes", default="1920x1080", metavar="WxH,...")
    parser.add_argument("--frames", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--kinds", default="", metavar="PART,...", help="kinds with one of these in the name")
    parser.add_argument("--stages", default=",".join(STAGES))
    options = parser.parse_args()
    parts = options.kinds.lower().split(",")
    rows: list[list[str]] = []
    for size in options.sizes.split(","):
        width, height = map(int, size.split("x"))
        for kind in (kind for kind in KINDS if any(part in kind.name.lower() for part in parts)):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                source = kind.make_source(folder / "source", options.frames, (width, height))
                folders = {"engine": HERE.parent, "before": options.against.absolute()}
                checkouts = {
                    word: Checkout(place, source, folder / word / kind.pattern)
                    for word, place in folders.items()
                }
                for stage in options.stages.split(","):
                    seconds = least_seconds(checkouts, stage, options.frames, options.rounds)
                    speeds = [f"{1 / seconds[word]:.1f}" for word in folders]
                    ratio = f"{seconds['before'] / seconds['engine']:.2f}"
                    rows.append([kind.name, size, stage, *speeds, ratio])
                    print(*rows[-1], file=sys.stderr, flush=True)
                for checkout in checkouts.values():
                    checkout.close()
    print("Frames per second of processor time; ratio: the engine's speed over the speed before.\n")
    print(table(["kind", "size", "stage", "engine", "before", "ratio"], rows))


if __name__ == "__main__":
    if sys.argv[1:2] == [_SERVED]:
        serve(*sys.argv[2:])
    else:
        main()
