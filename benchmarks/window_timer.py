"""How quickly the window answers: `python benchmarks/window_timer.py MOVIE [--frames 500]`.

MOVIE: 60 s of 1920x1080 for the goals of docs/window.md; `--make` makes one of the demonstration clip.
Prints, as lines of JSON:

* `first_picture`: seconds from the start of the window's process to its first picture of the movie
* `scrubbing`: seconds from a wish to its picture, and the growth of memory, over frames all over the movie
* `slider`: seconds from a move of the guidance slider to its picture on the screen, result of 1920x1080;
  how much of it is the engine's; the processor time of each process, which holds on a busy machine too
* `gaps`: the longest gap of a 5 ms timer of the window's thread while a job renders and the playhead moves

Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "sparkvsr_engine" / "cli" / "demo_clip"
TIMER_MS = 5
SLIDES = 40
JOB_SECONDS = 20.0
PATIENCE_SECONDS = 600.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("movie", type=Path)
    parser.add_argument("--frames", type=int, default=500, help="how many frames are scrubbed")
    parser.add_argument("--make", action="store_true", help="make the movie first")
    parser.add_argument("--first-picture", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if options.make:
        make_movie(options.movie)
    if options.first_picture:
        show_first_picture(options.movie)
        return
    with tempfile.TemporaryDirectory(prefix="window-") as folder:
        measure_first_picture(options.movie, Path(folder))
        measure_window(options.movie, Path(folder), options.frames)


def make_movie(path: Path, count: int = 1440) -> None:
    """60 s of 1920x1080 at 24 frames a second, the demonstration clip to and fro."""
    import av

    with av.open(str(DEMO / "bunny.mp4")) as clip:
        frames = [frame.reformat(1920, 1080, "yuv420p") for frame in clip.decode(video=0)]
    order = [*range(len(frames)), *range(len(frames) - 1, -1, -1)]
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("libx264", rate=24, options={"preset": "veryfast", "g": "48"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for number in range(count):
            frame = frames[order[number % len(order)]]
            frame.pts = number
            frame.time_base = Fraction(1, 24)
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))


def report(kind: str, **values: object) -> None:
    """A line of JSON."""
    print(json.dumps({"kind": kind, **values}), flush=True)


def measure_first_picture(movie: Path, folder: Path) -> None:
    """Three starts of the window in a process of its own, each with a fresh home."""
    seconds = []
    for number in range(3):
        environment = {
            **os.environ,
            "SPARKVSR_HOME": str(folder / f"start {number}"),
            "PYTHONPATH": str(ROOT),
        }
        started = time.monotonic()
        command = [sys.executable, str(Path(__file__)), str(movie), "--first-picture"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        seconds.append(float(done.stdout.split()[-1]) - started)
        stop_engine(folder / f"start {number}")
    report("first_picture", seconds=[round(each, 3) for each in seconds])


def show_first_picture(movie: Path) -> None:
    """Start as `sparkvsr window MOVIE` does; print when the first picture was painted."""
    from sparkvsr_bridge.system.folders import home_folder
    from sparkvsr_window.start import make_model

    waking: list[Callable[[], None]] = []
    model = make_model(home_folder(), lambda: waking[0]() if waking else None)
    model.drop([str(movie)])
    from sparkvsr_window.widgets.application import make_application, make_window

    application = make_application()
    window = make_window(model, waking)
    window.show()
    wait(application.processEvents, lambda: is_shown(model))
    window.viewer.repaint()
    print(time.monotonic())
    window.close()


def measure_window(movie: Path, folder: Path, count: int) -> None:
    """Scrubbing, then the slider and the timer during a job, in one window."""
    from sparkvsr_window.start import make_model
    from sparkvsr_window.widgets.application import make_application, make_window

    application = make_application()
    waking: list[Callable[[], None]] = []
    model = make_model(folder / "home", lambda: waking[0]() if waking else None)
    window = make_window(model, waking)
    window.resize(1360, 820)
    window.show()
    try:
        model.drop([str(movie)])
        wait(application.processEvents, lambda: is_shown(model))
        measure_scrubbing(model, window, application.processEvents, count)
        small = Path(shutil.copy(DEMO / "bunny.mp4", folder / "bunny.mp4"))
        model.drop([str(small)])
        wait(application.processEvents, lambda: model.document.clip.path == str(small))
        measure_slider(model, window, application.processEvents)
        measure_gaps(model, window, application.processEvents)
    finally:
        window.close()
        stop_engine(folder / "home")


def measure_scrubbing(model, window, process, count: int) -> None:
    """Half in order, as a drag along the timeline, half all over the movie."""
    last = model.document.clip.info.last_frame
    draw = random.Random(1)
    places = [min(number * 2, last) for number in range(count // 2)]
    places += [draw.randint(0, last) for _ in range(count - len(places))]
    seconds, memory = [], []
    for number, frame in enumerate(places):
        started = time.perf_counter()
        model.player.go_to(frame)
        wait(process, lambda frame=frame: is_shown(model, frame))
        window.viewer.repaint()
        seconds.append(time.perf_counter() - started)
        if number % 20 == 19:
            memory.append(resident_bytes())
    half = len(memory) // 2
    report(
        "scrubbing",
        frames=count,
        **spread(seconds),
        megabytes_after_a_fifth=round(memory[len(memory) // 5] / 1e6, 1),
        megabytes_in_the_middle=round(memory[half] / 1e6, 1),
        megabytes_at_the_end=round(memory[-1] / 1e6, 1),
    )


def measure_slider(model, window, process) -> None:
    """The slider moved step by step; a picture counts once it is painted."""
    model.set_settings(scale=6.0)
    model.player.go_to(36)
    model.keyframes.set_picture(36, str(DEMO / "keyframe_36.jpg"))
    model.stage.show_preview()
    wait(process, lambda: previewed(model) is not None and model.preview.picture.stage == "full")
    width = model.preview.picture.picture.width
    seconds, engine_seconds = [], []
    processes = processes_of(model)
    before = {name: processor_seconds(process) for name, process in processes.items()}
    for step in range(SLIDES):
        value = 100 + (step % 2 * 2 - 1) * (step + 1)
        started = time.perf_counter()
        window.guidance.slider.setValue(value)
        wait(process, lambda value=value: previewed(model) == value / 100)
        window.viewer.repaint()
        seconds.append(time.perf_counter() - started)
        engine_seconds.append(model.preview.picture.seconds)
    processor = {
        name: round((processor_seconds(process) - before[name]) / SLIDES, 4)
        for name, process in processes.items()
    }
    # What of a move is the engine's own, by its clock; the rest is the way there and back, and painting.
    share = statistics.median(engine_seconds) / statistics.median(seconds)
    report(
        "slider",
        moves=SLIDES,
        width=width,
        **spread(seconds),
        engine_p50=round(statistics.median(engine_seconds), 4),
        engine_share=round(share, 2),
        processor_seconds_of_a_move=processor,
    )


def processes_of(model) -> dict[str, psutil.Process]:
    """The window, the engine's daemon and its worker."""
    from sparkvsr_bridge.messages import DescribeEngineRequest, EngineReply

    replies: list[EngineReply] = []
    model.core.link.run(lambda client: client.request(DescribeEngineRequest(), EngineReply), replies.append)
    wait(model.poll, lambda: replies)
    daemon = psutil.Process(replies[0].pid)
    workers = [child for child in daemon.children() if "worker" in " ".join(child.cmdline())]
    return {"window": psutil.Process(), "daemon": daemon, "worker": workers[0]}


