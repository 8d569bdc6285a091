"""The most memory a job of `lite` holds, by what the process does.

    python benchmarks/lite_memory.py CLIP [--against FOLDER] [--size 1920x1080] [--scale 2] [--frames 5]

CLIP's first frames are brought to the source size, the first and the last also to the output's, as keyframes;
`sparkvsr upscale --in-process` renders them in a process of its own. Prints a Markdown table of the largest
resident set in each phase, and of the whole process, in GB. FOLDER is another checkout, whose frames are
compared. Linux only: the kernel's own high-water mark is set back where a phase begins.

A worker keeps what it frees while it works (`storage/process_memory`), so that a phase holds what an earlier
one needed as well; with --giving-back it is given back at once, and a phase shows what it needs itself.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from printed_table import table

_HERE = Path(__file__).parents[1]
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_GIVING_BACK = "LITE_MEMORY_GIVING_BACK"
_BETWEEN = "anything else"
_LITE = "sparkvsr_engine.models.lite.restorer"
# Phases by what does them; names that a checkout does not have are left out.
_PHASES = (
    ("keyframe's file to its picture", "sparkvsr_engine.references.obtaining", "KeyframePictures", "obtain"),
    ("keyframe's file to its picture", "sparkvsr_engine.references.obtaining", "ReferenceDesk", "obtain"),
    ("keyframe made ready", _LITE, "LiteShot", "encode_keyframe"),
    ("source frame made ready", _LITE, "LiteShot", "encode_source"),
    ("prediction", _LITE, "LiteShot", "predict"),
    ("decoding", _LITE, "LiteShot", "decode"),
)


class PhasePeaks:
    """The largest resident set in each phase, bytes; phases within phases count for themselves."""

    def __init__(self) -> None:
        self.bytes: dict[str, int] = {}
        self._running = [_BETWEEN]

    def watched(self, phase: str, function: Callable[..., object]) -> Callable[..., object]:
        """The function, whose memory counts for a phase."""

        def run(*arguments: object, **options: object) -> object:
            self.count()
            self._running.append(phase)
            try:
                return function(*arguments, **options)
            finally:
                self.count()
                self._running.pop()

        return run

    def count(self) -> None:
        """Add what was held since the last call to what runs."""
        phase = self._running[-1]
        self.bytes[phase] = max(self.bytes.get(phase, 0), _high_water())
        _CLEAR.write_text("5", encoding="ascii")


def main() -> None:
    """Measure and print."""
    if len(sys.argv) > 1 and sys.argv[1] == "--render":
        _render(sys.argv[2:])
        return
    options = _parse()
    checkouts = {"this": _HERE, **({"the other": options.against} if options.against else {})}
    with tempfile.TemporaryDirectory(prefix="memory-") as name:
        folder = Path(name)
        _write_source(folder, options)
        peaks = {label: _measured(folder, label, checkout, options) for label, checkout in checkouts.items()}
        phases = [*dict.fromkeys(phase for of_one in peaks.values() for phase in of_one)]
        rows = [[phase, *(_gigabytes(of_one.get(phase)) for of_one in peaks.values())] for phase in phases]
        rows.append(["the whole process", *(_gigabytes(max(of_one.values())) for of_one in peaks.values())])
        print(table(["GB", *checkouts], rows))
        if options.against:
            results = [sorted((folder / label.replace(" ", "-")).glob("*.png")) for label in checkouts]
            same = [one.read_bytes() == two.read_bytes() for one, two in zip(*results, strict=True)]
            print(f"\n{sum(same)} of {len(same)} frames are equal")


def _render(words: list[str]) -> None:
    """In the child: the command under watch; the last line of its output is the peaks."""
    memory = _process_memory()
    if os.environ.get(_GIVING_BACK):
        setattr(memory, "keep_freed", lambda: False)  # noqa: B010 - a module of whichever checkout
    else:
        memory.keep_freed()
    peaks = PhasePeaks()
    for phase, module, owner, method in _PHASES:
        holder = getattr(importlib.import_module(module), owner, None)
        if holder is not None:
            setattr(holder, method, peaks.watched(phase, getattr(holder, method)))
    status = importlib.import_module("sparkvsr_engine.cli").main(words)
    peaks.count()
    print(json.dumps(peaks.bytes))
    sys.exit(status)


def _process_memory() -> ModuleType:
    """Where it lies now, or lay before."""
    for room in ("storage", "jobs"):
        name = f"sparkvsr_engine.{room}.process_memory"
        if importlib.util.find_spec(name) is not None:
            return importlib.import_module(name)
    raise SystemExit("This checkout has no process_memory.")


def _measured(folder: Path, label: str, checkout: Path, options: argparse.Namespace) -> dict[str, int]:
    target = folder / label.replace(" ", "-")
    last = options.frames - 1
    words = ["upscale", str(folder / "plate" / "%04d.png"), "-o", str(target / "%04d.png"), "--in-process"]
    words += ["--scale", str(options.scale), "--device", options.device]
    for frame in (0, last) if options.keyframes else ():
        words += ["--keyframe", f"{frame}={folder / f'key{frame}.png'}"]
    environment = {
        **os.environ,
        _GIVING_BACK: "1" if options.giving_back else "",
        "SPARKVSR_HOME": str(target.with_suffix(".home")),
        "PYTHONPATH": os.pathsep.join([str(checkout), str(checkout / "bridge")]),
    }
    order = [sys.executable, str(Path(__file__).absolute()), "--render", *words]
    run = subprocess.run(order, env=environment, check=True, capture_output=True, text=True, cwd=checkout)
    return json.loads(run.stdout.splitlines()[-1])


def _high_water() -> int:
    line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _gigabytes(count: int | None) -> str:
    return "" if count is None else f"{count / 1e9:.2f}"


def _write_source(folder: Path, options: argparse.Namespace) -> None:
    width, height = (int(side) for side in options.size.split("x"))
    (folder / "plate").mkdir()
    with av.open(str(options.clip)) as container:
        for number, frame in zip(range(options.frames), container.decode(video=0), strict=False):
            picture = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            _write(folder / "plate" / f"{number:04d}.png", picture, width, height)
            if number in (0, options.frames - 1):
                size = round(width * options.scale), round(height * options.scale)
                _write(folder / f"key{number}.png", picture, *size)


def _write(path: Path, picture: NDArray[np.uint8], width: int, height: int) -> None:
    how = cv2.INTER_AREA if picture.shape[1] > width else cv2.INTER_CUBIC
    cv2.imwrite(str(path), cv2.resize(picture, (width, height), interpolation=how))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", type=Path)
    parser.add_argument("--against", type=Path, help="another checkout of the project")
    parser.add_argument("--size", default="1920x1080", metavar="WxH")
    parser.add_argument("--scale", type=float, default=2.0)
    parser.add_argument("--frames", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--keyframes", type=int, choices=(0, 2), default=2)
    parser.add_argument("--giving-back", action="store_true", help="see above")
    return parser.parse_args()


if __name__ == "__main__":
    main()
