"""What a frame of `lite` takes in two checkouts of this repository, in turns, frame by frame.

    python benchmarks/lite_speed_of_checkouts.py CLIP BEFORE [--size 480x270] [--frames 9] [--rounds 2]
    ONEDNN_MAX_CPU_ISA=AVX512_CORE_VNNI python benchmarks/lite_speed_of_checkouts.py CLIP BEFORE \
        --device openvino:8bit

BEFORE is the folder of another checkout, which runs by torch; this one, on --device, is measured against it.
ONEDNN_MAX_CPU_ISA limits what both may use of the processor, here to integers without bfloat16. Each has a
process of its own, which waits while the other works; who begins changes from frame to frame, so that what
else the machine does meets both alike. Prints a Markdown table: seconds of the processor and by the clock,
medians and least, and the median of the ratios frame by frame. Processor time holds on a busy machine too.
Nothing is written.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
KINDS = {"no keyframe": False, "two keyframes": True}
# The first frames load caches and find the fastest kernels.
_WARM_UP = 2
# In the process of a checkout: that checkout's own benchmark makes the shot ready.
_WORKER = """
import importlib.util, json, pathlib, sys, time
checkout, clip, size, scale, count, threads, device = sys.argv[1:]
place = pathlib.Path(checkout, "benchmarks", "lite_speed.py")
spec = importlib.util.spec_from_file_location("lite_speed", place)
speed = importlib.util.module_from_spec(spec)
sys.modules["lite_speed"] = speed
spec.loader.exec_module(speed)
speed.prepare_kernels(int(threads))
width, height = map(int, size.split("x"))
geometry = speed.Geometry(width, height, width * int(scale), height * int(scale))
truth = speed.read_truth(pathlib.Path(clip), int(count), 1).frames
source = [speed._sized(frame, width, height) for frame in truth]
last = len(source) - 1
keyframes = {n: speed._sized(truth[n], geometry.width, geometry.height) for n in (0, last)}
opened = getattr(speed, "lite_run", None) or speed._lite
runs = [opened(source, of_kind, geometry, device) for of_kind in ({}, keyframes)]
print(json.dumps(last), flush=True)
for line in sys.stdin:
    kind, frame = map(int, line.split())
    wall, processor = time.perf_counter(), time.process_time()
    runs[kind](frame)
    print(json.dumps([time.process_time() - processor, time.perf_counter() - wall]), flush=True)
"""


@dataclass(frozen=True)
class Turn:
    """Seconds of a frame: of the processor, and by the clock."""

    processor: float
    wall: float


class Checkout:
    """A process that restores frames with the code of a checkout when it is asked to."""

    def __init__(self, folder: Path, options: argparse.Namespace, device: str) -> None:
        shot = (options.clip, options.size, options.scale, options.frames)
        arguments = (folder, *shot, options.threads, device)
        paths = os.pathsep.join(map(str, (folder, folder / "bridge")))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WORKER, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": paths},
        )

    def ready(self) -> int:
        """Waits until the shot is ready; the number of its last frame."""
        return int(self._answer())

    def turn(self, kind: int, frame: int) -> Turn:
        """Restore a frame of a kind, by its place in `KINDS`."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{kind} {frame}\n")
        self._process.stdin.flush()
        return Turn(*json.loads(self._answer()))

    def close(self) -> None:
        """Ends the process."""
        self._process.terminate()
        self._process.wait()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"A checkout ended with {self._process.wait()}; its error is above.")
        return line


def turns(checkouts: tuple[Checkout, Checkout], last: int, rounds: int) -> Iterator[tuple[int, Turn, Turn]]:
    """Of every kind and frame the turns of both, in the order of the checkouts."""
    for number in range(rounds):
        for frame in range(1, last):
            for kind in range(len(KINDS)):
                order = (0, 1) if (frame + number) % 2 else (1, 0)
                pair = {which: checkouts[which].turn(kind, frame) for which in order}
                if frame > _WARM_UP:
                    yield kind, pair[0], pair[1]


def _printed(kind: str, pairs: list[tuple[Turn, Turn]]) -> Iterator[str]:
    for what in ("processor", "wall"):
        before, now = ([getattr(pair[which], what) for pair in pairs] for which in (0, 1))
        ratio = statistics.median(second / first for first, second in zip(before, now, strict=True))
        seconds = (statistics.median(before), statistics.median(now), min(before), min(now))
        columns = " | ".join(f"{value:.3f}" for value in (*seconds, ratio, min(now) / min(before)))
        yield f"| {kind}, {what} | {columns} |"


def main() -> None:
    options = _parse()
    before = Checkout(Path(options.before).resolve(), options, "cpu")
    checkouts = (before, Checkout(HERE, options, options.device))
    try:
        last = min([checkout.ready() for checkout in checkouts])
        measured: dict[int, list[tuple[Turn, Turn]]] = {kind: [] for kind in range(len(KINDS))}
        for kind, before, now in turns(checkouts, last, options.rounds):
            measured[kind].append((before, now))
    finally:
        for checkout in checkouts:
            checkout.close()
    print("| seconds a frame | before | now | least before | least now | now to before | least to least |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, pairs in zip(KINDS, measured.values(), strict=True):
        print("\n".join(_printed(name, pairs)))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("clip", type=lambda name: str(Path(name).resolve()))
    parser.add_argument("before", help="folder of the other checkout")
    parser.add_argument("--size", default="480x270")
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--frames", type=int, default=9)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--device", default="cpu", help="of this checkout: cpu, openvino, openvino:8bit")
    parser.add_argument("--threads", type=int, default=1, help="of kernels")
    return parser.parse_args()


if __name__ == "__main__":
    main()
