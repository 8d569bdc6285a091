"""Reading, colour and writing of files, in frames per second, beside FFmpeg and OpenImageIO in one run.

    python benchmarks/file_throughput.py                              1080p and 4K, all kinds
    python benchmarks/file_throughput.py --sizes 1920x1080 --frames 24 --rounds 3 --kinds EXR,ProRes
    python benchmarks/file_throughput.py --against ../before          another checkout as well, in turns
    python benchmarks/file_throughput.py --sizes 3840x2160 --frames 24 --against ../before      4K alone

Every measure is a process of its own; the best of the rounds counts, in which all take turns. FFmpeg is the
program imageio-ffmpeg brings, less the time it takes to start. OpenImageIO reads, converts and writes in a
bare loop of its Python API, in the format's own sample; as a whole it is oiiotool, less its start.

read: to RGB in memory. colour: to model space and back; OpenImageIO: to floats and back, for EXR through
ACEScct. write: from memory. whole: all three; the engine reads ahead and writes behind. job: with the
`identity` restorer, analysis and all. Peak memory is the process's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from file_kinds import KINDS, FileKind
from printed_table import table

STAGES = ("read", "colour", "write", "whole", "job")
HERE = Path(__file__).absolute().parent
MIB = 2**20


@dataclass
class Measure:
    """Best seconds and highest peak in bytes over the rounds."""

    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)

    @property
    def best(self) -> float:
        """Seconds."""
        return min(self.seconds)


def run_measured(command: Sequence[str], clock: str, checkout: Path | None = None) -> tuple[str, float, int]:
    """What a program printed, the seconds it took and the most bytes it held."""
    environment = {
        **os.environ,
        **({"PYTHONPATH": os.pathsep.join([str(checkout), str(checkout / "bridge")])} if checkout else {}),
    }
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as faults:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=faults, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start if clock == "wall" else usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        faults.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)}: {faults.read().decode(errors='replace')[-600:]}")
        return out.read().decode(), seconds, usage.ru_maxrss * 1024


class Bench:
    """Every measure of one kind at one size, and its frames."""

    def __init__(self, kind: FileKind, folder: Path, frames: int, size: tuple[int, int], clock: str) -> None:
        self._kind, self._folder, self._frames, self._size, self._clock = kind, folder, frames, size, clock
        # A program's peak counts no less than what its parent held, so that pictures are made elsewhere.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            self.source = pool.submit(kind.make_source, folder / "source", frames, size).result()
        self.measures: dict[tuple[str, str], Measure] = {}

    def run(self, checkouts: dict[str, Path], starts: dict[str, float]) -> None:
        """One round. checkouts: name -> folder. starts: seconds FFmpeg and oiiotool take to start."""
        for stage in STAGES:
            for name, checkout in checkouts.items():
                if stage != "job" or name == "engine":
                    self._in_python(name, stage, stage, checkout)
            command = self._ffmpeg(stage)
            if command:
                self._by_program("ffmpeg", stage, command, starts["ffmpeg"])
            if self._kind.is_movie:
                continue
            if stage in ("read", "colour", "write"):
                self._in_python("oiio", stage, f"oiio-{stage}", HERE.parent)
            elif stage == "whole":
                command = self._kind.oiio_command(self.source, self._target(), self._frames)
                self._by_program("oiio", stage, command, starts["oiiotool"])

    def row(self, stage: str, names: Sequence[str]) -> list[str]:
        """Frames per second and memory of each; ratios of the engine's speed to theirs."""
        engine = self.measures["engine", stage]
        cells: list[str] = []
        for name in names:
            measure = self.measures.get((name, stage))
            if measure is None:
                cells.append("-")
                continue
            speed = f"{self._frames / measure.best:.1f}"
            ratio = "" if name == "engine" else f" ({measure.best / engine.best:.2f})"
            peak = f", {max(measure.peaks) / MIB:.0f} MiB" if stage in ("whole", "job") else ""
            cells.append(speed + ratio + peak)
        return [self._kind.name, f"{self._size[0]}x{self._size[1]}", stage, *cells]

    def _in_python(self, name: str, stage: str, script_stage: str, checkout: Path) -> None:
        script = [sys.executable, str(HERE / "file_stages.py"), script_stage, "--clock", self._clock]
        printed, _, peak = run_measured(
            [*script, str(self.source), str(self._target())], self._clock, checkout
        )
        # The command line prints what became of the job before.
        self._note(name, stage, float(printed.split()[-1]), peak)

    def _by_program(self, name: str, stage: str, command: list[str], start: float) -> None:
        _, seconds, peak = run_measured(command, self._clock)
        self._note(name, stage, max(seconds - start, 1e-3), peak)

    def _note(self, name: str, stage: str, seconds: float, peak: int) -> None:
        measure = self.measures.setdefault((name, stage), Measure())
        measure.seconds.append(seconds)
        measure.peaks.append(peak)

    def _ffmpeg(self, stage: str) -> list[str]:
        commands: dict[str, Callable[[], list[str]]] = {
            "read": lambda: self._kind.read_command(self.source),
            "write": lambda: self._kind.write_command(
                self.source.parent / "frames.raw", self._size, self._target()
            ),
            "whole": lambda: self._kind.whole_command(self.source, self._target()),
        }
        return commands[stage]() if stage in commands else []

    def _target(self) -> Path:
        """A fresh one, its predecessor removed."""
        folder = self._folder / "target"
        folder.mkdir(exist_ok=True)
        for path in folder.glob("*.*"):
            path.unlink()
        return folder / self._kind.pattern


def start_seconds(command: Sequence[str], clock: str) -> float:
    """How long a program takes to do nothing, the best of three."""
    return min(run_measured(command, clock)[1] for _ in range(3))


def size_of(text: str) -> tuple[int, int]:
    """WxH."""
    width, _, height = text.partition("x")
    return int(width), int(height)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="1920x1080,3840x2160", metavar="WxH,...")
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", default="", metavar="PART,...", help="kinds with one of these in the name")
    parser.add_argument(
        "--clock", choices=("wall", "cpu"), default="wall", help="cpu: seconds of work, on a busy machine"
    )
    parser.add_argument("--against", type=Path, metavar="CHECKOUT")
    options = parser.parse_args()
    parts = options.kinds.split(",")
    kinds = [kind for kind in KINDS if any(part.lower() in kind.name.lower() for part in parts)]
    checkouts = {"engine": HERE.parent}
    if options.against:
        checkouts["before"] = options.against.absolute()
    starts = {
        "ffmpeg": start_seconds([*KINDS[0].read_command(Path("-"))[:1], "-version"], options.clock),
        "oiiotool": start_seconds(["oiiotool", "--version"], options.clock),
    }
    names = [*checkouts, "ffmpeg", "oiio"]
    rows: list[list[str]] = []
    for size in map(size_of, options.sizes.split(",")):
        for kind in kinds:
            with tempfile.TemporaryDirectory() as folder:
                bench = Bench(kind, Path(folder), options.frames, size, options.clock)
                for _ in range(options.rounds):
                    bench.run(checkouts, starts)
                rows += [bench.row(stage, names) for stage in STAGES]
                print(*(" ".join(row) for row in rows[-len(STAGES) :]), sep="\n", file=sys.stderr, flush=True)
    unit = "second" if options.clock == "wall" else "second of processor time"
    print(f"Frames per {unit}, of {options.frames} frames; in brackets the engine's speed over theirs.\n")
    print(table(["kind", "size", "stage", *names], rows))


if __name__ == "__main__":
    main()
