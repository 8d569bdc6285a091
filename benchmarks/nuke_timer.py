"""How long Nuke's main thread is held while a job's frames land: the longest gap of a 5 ms timer.

    python benchmarks/nuke_timer.py [--frames 72]

In the stand-in Nuke with its interface, the dock open, with the real engine and `lite`, a Read by path;
rendering a branch holds Nuke itself and is not counted. Gaps without a job come first: what the machine does
by itself.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bridge")]

from tests.fakes.engine_program import EngineProgram, engine_program  # noqa: E402
from tests.plugins.nuke import conftest  # noqa: E402 - the checkout is put on the path first
from tests.plugins.nuke.scenes import Scene, write_plate  # noqa: E402

INTERVAL_MS = 5
IDLE_SECONDS = 5.0


class Gaps:
    """Milliseconds between the ticks of a timer of Qt's."""

    def __init__(self) -> None:
        from sparkvsr_nuke.panel.qt import QtCore, QtWidgets

        self.milliseconds: list[float] = []
        self._last = time.perf_counter()
        self._application = QtWidgets.QApplication.instance()
        self._timer = QtCore.QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(INTERVAL_MS)

    def run(self, seconds: float) -> None:
        """Let Qt work for so long, as its own loop does: it sleeps between events."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self._application.processEvents()
            time.sleep(0.001)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.milliseconds.append((now - self._last) * 1000)
        self._last = now

    def row(self, name: str) -> str:
        """The percentiles, and a start anew."""
        ordered = sorted(self.milliseconds)
        shares = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99)]
        text = f"| {name} | {len(ordered)} | {shares[0]:.1f} | {shares[1]:.1f} | {ordered[-1]:.1f} |"
        self.milliseconds.clear()
        return text


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--frames", type=int, default=72)
    frames = parser.parse_args().frames
    last = 1000 + frames
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
        engine_program(Path(folder)) as engine,
    ):
        scene = _open(patch, Path(folder), engine)
        try:
            read = scene.read(write_plate(scene.folder / "plate.%04d.exr", range(1001, last + 1)), 1001, last)
            scene.save()
            scene.make_node(read)
            _open_dock()
            # The first job starts engine and worker; the second is measured.
            scene.upscale()
            gaps = Gaps()
            gaps.run(IDLE_SECONDS)
            print("| | ticks | p50 ms | p99 ms | longest ms |\n| --- | ---: | ---: | ---: | ---: |")
            print(gaps.row("no job"))
            # Another model and size: a second job like the first would be taken from the cache.
            scene.node["model"].setValue("lite")
            scene.node["scale"].setValue(2.0)
            _measure(scene, gaps)
            print(gaps.row(f"{frames} frames"))
        finally:
            conftest.close_scene()


def _measure(scene: Scene, gaps: Gaps) -> None:
    from sparkvsr_nuke.following import jobs
    from sparkvsr_nuke.node import script_nodes

    from tests.fakes.nuke import artist

    artist.click(scene.node, "sparkvsr_upscale")
    while True:
        gaps.run(0.2)
        state = script_nodes.state_of(scene.node)
        is_sent = not jobs.runtime().steps and not jobs.runtime().has_tasks
        is_open = any(job.is_open for version in state.versions for job in version.jobs)
        if is_sent and not is_open and not list(jobs.job_list().active()):
            return


def _open(patch: pytest.MonkeyPatch, folder: Path, engine: EngineProgram) -> Scene:
    patch.setenv("QT_QPA_PLATFORM", "offscreen")
    from sparkvsr_nuke.panel.qt import QtWidgets

    if QtWidgets.QApplication.instance() is None:
        _APPLICATION.append(QtWidgets.QApplication([]))
    return conftest.open_scene(patch, folder, engine)


_APPLICATION: list[object] = []


def _open_dock() -> None:
    from sparkvsr_nuke.panel.opening import NukeDock

    dock = NukeDock()
    dock.show()
    _APPLICATION.append(dock)


if __name__ == "__main__":
    main()