def processor_seconds(process: psutil.Process) -> float:
    """Processor time a process has used."""
    times = process.cpu_times()
    return times.user + times.system


def measure_gaps(model, window, process) -> None:
    """A timer of 5 ms in the window's thread while a job renders, the playhead moves and panels are drawn."""
    from PySide6.QtCore import QTimer

    ticks: list[float] = []
    timer = QTimer(window)
    timer.setInterval(TIMER_MS)
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    model.stage.show_source()
    model.rendering.render()
    wait(
        process,
        lambda: model.rendering.current is not None and model.rendering.current.report.state == "running",
    )
    timer.start()
    until, frame = time.monotonic() + JOB_SECONDS, 0
    while time.monotonic() < until:
        process()
        frame = (frame + 1) % 72
        if frame % 8 == 0:
            model.player.go_to(frame)
        time.sleep(0.001)
    timer.stop()
    gaps = sorted(after - before for before, after in itertools.pairwise(ticks))
    state = model.rendering.current.report.state
    report(
        "gaps", seconds=JOB_SECONDS, ticks=len(ticks), longest=round(gaps[-1], 4), state=state, **spread(gaps)
    )


def is_shown(model, frame: int | None = None) -> bool:
    """Whether the frame in view, which must be this one, is there."""
    placed = model.pictures.placed(0) if model.document is not None else None
    return placed is not None and placed.picture is not None and (frame is None or placed.frame == frame)


def previewed(model) -> float | None:
    """The guidance of the preview that is shown."""
    picture = model.preview.picture
    return None if picture is None else picture.wish.document.settings.guidance


def wait(process: Callable[[], object], is_so: Callable[[], object]) -> None:
    """Process events until something is so."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > give_up:
            raise SystemExit("the window did not get there")
        process()
        time.sleep(0.001)


def spread(seconds: list[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    ordered = sorted(seconds)
    return {
        "p50": round(statistics.median(ordered), 4),
        "p95": round(ordered[int(len(ordered) * 0.95)], 4),
    }


def resident_bytes() -> int:
    """Memory of the window and the process that reads for it."""
    window = psutil.Process()
    readers = [each for each in window.children() if "sparkvsr_engine.viewing" in " ".join(each.cmdline())]
    return sum(each.memory_info().rss for each in (window, *readers))


def stop_engine(home: Path) -> None:
    """End the engine of a home folder."""
    environment = {**os.environ, "SPARKVSR_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "sparkvsr_engine", "stop"]
    subprocess.run(command, env=environment, check=False, capture_output=True)


if __name__ == "__main__":
    main()
