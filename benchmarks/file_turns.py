"""Reading, colour and writing of files against another checkout, in turns, on a machine that others use too.

    python benchmarks/file_turns.py ../before                                     1080p, all kinds
    python benchmarks/file_turns.py ../before --sizes 3840x2160 --kinds EXR,PNG --frames 4 --rounds 6

One process of each checkout stays open. They take turns, a frame (colour, read of pictures) or a clip (read
of movies, write, whole) at a time, and count the processor time of all their threads. Of every step the least
of the rounds counts: others on the machine can only add to it. `file_throughput` has FFmpeg and OpenImageIO
beside it, and memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
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

    def step(self, stage: str, index: int | None) -> float:
        """Seconds of processor time. index: the frame's place in the clip, None for all of the clip."""
        questions, answers = self._process.stdin, self._process.stdout
        assert questions is not None
        assert answers is not None
        print(stage, "" if index is None else index, file=questions, flush=True)
        return float(answers.readline())

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
        stage, _, index = line.strip().partition(" ")
        seconds = stages.frame(stage, int(index)) if index else getattr(stages, stage)()
        print(seconds, flush=True)


def least_seconds(
    checkouts: dict[str, Checkout], stage: str, places: Sequence[int | None], rounds: int
) -> dict[str, float]:
    """Name -> seconds of all places."""
    least: dict[tuple[str, int | None], float] = defaultdict(lambda: float("inf"))
    for number in range(rounds):
        for place in places:
            # Who comes second finds the caches as the first one left them.
            for name in sorted(checkouts, reverse=bool((number + (place or 0)) % 2)):
                least[name, place] = min(least[name, place], checkouts[name].step(stage, place))
    return {name: sum(least[name, place] for place in places) for name in checkouts}


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
                    # A movie's decoder works on several frames at a time.
                    is_single = stage == "colour" or (stage == "read" and not kind.is_movie)
                    places = range(options.frames) if is_single else (None,)
                    seconds = least_seconds(checkouts, stage, places, options.rounds)
                    speeds = [f"{options.frames / seconds[word]:.1f}" for word in folders]
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
