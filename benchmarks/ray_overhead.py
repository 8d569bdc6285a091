"""What spreading over a Ray cluster costs per chunk: a thousand chunks on devices that only wait.

`python benchmarks/ray_overhead.py --chunks 1000`; a cluster of this machine is started for it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bridge")]

from sparkvsr_bridge.media import SourceMedia  # noqa: E402
from sparkvsr_bridge.settings import JobSpec, OutputTarget, UpscaleSettings  # noqa: E402
from sparkvsr_engine.core.frames import FrameSpan  # noqa: E402
from sparkvsr_engine.core.geometry import Geometry  # noqa: E402
from sparkvsr_engine.core.windows import Chunk  # noqa: E402
from sparkvsr_engine.jobs.control import Control  # noqa: E402
from sparkvsr_engine.jobs.plans.plan import JobPlan  # noqa: E402
from sparkvsr_engine.jobs.spreading.cluster import ray_executor  # noqa: E402
from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport  # noqa: E402
from sparkvsr_engine.jobs.spreading.parts import Part  # noqa: E402
from sparkvsr_engine.jobs.spreading.spreading import Course, Spreader  # noqa: E402
from sparkvsr_engine.jobs.storage.records import FinishedChunk  # noqa: E402

SECONDS = 0.02


class WaitingDevice:
    """A device that takes the time of a chunk and makes nothing."""

    def __init__(self, device: str, threads: int) -> None:
        pass

    def sees(self, paths: list[str]) -> bool:
        """As a host that shares the engine's folders."""
        return bool(paths)

    def render(self, line: bytes, frames: tuple[int, int], job_files: object) -> Iterator[tuple[str, bytes]]:
        """Wait; report the part as one finished chunk."""
        del line, job_files
        time.sleep(SECONDS)
        yield "", PartReport(chunk=FinishedChunk(FrameSpan(*frames), "", False, ())).to_line()
        yield "", PartReport(passes=(0, 0)).to_line()


def order_of(span: FrameSpan, folder: Path) -> PartOrder:
    """An order of the size that a real one has."""
    spec = JobSpec(SourceMedia("/plate.mov"), OutputTarget(str(folder / "out.mov")), UpscaleSettings())
    geometry = Geometry.of_request(480, 270, 4.0, 0, 0)
    plan = JobPlan("source", span, (span,), geometry, (), "model", 1.0, "lock", 0, "sink")
    return PartOrder(str(folder), "job", 1, spec, plan, (), span, "")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=1000)
    options = parser.parse_args()
    ray_executor.DeviceActor = WaitingDevice  # type: ignore[assignment, misc]
    executor = ray_executor.RayExecutor("", 1)
    spans = [FrameSpan(15 * index, 15 * index + 15) for index in range(options.chunks)]
    parts = [Part((Chunk(index, span, (), ()),)) for index, span in enumerate(spans)]
    finished: set[int] = set()
    course = Course(
        Control(),
        lambda chunk: finished.add(chunk.span.start),
        lambda _run, _spared: None,
        lambda chunk: chunk.span.start in finished,
    )
    with tempfile.TemporaryDirectory() as folder:
        order = order_of(FrameSpan(0, spans[-1].stop), Path(folder))
        Spreader(executor, order, course, 3).run(parts[:8])
        places = executor.place_count()
        start = time.perf_counter()
        Spreader(executor, order, course, 3).run(parts)
        spent = time.perf_counter() - start
    executor.close()
    cost = 1000 * (spent * places / len(parts) - SECONDS)
    print(f"{len(parts)} chunks on {places} devices: {spent:.1f} s, {cost:.1f} ms a chunk beside its work")


if __name__ == "__main__":
    main()
