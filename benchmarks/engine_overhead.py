"""What the engine costs beside the model: answers while it renders, and its speed against the model alone.

    python benchmarks/engine_overhead.py
    python benchmarks/engine_overhead.py --width 160 --height 90 --scale 2 --frames 96

Prints how long `status` takes for one of 20 clients while a job runs (median, 95th percentile), then, in
turns on the same frames, the engine's speed from its first frame to the joined movie and the restorer's own
with everything in memory.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from pathlib import Path

from engine_clips import JobRun, running_engine, settings_for, write_clip

from sparkvsr_bridge.messages import DescribeJobRequest, JobReply
from sparkvsr_bridge.process import EngineProcess

CLIENTS = 20
PAUSE_SECONDS = 0.1


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--width", type=int, default=480)
    parser.add_argument("--height", type=int, default=270)
    parser.add_argument("--scale", type=float, default=4.0)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_engine() as engine:
        place = Path(folder)
        clip = write_clip(place / "clip.mp4", options.frames, options.width, options.height)
        waits = status_latencies(engine, clip, place / "busy.mp4", options.scale)
        middle, high = 1000 * statistics.median(waits), 1000 * percentile(waits, 95)
        print(f"status, {CLIENTS} clients, a job running: median {middle:.1f} ms, p95 {high:.1f} ms", end="")
        print(f", worst {1000 * max(waits):.1f} ms ({len(waits)} answers)", flush=True)
        engine_rates, alone = [], []
        for number in range(options.rounds):
            alone.append(restorer_speed(clip, options.scale))
            engine_rates.append(engine_speed(engine, clip, place / f"{number}.mp4", options.scale, number))
            print(
                f"round {number + 1}: engine {engine_rates[-1]:.2f} frames/s, alone {alone[-1]:.2f}",
                flush=True,
            )
    engine_middle, alone_middle = statistics.median(engine_rates), statistics.median(alone)
    ratio = engine_middle / alone_middle
    size = f"{options.width}x{options.height} x{options.scale:g}"
    print(
        f"{size}: engine {engine_middle:.2f} frames/s, restorer alone {alone_middle:.2f}; ratio {ratio:.2f}"
    )
    print(f"share of time outside the model: {100 * (1 - ratio):.0f} %")


def status_latencies(engine: EngineProcess, clip: Path, target: Path, scale: float) -> list[float]:
    """Seconds until `status` was answered, asked by many clients in turn while frames are rendered."""
    waits: list[float] = []
    clients = [engine.ensure("benchmark") for _ in range(CLIENTS)]
    run = JobRun(clients[0]).begin(clip, target, settings_for(scale, 2, seed=1000))
    run.started.wait()

    def ask(number: int) -> None:
        while not run.done.wait(PAUSE_SECONDS):
            start = time.perf_counter()
            clients[number].request(DescribeJobRequest(run.job), JobReply)
            waits.append(time.perf_counter() - start)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.finish()
    for client in clients:
        client.close()
    return waits


def engine_speed(engine: EngineProcess, clip: Path, target: Path, scale: float, seed: int) -> float:
    """Frames per second from the first frame that was reported to the finished movie."""
    with engine.ensure("benchmark") as client:
        run = JobRun(client).begin(clip, target, settings_for(scale, 2, seed)).finish()
    return run.frames / (run.ended - run.rendering)


def restorer_speed(clip: Path, scale: float) -> float:
    """Frames per second of the model on frames in memory, keyframes ready, results thrown away."""
    from sparkvsr_bridge.media import SourceMedia
    from sparkvsr_engine.core.geometry import Geometry
    from sparkvsr_engine.jobs.control import Control
    from sparkvsr_engine.jobs.kernels import prepare_kernels
    from sparkvsr_engine.jobs.running.rendering import NoPredictionCache, ShotRenderer, windows_of
    from sparkvsr_engine.media.buffering.frames_in_memory import FramesInMemory
    from sparkvsr_engine.media.opening import open_source
    from sparkvsr_engine.media.pixels import to_float
    from sparkvsr_engine.media.probe import probe
    from sparkvsr_engine.models.base import Guidance, KeyframePicture, ShotSettings
    from sparkvsr_engine.models.lite.opening import open_lite
    from sparkvsr_engine.references.preparing import resize_to

    prepare_kernels(0)
    info = probe(SourceMedia(str(clip)))
    source = open_source(info)
    frames = {number: to_float(source.read(number).pixels) for number in info.span}
    source.close()

    geometry = Geometry.of_request(info.width, info.height, scale, 0, 0)
    keyed = [len(info.span) // 4, 3 * len(info.span) // 4]
    restorer = open_lite("auto")
    chunks = restorer.plan(info.span, info.span, keyed, geometry)
    pictures = {
        number: KeyframePicture(
            number, resize_to(frames[number], geometry.width, geometry.height), str(number)
        )
        for number in keyed
    }
    shot = restorer.open_shot(FramesInMemory(frames, info.span), geometry, ShotSettings(), lambda: False)
    renderer = ShotRenderer(shot, windows_of(chunks), pictures.__getitem__, NoPredictionCache(), Control())
    restored = (frame for chunk in chunks for frame in renderer.render(chunk, Guidance()))
    next(restored)
    start = time.monotonic()
    count = sum(1 for _ in restored)
    rate = count / (time.monotonic() - start)
    renderer.close()
    restorer.close()
    return rate


def percentile(values: list[float], share: int) -> float:
    """The value that so many percent stay below."""
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


if __name__ == "__main__":
    main()
