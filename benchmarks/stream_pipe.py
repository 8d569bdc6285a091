"""A long pipe: memory of both ends over time, joined in the middle, with packets dropped, cut off at a byte.

A synthetic movie is packed into a pipe and unpacked at its other end, each a process of its own. What goes
through can be damaged on the way as a line would do it: bytes before a place are left out, packets of 1316
bytes are dropped at random, the rest from a place on never comes.

    python benchmarks/stream_pipe.py --minutes 10
    python benchmarks/stream_pipe.py --minutes 10 --join 0.37 --drop 0.01 --end 0.93
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(1, str(Path(__file__).parents[1] / "bridge"))

from sparkvsr_engine.streams.pipes.chain import read_pieces

RATE, PACKET_BYTES = 24, 1316
_PIECE_FRAMES = 48
_OUTPUT, _ERRORS = "output.txt", "errors.txt"


@dataclass
class Memory:
    """Peak resident memory of a process in MB by the minute of the stream."""

    peaks: dict[int, int] = field(default_factory=dict[int, int])

    def note(self, pid: int, minute: int) -> None:
        """Record the peak so far for a minute of the stream."""
        self.peaks[minute] = _peak_mb(pid)


def main() -> None:
    """Run it and print what came out."""
    options = _options()
    with TemporaryDirectory() as work:
        folder = Path(work)
        source = write_source(folder / "source.mkv", options.minutes, options.size)
        environment = {**os.environ, "SPARKVSR_HOME": str(folder / "home"), "SVT_LOG": "1"}
        started = time.monotonic()
        pack, unpack = _start(source, folder / "big.mkv", options, environment)
        memories = (Memory(), Memory())
        sent = _carry(pack, unpack, memories, options)
        unpack.wait()
        pack.wait()
        output, errors = ((folder / name).read_text(encoding="utf-8") for name in (_OUTPUT, _ERRORS))
        report = {
            "seconds": round(time.monotonic() - started),
            "frames_sent": round(options.minutes * 60 * RATE),
            "bytes_sent": sent,
            "pack_exit": pack.returncode,
            "unpack_exit": unpack.returncode,
            "pack_peak_mb": memories[0].peaks,
            "unpack_peak_mb": memories[1].peaks,
            "warnings": errors.count("warning"),
            "traceback": "Traceback" in errors,
            "result": _last_event(output),
        }
    print(json.dumps(report, indent=1))


def write_source(path: Path, minutes: float, size: tuple[int, int]) -> Path:
    """A movie whose picture drifts, with a cut every ten seconds.

    Args:
        path: of the movie.
        minutes: how long it is.
        size: (width, height) in pixels, even.
    """
    width, height = size
    rng = np.random.default_rng(5)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"crf": "20", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(minutes * 60 * RATE)):
            if number % (10 * RATE) == 0:
                coarse = rng.integers(0, 255, (height // 4 + 1, width // 4 + 1, 3), dtype=np.uint8)
                still = coarse.repeat(4, 0).repeat(4, 1)[:height, :width]
            picture = np.ascontiguousarray(np.roll(still, number // 2, 1))
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def damaged(blocks: Iterator[bytes], first: int, stop: int, share: float, seed: int) -> Iterator[bytes]:
    """What a line lets through.

    Args:
        blocks: what was sent.
        first: bytes before this one are left out.
        stop: bytes from this one on are left out.
        share: of the packets, how many are dropped, 0..1.
        seed: for the packets that are dropped.
    """
    rng, place, waiting = random.Random(seed), 0, b""
    for block in blocks:
        start, place = place, place + len(block)
        waiting += block[max(0, first - start) : max(0, stop - start)]
        while len(waiting) >= PACKET_BYTES:
            packet, waiting = waiting[:PACKET_BYTES], waiting[PACKET_BYTES:]
            if rng.random() >= share:
                yield packet
    yield waiting


def _start(
    source: Path, target: Path, options: argparse.Namespace, environment: dict[str, str]
) -> tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]:
    program = [sys.executable, "-m", "sparkvsr_engine"]
    pack = [*program, "pack", str(source), "-o", "-", "--factor", "2", "--quality", "30"]
    pack += ["--keyframes", f"every:{_PIECE_FRAMES}"]
    unpack = [*program, "unpack", "-", "-o", str(target), "--model", options.model, "--json"]
    # Into files: a pipe that nobody reads would stop the program when it is full.
    with (target.parent / _OUTPUT).open("wb") as output, (target.parent / _ERRORS).open("wb") as errors:
        return (
            subprocess.Popen(pack, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment),
            subprocess.Popen(unpack, stdin=subprocess.PIPE, stdout=output, stderr=errors, env=environment),
        )


def _carry(
    pack: subprocess.Popen[bytes],
    unpack: subprocess.Popen[bytes],
    memories: tuple[Memory, Memory],
    options: argparse.Namespace,
) -> int:
    """Carry pieces from one end to the other, noting memory; bytes sent."""
    assert pack.stdout is not None
    assert unpack.stdin is not None
    total = 0
    frames_per_minute = 60 * RATE

    def blocks() -> Iterator[bytes]:
        nonlocal total
        assert pack.stdout is not None
        for number, piece in enumerate(read_pieces(pack.stdout)):
            total += len(piece.data)
            minute = (number + 1) * _PIECE_FRAMES // frames_per_minute
            for process, memory in zip((pack, unpack), memories, strict=True):
                if process.poll() is None:
                    memory.note(process.pid, minute)
            yield piece.data

    # Where bytes are cut is a share of what a whole run sends, which is known after one.
    expected = options.expected or 1 << 62
    first, stop = int(options.join * expected), int(options.end * expected)
    for packet in damaged(blocks(), first, stop, options.drop, options.seed):
        unpack.stdin.write(packet)
        unpack.stdin.flush()
    unpack.stdin.close()
    return total


def _peak_mb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    return 0


def _last_event(output: str) -> object:
    lines = [line for line in output.splitlines() if line.strip()]
    return json.loads(lines[-1]) if lines else None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--size", type=int, nargs=2, default=(64, 36), metavar=("W", "H"))
    parser.add_argument("--model", default="identity")
    parser.add_argument("--join", type=float, default=0.0, help="share of the bytes that went by before")
    parser.add_argument("--drop", type=float, default=0.0, help="share of packets that are dropped")
    parser.add_argument("--end", type=float, default=1.0, help="share of the bytes after which nothing comes")
    parser.add_argument("--expected", type=int, default=0, help="bytes that a run without damage sends")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
