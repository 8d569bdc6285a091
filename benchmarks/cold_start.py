"""The first preview: from nothing, no engine running, and of frames never seen in an engine that runs.

    python benchmarks/cold_start.py CLIP [--against FOLDER] [--size 480x270] [--scale 4] [--turns 5]

CLIP's first frames are reduced to the source size; each command is `sparkvsr preview`, without keyframes.
The table has medians of seconds by the clock and of processor time of all processes: the command's own, the
engine's and the worker's. FOLDER is another checkout, measured in turns with this one; the last column is
this one's processor time over its. Run it from the repository's root.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import psutil
from printed_table import table

from sparkvsr_engine.media.images import write_image

_FRAMES = 24
_HERE = Path(__file__).parents[1]
_STAGES = ("from nothing", "a frame never seen")


@dataclass(frozen=True)
class Took:
    """Seconds by the clock and of processor time."""

    clock: float
    processor: float


def main() -> None:
    """Measure and print."""
    options = _parse()
    checkouts = {"this": _HERE, **({"the other": options.against} if options.against else {})}
    took: dict[tuple[str, str], list[Took]] = {}
    with tempfile.TemporaryDirectory(prefix="cold-") as name:
        folder = Path(name)
        _write_source(options.clip, folder / "plate", options.size)
        for turn in range(options.turns):
            for label, checkout in checkouts.items():
                home = folder / f"{label} {turn}".replace(" ", "-")
                for stage, seconds in _one_turn(checkout, home, folder, options.scale, turn).items():
                    took.setdefault((label, stage), []).append(seconds)
    print(table(["checkout", "preview", "clock", "processor", "of the other's"], _rows(took)))


def _one_turn(checkout: Path, home: Path, folder: Path, scale: float, turn: int) -> dict[str, Took]:
    """The first preview of an engine that is started for it, and the next one's."""
    environment = {
        **os.environ,
        "SPARKVSR_HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(checkout), str(checkout / "bridge")]),
    }
    try:
        return {
            stage: _preview(environment, home, folder, scale, 2 * turn + 4 * place)
            for place, stage in enumerate(_STAGES)
        }
    finally:
        subprocess.run(_command("stop"), env=environment, check=True, capture_output=True)


def _preview(environment: Mapping[str, str], home: Path, folder: Path, scale: float, frame: int) -> Took:
    own_before, engines_before = _own_seconds(), _engine_seconds(home)
    started = time.monotonic()
    source, target = str(folder / "plate"), str(folder / "look.png")
    order = _command("preview", source, "--frame", str(frame), "--scale", str(scale), "-o", target)
    subprocess.run(order, env=environment, check=True, capture_output=True)
    clock = time.monotonic() - started
    return Took(clock, _own_seconds() - own_before + _engine_seconds(home) - engines_before)


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "sparkvsr_engine", *words]


def _own_seconds() -> float:
    """Processor time of commands that have ended; an engine goes on and is not among them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _engine_seconds(home: Path) -> float:
    """Processor time so far of the engine of a home folder and of its workers."""
    total = 0.0
    for process in psutil.process_iter():
        try:
            if process.environ().get("SPARKVSR_HOME") == str(home):
                times = process.cpu_times()
                total += times.user + times.system
        except psutil.Error:
            continue
    return total


def _rows(took: Mapping[tuple[str, str], Sequence[Took]]) -> list[list[str]]:
    rows: list[list[str]] = []
    for (label, stage), seconds in took.items():
        clock, processor = (
            statistics.median(getattr(one, kind) for one in seconds) for kind in ("clock", "processor")
        )
        against = took.get(("the other", stage)) if label == "this" else None
        ratio = f"{processor / statistics.median(t.processor for t in against):.2f}" if against else ""
        rows.append([label, stage, f"{clock:.2f} s", f"{processor:.2f} s", ratio])
    return rows


def _write_source(clip: Path, folder: Path, size: str) -> None:
    width, height = (int(side) for side in size.split("x"))
    folder.mkdir()
    with av.open(str(clip)) as container:
        for number, frame in zip(range(_FRAMES), container.decode(video=0), strict=False):
            picture = cv2.resize(
                frame.to_ndarray(format="rgb24"), (width, height), None, 0, 0, cv2.INTER_AREA
            )
            write_image(folder / f"{number:04d}.png", np.asarray(picture, np.uint8))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", type=Path)
    parser.add_argument("--against", type=Path, help="another checkout of the project")
    parser.add_argument("--size", default="480x270", metavar="WxH")
    parser.add_argument("--scale", type=float, default=4.0)
    parser.add_argument("--turns", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
